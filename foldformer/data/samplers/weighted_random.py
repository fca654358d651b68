"""Batches in which rare labels are not rare."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from overrides import overrides

from foldformer.config import AtLeastOne, ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of
from foldformer.data.fields import LabelField
from foldformer.data.instance import Instance
from foldformer.data.samplers.batch_sampler import BatchSampler, FixedSizeBatchSampler


@BatchSampler.register("weighted_random")
class WeightedRandomBatchSampler(FixedSizeBatchSampler):
    """Draw as many instances as there are, with replacement, each with a chance that its label decides.

    Args:
        batch_size: Instances in a batch.
        weights: Relative chance of an instance by its label. By default that of each label divided by its frequency, so
            that all labels come equally often.
        label_field: The LabelField that holds the label.
        drop_last: Leave the last batch out if it is smaller.

    Raises:
        ConfigurationError: `batch_size` is below 1, or a weight is negative.
    """

    def __init__(
        self,
        batch_size: AtLeastOne,
        weights: Mapping[str, float] | None = None,
        label_field: str = "label",
        drop_last: bool = False,
    ) -> None:
        super().__init__(batch_size, drop_last)
        negative = [f"{label}: {weight}" for label, weight in (weights or {}).items() if weight < 0]
        if negative:
            raise ConfigurationError(f"weights: got {', '.join(negative)}; expected 0 or more")
        self.weights = None if weights is None else dict(weights)
        self.label_field = label_field

    @overrides
    def get_batch_indices(self, instances: Sequence[Instance]) -> Iterable[list[int]]:
        labels = [self._label(instance) for instance in instances]
        weights = self.weights
        if weights is None:
            weights = {label: 1 / count for label, count in Counter(labels).items()}
        unknown = sorted(set(labels) - weights.keys())
        if unknown:
            raise ConfigurationError(
                f"weights: got none for {one_of(unknown, 'and')}; expected one for every label"
                f"{did_you_mean(unknown[0], weights)}"
            )
        return self._cut(random.choices(range(len(labels)), [weights[label] for label in labels], k=len(labels)))

    def _label(self, instance: Instance) -> str:
        field = instance.fields.get(self.label_field)
        if not isinstance(field, LabelField):
            raise ConfigurationError(
                f'label_field: got "{self.label_field}"; expected a LabelField among the fields '
                f"{one_of(list(instance.fields), 'and')}{did_you_mean(self.label_field, instance.fields)}"
            )
        return str(field.label)
