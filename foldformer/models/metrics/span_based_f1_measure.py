"""Precision, recall and F1 of spans that are written as tags."""

from collections.abc import Callable, Collection, Sequence

from overrides import overrides
from torch import Tensor

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean
from foldformer.data.tag_spans import TAG_LETTERS, read_spans
from foldformer.models.metrics.metric import Metric, check_labels
from foldformer.models.metrics.span_scores import SpanScores
from foldformer.nn.crf import LabelEncoding
from foldformer.text import Vocabulary

TypedSpan = tuple[str, tuple[int, int]]
TagsToSpans = Callable[[list[str], list[str]], Collection[TypedSpan]]

CONTINUES = "C-"
"""What PropBank puts before the role of a span that continues an earlier one."""


@Metric.register("span_f1")
class SpanBasedF1Measure(SpanScores):
    """Score the spans that tags stand for: one is right if its words and its entity are.

    Gives `precision-overall`, `recall-overall` and `f1-measure-overall`, and the same for each entity that was seen,
    such as `f1-measure-PER`. A badly written span counts as predicted, so that a tagger gains nothing by
    writing it badly. The words of spans such as `ARG1` and `C-ARG1` are taken together.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        tag_namespace: str = "tags",
        ignore_classes: list[str] | None = None,
        label_encoding: LabelEncoding | None = "BIO",
        tags_to_spans_function: TagsToSpans | None = None,
    ) -> None:
        """Build.

        Args:
            vocabulary: Has the tags.
            tag_namespace: Namespace of the tags.
            ignore_classes: Entities that count as outside.
            label_encoding: "BIO", "IOB1", "BIOUL" or "BMES"; None: `tags_to_spans_function` knows.
            tags_to_spans_function: Takes tags and the entities to ignore, gives (entity, (first, last)).

        Raises:
            ConfigurationError: Not exactly one of the last two is given, there is no such encoding, or a tag of the
                vocabulary is not written in it.
        """
        if (label_encoding is None) == (tags_to_spans_function is None):
            raise ConfigurationError(
                f"label_encoding: got {label_encoding!r} and tags_to_spans_function {tags_to_spans_function!r}; "
                "expected one of them, and null for the other"
            )
        self._tags = vocabulary.get_index_to_token_vocabulary(tag_namespace)
        if label_encoding is not None:
            _check_encoding(label_encoding, list(self._tags.values()), tag_namespace)
        self._label_encoding = label_encoding
        self._tags_to_spans_function = tags_to_spans_function
        self._ignore_classes = ignore_classes or []
        super().__init__()

    @overrides(check_signature=False)
    def __call__(
        self,
        predictions: Tensor,
        gold_labels: Tensor,
        mask: Tensor | None = None,
        prediction_map: Tensor | None = None,
    ) -> None:
        """Add a batch.

        Args:
            predictions: Scores of the tags. (batch, positions, tags)
            gold_labels: True tags. (batch, positions)
            mask: True where real; None: everywhere. (batch, positions)
            prediction_map: For each row, the vocabulary's tag for each tag of `predictions`. (batch, tags)

        Raises:
            ValueError: A label is no tag.
        """
        check_labels("span_f1", gold_labels, predictions.size(-1))
        predicted, gold = predictions.detach().argmax(dim=-1), gold_labels.long()
        if prediction_map is not None:
            predicted, gold = prediction_map.gather(1, predicted), prediction_map.gather(1, gold)
        lengths = [gold.size(1)] * len(gold) if mask is None else mask.long().sum(dim=1).tolist()
        for row, true_row, length in zip(predicted.tolist(), gold.tolist(), lengths, strict=True):
            self._count(self._spans(row[:length]), self._spans(true_row[:length]))

    def _spans(self, tags: Sequence[int]) -> set[TypedSpan]:
        names = [self._tags[tag] for tag in tags]
        if self._tags_to_spans_function is not None:
            return _continued_joined(set(self._tags_to_spans_function(names, self._ignore_classes)))
        assert self._label_encoding is not None
        return _continued_joined(set(read_spans(names, self._label_encoding, self._ignore_classes)))


def _continued_joined(spans: set[TypedSpan]) -> set[TypedSpan]:
    for continued in [entity.removeprefix(CONTINUES) for entity, _ in spans if entity.startswith(CONTINUES)]:
        parts = {span for span in spans if continued in span[0]}
        whole = (min(first for _, (first, _) in parts), max(last for _, (_, last) in parts))
        spans = (spans - parts) | {(continued, whole)}
    return spans


def _check_encoding(label_encoding: str, tags: Sequence[str], namespace: str) -> None:
    if label_encoding not in TAG_LETTERS:
        expected = ", ".join(f'"{name}"' for name in TAG_LETTERS)
        nearest = did_you_mean(label_encoding, TAG_LETTERS)
        raise ConfigurationError(f'label_encoding: got "{label_encoding}"; expected one of {expected}{nearest}')
    letters = TAG_LETTERS[label_encoding]
    wrong = [tag for tag in tags if not tag.startswith(("@@", *letters))]
    if wrong:
        raise ConfigurationError(
            f'label_encoding: got "{label_encoding}", but the namespace {namespace!r} has the tag {wrong[0]!r}; '
            f"expected tags that begin with {', '.join(letters)}"
        )
