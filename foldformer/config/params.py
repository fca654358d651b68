"""`Params`: a file's data, taken out key by key by code that wants to read it itself."""

import copy
import json
import logging
import os
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from foldformer.config.errors import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.config.old_keys import upgraded_with_warnings
from foldformer.config.read import read_file
from foldformer.config.read.depth import TOO_DEEP, is_too_deep
from foldformer.config.read.overrides import parse_overrides, with_overrides
from foldformer.config.read.plain_json import read_plain_json

logger = logging.getLogger(__name__)

_REQUIRED: Any = object()
_KEYS_FIRST = (
    "dataset_reader",
    "iterator",
    "model",
    "train_data_path",
    "validation_data_path",
    "test_data_path",
    "trainer",
    "vocabulary",
)
_BOOLEANS = {"true": True, "false": False}
_KINDS = {list: "a list", int: "a number", float: "a number", bool: "a boolean", type(None): "null", str: "a string"}

Number = TypeVar("Number", int, float)


class Params(MutableMapping[str, Any]):
    """A tree of settings that knows its place in the file.

    `Params` is made once from plain data, which it copies: the string `"None"` becomes None in the copy and nothing
    that is popped later is missing from the caller's dict. The `Params` that `pop`, `get` and `[]` give for inner
    objects are views of the same tree.

    Args:
        params: Plain data.
        history: Where in the file the data stand, as a prefix of error messages: empty, or ending in a dot.

    Raises:
        ConfigurationError: The data are nested deeper than a file may be.
    """

    DEFAULT: Any = _REQUIRED

    def __init__(self, params: Mapping[str, Any], history: str = "") -> None:
        if is_too_deep(params):
            raise ConfigurationError(f"{history.rstrip('.') or 'Params'}: {TOO_DEEP}")
        self.params: dict[str, Any] = _copied(params)
        self.history = history

    @classmethod
    def from_file(
        cls,
        params_file: str | os.PathLike[str],
        params_overrides: str | Mapping[str, Any] = "",
        ext_vars: Mapping[str, Any] | None = None,
        *,
        arguments: Mapping[str, Any] | None = None,
        as_written: bool = False,
    ) -> "Params":
        """Read a Jsonnet, JSON or YAML file; old keys of AllenNLP become today's, with a warning for each.

        Args:
            params_file: The file.
            params_overrides: Dotted keys and their new values, as a mapping or as Jsonnet text.
            ext_vars: What `std.extVar` gives, before the environment variables.
            arguments: What the file is called with, if it is a Jsonnet function.
            as_written: Leave old keys as they are.

        Raises:
            ConfigurationError: The file does not evaluate to an object, or an override matches nothing.
        """
        data = read_file(params_file, ext_vars=ext_vars, arguments=arguments)
        if not isinstance(data, dict):
            raise ConfigurationError(f"{params_file}: got {_KINDS[type(data)]} at the top; expected an object")
        data = with_overrides(data, parse_overrides(params_overrides, ext_vars))
        return cls(data if as_written else upgraded_with_warnings(data, str(params_file)))

    @classmethod
    def from_plain_json(cls, file: Path, overrides: str | Mapping[str, Any] = "") -> "Params":
        """Read JSON that a program wrote, without evaluating it; old keys as in `from_file`.

        Args:
            file: The file.
            overrides: As for `from_file`.

        Raises:
            ConfigurationError: The file is no JSON object, or an override matches nothing.
        """
        data = with_overrides(read_plain_json(file), parse_overrides(overrides))
        return cls(upgraded_with_warnings(data, str(file)))

    def to_file(self, params_file: str | os.PathLike[str], preference_orders: list[list[str]] | None = None) -> None:
        """Write the data as JSON, keys ordered as `as_ordered_dict` orders them."""
        text = json.dumps(self.as_ordered_dict(preference_orders), indent=4)
        Path(params_file).write_text(text, encoding="utf-8")

    def pop(self, key: str, default: Any = _REQUIRED, keep_as_dict: bool = False) -> Any:
        """Take a value out.

        Args:
            key: Which.
            default: What to give if the key is absent.
            keep_as_dict: Give inner objects as plain dicts rather than as `Params`.

        Raises:
            ConfigurationError: The key is absent and there is no default.
        """
        if default is _REQUIRED and key not in self.params:
            raise ConfigurationError(f"{self.history}{key}: required, but not given")
        value = self.params.pop(key, default)
        logger.debug("%s%s = %s", self.history, key, value)
        return value if keep_as_dict else self._viewed(f"{self.history}{key}", value)

    def pop_int(self, key: str, default: Any = _REQUIRED) -> int | None:
        """Take an integer out; a string that spells one, as an environment variable does, counts as one."""
        return self._pop_number(key, default, int, "an integer")

    def pop_float(self, key: str, default: Any = _REQUIRED) -> float | None:
        """Take a number out; a string that spells one, as an environment variable does, counts as one."""
        return self._pop_number(key, default, float, "a number")

    def pop_bool(self, key: str, default: Any = _REQUIRED) -> bool | None:
        """Take a boolean out; the strings `"true"` and `"false"` count as such."""
        value = self.pop(key, default)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str) and value in _BOOLEANS:
            return _BOOLEANS[value]
        raise ConfigurationError(f"{self.history}{key}: got {show(value)}; expected true or false")

    def pop_choice(
        self,
        key: str,
        choices: Sequence[Any],
        default_to_first_choice: bool = False,
        allow_class_names: bool = True,
    ) -> Any:
        """Take a value out that must be one of a few.

        Args:
            key: Which.
            choices: What it may be.
            default_to_first_choice: An absent key means the first choice.
            allow_class_names: A string with a dot in it passes too, as the path of a class.

        Raises:
            ConfigurationError: The value is none of `choices`.
        """
        value = self.pop(key, choices[0] if default_to_first_choice else _REQUIRED)
        if value in choices or (allow_class_names and isinstance(value, str) and "." in value):
            return value
        expected = one_of(choices) + (", or the path of a class" if allow_class_names else "")
        raise ConfigurationError(
            f"{self.history}{key}: got {show(value)}; expected {expected}{did_you_mean(value, choices)}"
        )

    def get(self, key: str, default: Any = None) -> Any:
        """Look at a value without taking it out; an absent key gives the default."""
        return self._viewed(f"{self.history}{key}", self.params.get(key, default))

    def duplicate(self) -> "Params":
        """Copy the tree; the copy shares nothing with this one."""
        return copy.deepcopy(self)

    def as_dict(self, quiet: bool = False, infer_type_and_cast: bool = False) -> dict[str, Any]:
        """Copy the data into a plain dict.

        Args:
            quiet: Leave the values out of the log.
            infer_type_and_cast: Turn strings that spell booleans or numbers into these.
        """
        if not quiet:
            for key, value in self.as_flat_dict().items():
                logger.info("%s%s = %s", self.history, key, value)
        data: dict[str, Any] = copy.deepcopy(self.params)
        return infer_and_cast(data) if infer_type_and_cast else data

    def as_flat_dict(self) -> dict[str, Any]:
        """Map dotted keys to values; a list is one value."""
        return dict(_flat_items(self.params, ""))

    def as_ordered_dict(self, preference_orders: list[list[str]] | None = None) -> "OrderedDict[str, Any]":
        """Sort the keys of every object.

        Args:
            preference_orders: Lists of keys, most important first. A key found early in the first list comes first; a
                tie is broken by the next list, and in the end by the alphabet. By default the keys of an experiment
                file come in their usual order, and `type` before the others.
        """
        orders = preference_orders or [list(_KEYS_FIRST), ["type"]]

        def rank(key: str) -> tuple[list[int], str]:
            return [order.index(key) if key in order else len(order) for order in orders], key

        ordered: OrderedDict[str, Any] = _ordered(self.params, rank)
        return ordered

    def get_hash(self) -> str:
        """A number that depends on the data only, the same in every run of Python."""
        return str(zlib.adler32(json.dumps(self.params, sort_keys=True).encode()))

    def assert_empty(self, class_name: str) -> None:
        """Make sure that everything has been taken out.

        Args:
            class_name: Who took it, for the message.

        Raises:
            ConfigurationError: Something is left.
        """
        if self.params:
            left = ", ".join(f"{self.history}{key}" for key in self.params)
            raise ConfigurationError(f"{left}: {class_name} has no such parameter; got {self.params}")

    def __getitem__(self, key: str) -> Any:
        return self._viewed(f"{self.history}{key}", self.params[key])

    def __setitem__(self, key: str, value: Any) -> None:
        self.params[key] = value.params if isinstance(value, Params) else value

    def __delitem__(self, key: str) -> None:
        del self.params[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.params)

    def __len__(self) -> int:
        return len(self.params)

    def __repr__(self) -> str:
        return f"{self.history}Params({self.params})"

    def _pop_number(self, key: str, default: Any, kind: type[Number], expected: str) -> Number | None:
        value = self.pop(key, default)
        if value is None:
            return None
        try:
            if isinstance(value, bool) or (isinstance(value, float) and kind(value) != value):
                raise ValueError
            return kind(value)
        except (ValueError, TypeError, OverflowError):
            raise ConfigurationError(f"{self.history}{key}: got {show(value)}; expected {expected}") from None

    def _viewed(self, path: str, value: Any) -> Any:
        if isinstance(value, dict):
            view = Params({}, f"{path}.")
            view.params = value
            return view
        if isinstance(value, list):
            return [self._viewed(f"{path}.{index}", item) for index, item in enumerate(value)]
        return value


def infer_and_cast(value: Any) -> Any:
    """Turn strings that spell booleans or numbers into these, all the way down."""
    if isinstance(value, dict):
        return {key: infer_and_cast(item) for key, item in value.items()}
    if isinstance(value, list):
        return [infer_and_cast(item) for item in value]
    if not isinstance(value, str):
        return value
    if value.lower() in _BOOLEANS:
        return _BOOLEANS[value.lower()]
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


def _copied(value: Any) -> Any:
    if isinstance(value, str) and value == "None":
        return None
    if isinstance(value, Mapping):
        items = value.params if isinstance(value, Params) else value
        return {key: _copied(item) for key, item in items.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


def _flat_items(data: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat_items(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _ordered(value: Any, rank: Callable[[str], Any]) -> Any:
    if isinstance(value, dict):
        return OrderedDict((key, _ordered(value[key], rank)) for key in sorted(value, key=rank))
    return [_ordered(item, rank) for item in value] if isinstance(value, list) else value
