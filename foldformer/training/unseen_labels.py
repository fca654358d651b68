"""Labels that validation has and training never shows."""

from collections import defaultdict
from collections.abc import Iterator

from foldformer.config.nearest import one_of
from foldformer.data import Field, Instance, LabelField, SequenceLabelField
from foldformer.training.errors import wrong_at


class LabelWatch:
    """Looks at the labels of all data while the vocabulary is counted."""

    def __init__(self) -> None:
        # part -> name of the field -> label -> how often
        self._seen: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))

    def see(self, instance: Instance, part: str) -> None:
        """Note the labels of an instance.

        Args:
            instance: The instance.
            part: "train", "validation" or "test".
        """
        for name, field in instance.fields.items():
            for label in _labels(field):
                self._seen[part][name][label] += 1

    def check(self) -> None:
        """Compare the parts.

        Raises:
            ConfigurationError: A label is in another part and not in the training data.
        """
        if "train" not in self._seen:
            return
        for part in [each for each in self._seen if each != "train"]:
            for field, counts in self._seen[part].items():
                known = self._seen["train"][field]
                unseen = sorted(counts.keys() - known.keys())
                if unseen:
                    raise wrong_at(
                        f"{part}_data_path",
                        f"got the labels {one_of(unseen, 'and')} in {field} "
                        f"({sum(counts[label] for label in unseen)} times), which training never shows; expected "
                        f'{one_of(sorted(known))}. Correct the data, or say "unseen_labels": "allow" in the file',
                    )


def _labels(field: Field[object]) -> Iterator[str]:
    if isinstance(field, LabelField) and isinstance(field.label, str):
        yield field.label
    elif isinstance(field, SequenceLabelField):
        yield from (label for label in field.labels if isinstance(label, str))
