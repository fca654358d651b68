"""Iterables in groups, in a shuffled order, again and again."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

Item = TypeVar("Item")
Key = TypeVar("Key")


def lazy_groups_of(iterable: Iterable[Item], group_size: int) -> Iterator[list[Item]]:
    """Yield lists of so many items, the last one perhaps shorter; no more is read than is asked for."""
    items = iter(iterable)
    while group := list(islice(items, group_size)):
        yield group


def group_by_count(iterable: Iterable[Any], count: int, default_value: Any) -> list[list[Any]]:
    """Cut into lists of so many items, the last one filled up."""
    return [group + [default_value] * (count - len(group)) for group in lazy_groups_of(iterable, count)]


def ensure_list(iterable: Iterable[Item]) -> list[Item]:
    """Return a list as it is, and anything else as a list."""
    return iterable if isinstance(iterable, list) else list(iterable)


def is_lazy(iterable: Iterable[Any]) -> bool:
    """Say whether something is anything but a list."""
    return not isinstance(iterable, list)


def shuffle_iterable(i: Iterable[Item], pool_size: int = 1024) -> Iterator[Item]:
    """Yield items in a random order, of which so many are held at a time: none comes much too early."""
    items = iter(i)
    pool = list(islice(items, pool_size))
    for item in items:
        place = random.randrange(len(pool))
        yield pool[place]
        pool[place] = item
    random.shuffle(pool)
    yield from pool


def cycle_iterator_function(iterator_function: Callable[[], Iterable[Item]]) -> Iterator[Item]:
    """Yield what a function gives, and call it again at the end, for ever."""
    while True:
        yield from iterator_function()


def add_noise_to_dict_values(dictionary: Mapping[Key, float], noise_param: float) -> dict[Key, float]:
    """Change each number at random by up to a fraction of itself."""
    return {key: value + random.uniform(-value, value) * noise_param for key, value in dictionary.items()}
