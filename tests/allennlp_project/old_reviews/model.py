from typing import Any, Dict, List, Optional

import torch
from allennlp.data import TextFieldTensors, Vocabulary
from allennlp.models.model import Model
from allennlp.modules import FeedForward, Seq2VecEncoder, TextFieldEmbedder
from allennlp.nn import InitializerApplicator, RegularizerApplicator, util
from allennlp.training.metrics import CategoricalAccuracy, FBetaMeasure
from overrides import overrides

from old_reviews.metric import WorstRecall


@Model.register("old-review-classifier")
class ReviewClassifier(Model):
    """Embeds a review, encodes it as one vector, and tells its kind."""

    default_predictor = "old-reviews"

    def __init__(
        self,
        vocab: Vocabulary,
        text_field_embedder: TextFieldEmbedder,
        encoder: Seq2VecEncoder,
        feedforward: Optional[FeedForward] = None,
        dropout: float = 0.0,
        initializer: InitializerApplicator = InitializerApplicator(),
        regularizer: Optional[RegularizerApplicator] = None,
    ) -> None:
        super().__init__(vocab, regularizer)
        self._embedder = text_field_embedder
        self._encoder = encoder
        self._feedforward = feedforward
        width = feedforward.get_output_dim() if feedforward is not None else encoder.get_output_dim()
        num_kinds = vocab.get_vocab_size("kind_labels")
        self._dropout = torch.nn.Dropout(dropout)
        self._to_kinds = torch.nn.Linear(width, num_kinds)
        self._loss = torch.nn.CrossEntropyLoss()
        self.metrics = {"accuracy": CategoricalAccuracy(), "worst_recall": WorstRecall(num_kinds)}
        self._f1 = FBetaMeasure(average="macro")
        initializer(self)

    @overrides
    def forward(
        self,  # type: ignore
        review: TextFieldTensors,
        metadata: List[Dict[str, Any]],
        kind: Optional[torch.LongTensor] = None,
    ) -> Dict[str, torch.Tensor]:
        mask = util.get_text_field_mask(review)
        encoded = self._dropout(self._encoder(self._embedder(review), mask))
        if self._feedforward is not None:
            encoded = self._feedforward(encoded)
        logits = self._to_kinds(encoded)
        output_dict = {"logits": logits, "probs": torch.softmax(logits, dim=-1)}
        output_dict["words"] = [each["words"] for each in metadata]
        if kind is not None:
            output_dict["loss"] = self._loss(logits, kind.long().view(-1))
            for metric in self.metrics.values():
                metric(logits, kind)
            self._f1(logits, kind)
        return output_dict

    @overrides
    def make_output_human_readable(self, output_dict: Dict[str, torch.Tensor]) -> Dict[str, torch.Tensor]:
        best = output_dict["probs"].argmax(dim=-1)
        output_dict["kind"] = [self.vocab.get_token_from_index(int(index), namespace="kind_labels") for index in best]
        return output_dict

    @overrides
    def get_metrics(self, reset: bool = False) -> Dict[str, float]:
        metrics = {name: metric.get_metric(reset) for name, metric in self.metrics.items()}
        metrics["f1"] = self._f1.get_metric(reset)["fscore"]
        return metrics
