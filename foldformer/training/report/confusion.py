"""Which labels a model takes for which."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from foldformer.data import Instance, LabelField, SequenceLabelField
from foldformer.models import Model

_BATCH = 16


class Confusion:
    """Counts pairs of a true and a predicted label."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    @property
    def labels(self) -> list[str]:
        """Every label that is true or predicted somewhere."""
        return sorted({label for pair in self.counts for label in pair})

    def add(self, instance: Instance, outputs: dict[str, object]) -> None:
        """Count one instance, if its labels and those predicted can be told."""
        for field in instance.fields.values():
            if isinstance(field, LabelField) and isinstance(outputs.get("label"), str):
                self.counts[str(field.label), str(outputs["label"])] += 1
            tags = outputs.get("tags")
            if isinstance(field, SequenceLabelField) and isinstance(tags, Sequence):
                self.counts.update(zip(map(str, field.labels), map(str, tags), strict=False))


def count_confusion(model: Model, instances: Iterable[Instance], most: int = 5_000) -> Confusion:
    """Predict for instances and compare with what is true.

    Args:
        model: Predicts `label` or `tags`. Is not asked about instances without labels: it may be one that takes them
            one by one only.
        instances: Those to look at.
        most: Look at no more than this many.
    """
    confusion, rest = Confusion(), filter(_has_labels, islice(instances, most))
    while batch := list(islice(rest, _BATCH)):
        for instance, outputs in zip(batch, model.forward_on_instances(batch), strict=True):
            confusion.add(instance, outputs)
    return confusion


def _has_labels(instance: Instance) -> bool:
    return any(isinstance(field, LabelField | SequenceLabelField) for field in instance.fields.values())
