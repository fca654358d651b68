"""The lengths that instances are sorted by."""

import random
from collections.abc import Iterable, Sequence
from itertools import islice

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of
from foldformer.data.fields import LabelField, MetadataField
from foldformer.data.instance import Instance

_NUM_PROBES = 12
_NEVER_PADDED = (LabelField, MetadataField)


def find_sorting_keys(instances: Iterable[Instance]) -> list[str]:
    """Find the field that is longest in the first instances.

    Raises:
        ConfigurationError: No field of theirs has a length.
    """
    longest: tuple[int, str | None] = (0, None)
    for instance in islice(instances, _NUM_PROBES):
        for name, field in instance.fields.items():
            if not isinstance(field, _NEVER_PADDED) and len(field) > longest[0]:
                longest = (len(field), name)
    if longest[1] is None:
        raise ConfigurationError(
            f"sorting_keys: got none, and the first {_NUM_PROBES} instances have no field with a length; "
            "expected the names of fields to sort by"
        )
    return [longest[1]]


def lengths_of(instance: Instance, sorting_keys: Sequence[str]) -> list[int]:
    """The lengths of some fields of an instance.

    Raises:
        ConfigurationError: It has no such field.
    """
    missing = [key for key in sorting_keys if key not in instance.fields]
    if missing:
        raise ConfigurationError(
            f'sorting_keys: got "{missing[0]}"; expected names among the fields '
            f"{one_of(list(instance.fields), 'and')}{did_you_mean(missing[0], instance.fields)}"
        )
    return [len(instance.fields[key]) for key in sorting_keys]


def noisy_lengths(instances: Iterable[Instance], sorting_keys: Sequence[str], noise: float) -> list[list[float]]:
    """The lengths of some fields of each instance, changed at random by up to a fraction `noise` of themselves."""
    return [
        [length + random.uniform(-length * noise, length * noise) for length in lengths_of(instance, sorting_keys)]
        for instance in instances
    ]


def order_of(lengths: Sequence[list[float]]) -> list[int]:
    """Positions by rising length; equal ones stay in order."""
    return sorted(range(len(lengths)), key=lengths.__getitem__)
