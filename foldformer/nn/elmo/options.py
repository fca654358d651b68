"""The JSON file beside the weights of an ELMo, which says how wide everything is."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from foldformer.config import ConfigurationError
from foldformer.config.nearest import show
from foldformer.nn.elmo.characters import MAX_WORD_LENGTH
from foldformer.nn.elmo.files import local_file
from foldformer.text.pretrained_copies import file_or_copy

NUM_CHARACTERS = 262


@dataclass(frozen=True)
class ElmoOptions:
    """What an ELMo consists of.

    Args:
        activation: Of the convolutions.
        filters: For each convolution, how many characters it sees at once, and how many filters it has.
        num_highways: Highway layers over them.
        character_dim: Width of a character's vector.
        num_characters: How many ids there are, padding included.
        projection_dim: Width of a word's vector, and of each direction.
        cell_dim: Width of a memory cell.
        num_layers: Layers of long short-term memory.
        cell_clip: Bound on memory cells, or None.
        projection_clip: Bound on hidden states, or None.
    """

    activation: Literal["relu", "tanh"]
    filters: tuple[tuple[int, int], ...]
    num_highways: int
    character_dim: int
    num_characters: int
    projection_dim: int
    cell_dim: int
    num_layers: int
    cell_clip: float | None
    projection_clip: float | None

    @property
    def num_filters(self) -> int:
        """Filters of all convolutions together."""
        return sum(count for _, count in self.filters)


def read_options(options_file: str | os.PathLike[str]) -> ElmoOptions:
    """Read the options of an ELMo.

    Args:
        options_file: A JSON file: path or URL.

    Raises:
        ConfigurationError: There is no such file, or something in it cannot be.
    """
    name = os.fspath(options_file)
    path = local_file("options_file", name, file_or_copy)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        raise ConfigurationError(f'options_file: got "{name}"; expected a JSON file of an ELMo: {error}') from error
    return _checked(_Block(name, data))


def _checked(block: "_Block") -> ElmoOptions:
    block.take("lstm.use_skip_connections", "true, for other models were never published", lambda it: it is True)
    block.take("char_cnn.max_characters_per_token", f"{MAX_WORD_LENGTH}", lambda it: it == MAX_WORD_LENGTH)
    block.take("char_cnn.activation", '"relu" or "tanh"', lambda it: it in ("relu", "tanh"))
    block.take(
        "char_cnn.filters",
        f"pairs of a width from 1 to {MAX_WORD_LENGTH} and a number of filters of at least 1",
        _are_filters,
    )
    return ElmoOptions(
        activation=block.take("char_cnn.activation"),
        filters=tuple((width, count) for width, count in block.take("char_cnn.filters")),
        num_highways=block.count("char_cnn.n_highway", least=0),
        character_dim=block.count("char_cnn.embedding.dim"),
        num_characters=max(block.find("char_cnn.n_characters", int) or 0, NUM_CHARACTERS),
        projection_dim=block.count("lstm.projection_dim"),
        cell_dim=block.count("lstm.dim"),
        num_layers=block.count("lstm.n_layers"),
        cell_clip=block.clip("lstm.cell_clip"),
        projection_clip=block.clip("lstm.proj_clip"),
    )


class _Block:
    """Options by dotted name, each checked when it is taken."""

    def __init__(self, file: str, data: Any) -> None:
        self._file = file
        self._data = data

    def find(self, name: str, kind: type | None = None) -> Any:
        """What stands at a place; None where nothing does, or something of another kind."""
        value = self._data
        for key in name.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        return value if kind is None or isinstance(value, kind) else None

    def take(self, name: str, expected: str = "", holds: Callable[[Any], bool] | None = None) -> Any:
        value = self.find(name)
        if holds is not None and not holds(value):
            raise ConfigurationError(f"options_file: {self._file}: {name}: got {show(value)}; expected {expected}")
        return value

    def count(self, name: str, least: int = 1) -> int:
        return cast("int", self.take(name, f"an integer of at least {least}", lambda it: _is_count(it, least)))

    def clip(self, name: str) -> float | None:
        parent, _, key = name.rpartition(".")
        if key in (self.find(parent, dict) or {}) and self.find(name) is None:
            return None
        return cast("float", self.take(name, "a number of at least 0, or null for no bound", _is_bound)) or None


def _is_count(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_bound(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _are_filters(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_filter, value))


def _is_filter(value: Any) -> bool:
    is_pair = isinstance(value, list) and len(value) == 2 and all(_is_count(each, 1) for each in value)
    return is_pair and value[0] <= MAX_WORD_LENGTH
