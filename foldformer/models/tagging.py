"""What the taggers share: metrics under AllenNLP's names."""

from collections.abc import Iterator, Mapping
from typing import Any

from overrides import overrides
from torch import Tensor

from foldformer.config import Problem, refuse
from foldformer.models.metrics import CategoricalAccuracy, FBetaVerboseMeasure, Metric, SpanBasedF1Measure
from foldformer.nn.crf import LabelEncoding
from foldformer.text import Vocabulary


class TaggingMetrics(Metric):
    """Accuracy of single tags, also among the three best, and where wanted scores of spans or of classes."""

    def __init__(
        self,
        vocab: Vocabulary,
        label_namespace: str,
        span_encoding: LabelEncoding | None,
        is_verbose: bool,
        class_scores: bool = False,
    ) -> None:
        """Build.

        Args:
            vocab: The vocabulary.
            label_namespace: Namespace of the tags.
            span_encoding: How tags stand for spans; None: no scores of spans.
            is_verbose: Give the scores of each entity too.
            class_scores: Give precision, recall and F1 of each tag.
        """
        self._of_tags: dict[str, Metric] = {
            "accuracy": CategoricalAccuracy(),
            "accuracy3": CategoricalAccuracy(top_k=3),
        }
        self._is_verbose = is_verbose
        self._of_spans: SpanBasedF1Measure | None = None
        if span_encoding is not None:
            self._of_spans = SpanBasedF1Measure(vocab, label_namespace, label_encoding=span_encoding)
        names = vocab.get_index_to_token_vocabulary(label_namespace)
        self._of_classes = FBetaVerboseMeasure(index_to_label=names) if class_scores else None
        self._has_batch = False

    @overrides
    def __call__(self, predictions: Tensor, gold_labels: Tensor, mask: Tensor | None = None) -> None:
        """Add a batch.

        Args:
            predictions: Scores of each tag. (batch, positions, tags)
            gold_labels: True tags. (batch, positions)
            mask: True where real; None: everywhere. (batch, positions)
        """
        for metric in self._every():
            metric(predictions, gold_labels, mask)
        self._has_batch = True

    @overrides
    def get_metric(self, reset: bool = False) -> dict[str, float]:
        """Compute all metrics by name."""
        metrics: dict[str, Any] = {name: metric.get_metric(reset) for name, metric in self._of_tags.items()}
        if self._of_spans is not None:
            spans = self._of_spans.get_metric(reset)
            metrics |= {name: value for name, value in spans.items() if self._is_verbose or name.endswith("-overall")}
        if self._of_classes is not None and self._has_batch:
            metrics |= self._of_classes.get_metric(reset)
        self._has_batch = self._has_batch and not reset
        return metrics

    @overrides
    def reset(self) -> None:
        """Forget all batches."""
        for metric in self._every():
            metric.reset()
        self._has_batch = False

    def _every(self) -> list[Metric]:
        every = [*self._of_tags.values(), self._of_spans, self._of_classes]
        return [metric for metric in every if metric is not None]


def span_encoding(calculate_span_f1: bool | None, label_encoding: LabelEncoding | None) -> LabelEncoding | None:
    """Decide whether spans are scored.

    Args:
        calculate_span_f1: Whether to; None: if there is an encoding.
        label_encoding: How tags stand for spans.

    Returns:
        The encoding to score with, or None.

    Raises:
        ConfigurationError: Spans are wanted and there is no encoding.
    """
    require_encoding("calculate_span_f1", calculate_span_f1, label_encoding)
    return None if calculate_span_f1 is False else label_encoding


def require_encoding(key: str, wanted: bool | None, label_encoding: LabelEncoding | None) -> None:
    """Check that an option has the encoding that it needs.

    Raises:
        ConfigurationError: It has not.
    """
    refuse(problems_of_encoding({key: wanted, "label_encoding": label_encoding}))


def problems_of_encoding(block: Mapping[str, Any]) -> Iterator[Problem]:
    """Find options of a tagger that need an encoding, where its block has none."""
    for key in ("calculate_span_f1", "constrain_crf_decoding"):
        if block.get(key) and not block.get("label_encoding"):
            yield Problem(key, 'got true without label_encoding; expected "BIO", "IOB1", "BIOUL" or "BMES" there')


def words_of(metadata: list[dict[str, Any]]) -> list[Any]:
    """Take the words that a reader put into the metadata."""
    return [each["words"] for each in metadata]
