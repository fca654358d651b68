"""Write the defaults of all constructors into a file's data, so that it means the same when they change."""

import copy
import dataclasses
import enum
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foldformer.config.check import check, examine
from foldformer.config.check.context import Block, Context, Everything
from foldformer.config.check.place import Place
from foldformer.config.check.signature import MISSING, Factory, Parameter
from foldformer.config.check.values import written
from foldformer.config.errors import ConfigurationError
from foldformer.config.lazy import Lazy
from foldformer.config.registrable import qualified_name, registrations

_NOT_DATA: Any = object()


def fill_defaults(target: Any, data: Any) -> Any:
    """Fill in what the data leave to defaults: the `type` of every component, and every parameter.

    A default that no file can hold, such as an object, stays away; so does a parameter that code hands over.

    Args:
        target: A class or any other type hint; `Experiment` for a whole file.
        data: Plain data or `Params`; stays as it is.

    Returns:
        New data that build the same object.

    Raises:
        ConfigurationError: The data do not fit the hint; carries all problems.
    """
    context = Context()
    examine(target, data, "", context)
    if context.problems:
        raise ConfigurationError(problems=context.problems)
    root = {"": copy.deepcopy(_plain(data))}
    # Blocks were met from the outside in, so that a bare name is a block by the time something inside it is looked for.
    for block in context.chosen:
        holder, key = _find(root, block.place)
        if holder is not None:
            holder[key] = _filled(holder[key], block)
    return _with_new_components(target, data, root[""])


def _with_new_components(target: Any, before: Any, after: Any) -> Any:
    """A default may itself be a block that has defaults; stops as nothing new turns up."""
    return after if after == before else fill_defaults(target, after)


def _plain(data: Any) -> Any:
    return data.as_dict(quiet=True) if hasattr(data, "as_dict") else data


def _find(root: dict[str, Any], place: Place) -> tuple[Any, Any]:
    """The list or dict that holds the value at a place, and its key there; None where code, not data, holds it."""
    keys: list[str] = []
    at: Place | None = place
    while at is not None and at.key is not None:
        keys.append(at.key)
        at = at.parent
    holder: Any = root
    key: Any = ""
    for name in reversed(keys):
        holder = holder[key]
        key = int(name) if isinstance(holder, list) else name
    return (holder, key) if isinstance(holder, list | dict) else (None, None)


def _filled(value: Any, block: Block) -> dict[str, Any]:
    """A block with its `type` first, then what it has, then what it left to defaults."""
    given = {} if isinstance(value, str) else {key: item for key, item in value.items() if key != "type"}
    kind = value.get("type", block.type) if isinstance(value, Mapping) else value
    filled = {"type": kind, **given} if kind is not None else given
    if block.signature is None:
        return filled
    for parameter in block.signature.parameters.values():
        if parameter.name not in filled and not _is_handed_over(parameter, block):
            default = _default(parameter)
            filled.update({} if default is _NOT_DATA else {parameter.name: default})
    return filled


def _is_handed_over(parameter: Parameter, block: Block) -> bool:
    if isinstance(block.given, Everything):
        # Nobody said what `construct` will be given. What code hands over has no default, or None for one.
        return parameter.required or parameter.default is None
    return parameter.name in block.given


def _default(parameter: Parameter) -> Any:
    if parameter.default is MISSING:
        return _NOT_DATA
    made = parameter.default.make() if isinstance(parameter.default, Factory) else parameter.default
    try:
        data = json.loads(json.dumps(made, default=_as_data, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return _NOT_DATA
    # A default need not keep to the hint; a file must.
    return _NOT_DATA if check(parameter.node, data) else data


def _as_data(value: object) -> Any:
    """What a file writes for a value that JSON does not know."""
    if isinstance(value, Lazy):
        return _lazy_block(value)
    if isinstance(value, enum.Enum):
        return written(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if isinstance(value, type):
        return qualified_name(value)
    if dataclasses.is_dataclass(value):
        return {each.name: getattr(value, each.name) for each in dataclasses.fields(value) if each.init}
    raise TypeError(f"{value!r} is no data")


def _lazy_block(lazy: Lazy[Any]) -> dict[str, Any]:
    """The block that a file writes for a `Lazy` of a class: its name, if it has one, and its settings."""
    cls, data = lazy.block
    names = [each.name for base in cls.__mro__ for each in registrations(base).values() if each.cls is cls]
    return {"type": names[0] if names else qualified_name(cls), **data}
