"""One label for each pair of texts, by matching them position by position."""

from typing import Any

import torch
from overrides import overrides
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from foldformer.config import Fraction
from foldformer.data import TextFieldTensors
from foldformer.models.metrics import CategoricalAccuracy
from foldformer.models.model import Model, ModelOutput, check_same_width
from foldformer.models.text_field_embedder import TextFieldEmbedder
from foldformer.nn import FeedForward, InitializerApplicator, Seq2SeqEncoder, Seq2VecEncoder, get_text_field_mask
from foldformer.nn.bimpm_matching import BiMpmMatching
from foldformer.text import Vocabulary


@Model.register("bimpm")
class BiMpm(Model):
    """Match two texts in the vectors of their words and in both directions of two encoders, and score each label.

    `tokens -> embedder -> encoder1 -> encoder2`, a matcher after the embedder and two, forward and backward, after each
    encoder; all matches `-> aggregator -> feed-forward`.

    Source: Wang, Hamza and Florian, Bilateral multi-perspective matching for natural language sentences, 2017.
    """

    default_predictor = "textual_entailment"

    def __init__(
        self,
        vocab: Vocabulary,
        text_field_embedder: TextFieldEmbedder,
        matcher_word: BiMpmMatching,
        encoder1: Seq2SeqEncoder,
        matcher_forward1: BiMpmMatching,
        matcher_backward1: BiMpmMatching,
        encoder2: Seq2SeqEncoder,
        matcher_forward2: BiMpmMatching,
        matcher_backward2: BiMpmMatching,
        aggregator: Seq2VecEncoder,
        classifier_feedforward: FeedForward,
        dropout: Fraction = 0.1,
        initializer: InitializerApplicator | None = None,
        **kwargs: Any,
    ) -> None:
        """Build.

        Args:
            vocab: The vocabulary; in a configuration it comes from outside.
            text_field_embedder: Gives the tokens their vectors.
            matcher_word: Matches these.
            encoder1: Encodes them; the first half of its output reads forward, the second backward.
            matcher_forward1: Matches the first half.
            matcher_backward1: Matches the second half.
            encoder2: Encodes the output of the first.
            matcher_forward2: Matches the first half of that.
            matcher_backward2: Matches the second half.
            aggregator: Makes one vector of the matches of a text.
            classifier_feedforward: Scores the labels from the vectors of both texts.
            dropout: Dropout after each part.
            initializer: Fills parameters with their first values.
            **kwargs: Go to `Model`.

        Raises:
            ConfigurationError: The aggregator does not take vectors as wide as all matches.
        """
        super().__init__(vocab, **kwargs)
        self.text_field_embedder = text_field_embedder
        self.matcher_word = matcher_word
        self.encoder1, self.encoder2 = encoder1, encoder2
        self.matcher_forward1, self.matcher_backward1 = matcher_forward1, matcher_backward1
        self.matcher_forward2, self.matcher_backward2 = matcher_forward2, matcher_backward2
        self.aggregator = aggregator
        self.classifier_feedforward = classifier_feedforward
        matchers = (matcher_word, matcher_forward1, matcher_backward1, matcher_forward2, matcher_backward2)
        width = sum(each.get_output_dim() for each in matchers)
        check_same_width(width, aggregator.get_input_dim(), "all matchers", "aggregator")
        self.dropout = nn.Dropout(dropout)
        self._accuracy = CategoricalAccuracy()
        if initializer is not None:
            initializer(self)

    @overrides(check_signature=False)
    def forward(
        self,
        premise: TextFieldTensors,
        hypothesis: TextFieldTensors,
        label: Tensor | None = None,
        metadata: Any = None,
    ) -> ModelOutput:
        """Score the labels.

        Args:
            premise: From a text field.
            hypothesis: From a text field.
            label: True labels, int64. (batch,)
            metadata: Not used.

        Returns:
            `logits` and `label_probs` (batch, labels), and with labels `loss`.
        """
        del metadata
        masks = get_text_field_mask(premise), get_text_field_mask(hypothesis)
        matches = self._matches(self._layers(premise, masks[0]), self._layers(hypothesis, masks[1]), *masks)
        pooled = (self.aggregator(self.dropout(each), mask) for each, mask in zip(matches, masks, strict=True))
        logits = self.classifier_feedforward(torch.cat([self.dropout(each) for each in pooled], dim=-1))
        output: ModelOutput = {"logits": logits, "label_probs": logits.softmax(dim=-1)}
        if label is not None:
            output["loss"] = cross_entropy(logits, label)
            self._accuracy(logits, label)
        return output

    def _layers(self, text: TextFieldTensors, mask: Tensor) -> list[Tensor]:
        """What each of the five matchers sees of a text."""
        embedded = self.dropout(self.text_field_embedder(text))
        first = self.dropout(self.encoder1(embedded, mask))
        second = self.dropout(self.encoder2(first, mask))
        return [embedded, *_halves(first), *_halves(second)]

    def _matches(
        self, premise: list[Tensor], hypothesis: list[Tensor], mask: Tensor, other_mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """All matches of each position of both texts, beside each other."""
        matchers = [self.matcher_word, self.matcher_forward1, self.matcher_backward1]
        matchers += [self.matcher_forward2, self.matcher_backward2]
        own: list[Tensor] = []
        others: list[Tensor] = []
        for matcher, first, second in zip(matchers, premise, hypothesis, strict=True):
            of_first, of_second = matcher(first, mask, second, other_mask)
            own += of_first
            others += of_second
        return torch.cat(own, dim=2), torch.cat(others, dim=2)

    @overrides
    def make_output_human_readable(self, output_dict: ModelOutput) -> ModelOutput:
        """Add the best label of each pair as `label`."""
        labels = self.vocab.get_index_to_token_vocabulary("labels")
        best = output_dict["label_probs"].argmax(dim=-1).tolist()
        output_dict["label"] = [labels.get(index, str(index)) for index in best]
        return output_dict

    @overrides
    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        """Compute `accuracy`."""
        return {"accuracy": self._accuracy.get_metric(reset)}


def _halves(encoded: Tensor) -> tuple[Tensor, Tensor]:
    half = encoded.size(-1) // 2
    return encoded[..., :half], encoded[..., half:]
