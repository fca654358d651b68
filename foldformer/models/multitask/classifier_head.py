"""One label for each text, from what a backbone encoded."""

from overrides import overrides
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from foldformer.config import AtLeastOne, Fraction
from foldformer.models.metrics import CategoricalAccuracy
from foldformer.models.model import ModelOutput, check_same_width, count_labels
from foldformer.models.multitask.head import Head
from foldformer.nn import FeedForward, Seq2VecEncoder
from foldformer.text import Vocabulary


@Head.register("classifier")
class ClassifierHead(Head):
    """Encode the backbone's vectors into one, and score each label by a linear layer.

    `encoded_text -> seq2vec encoder [-> dropout] [-> feed-forward] -> linear`
    """

    default_predictor = "text_classifier"

    def __init__(
        self,
        vocab: Vocabulary,
        seq2vec_encoder: Seq2VecEncoder,
        feedforward: FeedForward | None = None,
        input_dim: AtLeastOne | None = None,
        dropout: Fraction | None = None,
        num_labels: AtLeastOne | None = None,
        label_namespace: str = "labels",
    ) -> None:
        """Build.

        Args:
            vocab: The vocabulary; in a configuration it comes from outside.
            seq2vec_encoder: Makes one vector of those of the backbone.
            feedforward: Follows after that.
            input_dim: Width of that one vector; None: as the encoder says.
            dropout: Dropout on that one vector; fraction in [0, 1).
            num_labels: How many labels; None: as many as the vocabulary has.
            label_namespace: Namespace of the labels.

        Raises:
            ConfigurationError: There are no labels, or one part does not take vectors as wide as the one before gives.
        """
        super().__init__(vocab)
        self._seq2vec_encoder = seq2vec_encoder
        self._dropout = nn.Dropout(dropout) if dropout else None
        self._feedforward = feedforward
        width = input_dim or seq2vec_encoder.get_output_dim()
        if feedforward is not None:
            check_same_width(width, feedforward.get_input_dim(), "seq2vec_encoder", "feedforward")
            width = feedforward.get_output_dim()
        self._label_namespace = label_namespace
        self._classification_layer = nn.Linear(width, num_labels or count_labels(vocab, label_namespace))
        self._accuracy = CategoricalAccuracy()

    @overrides(check_signature=False)
    def forward(self, encoded_text: Tensor, encoded_text_mask: Tensor, label: Tensor | None = None) -> ModelOutput:
        """Score the labels.

        Args:
            encoded_text: From the backbone. (batch, tokens, dim)
            encoded_text_mask: True where real. (batch, tokens)
            label: True labels, int64. (batch,) or (batch, 1)

        Returns:
            `logits` and `probs` (batch, labels), and with labels `loss`.
        """
        text = self._seq2vec_encoder(encoded_text, mask=encoded_text_mask)  # (batch, dim)
        if self._dropout is not None:
            text = self._dropout(text)
        if self._feedforward is not None:
            text = self._feedforward(text)
        logits: Tensor = self._classification_layer(text)
        output: ModelOutput = {"logits": logits, "probs": logits.softmax(dim=-1)}
        if label is not None:
            gold = label.long().view(-1)
            output["loss"] = cross_entropy(logits, gold)
            self._accuracy(logits, gold)
        return output

    @overrides
    def make_output_human_readable(self, output_dict: ModelOutput) -> ModelOutput:
        """Add the best label of each text as `label`."""
        labels = self.vocab.get_index_to_token_vocabulary(self._label_namespace)
        best = output_dict["probs"].argmax(dim=-1).tolist()
        output_dict["label"] = [labels.get(index, str(index)) for index in best]
        return output_dict

    @overrides
    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        """Compute `accuracy`."""
        return {"accuracy": self._accuracy.get_metric(reset)}
