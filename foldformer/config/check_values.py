"""Check single values, lists and free blocks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foldformer.config.nearest import did_you_mean, nearest, one_of, show
from foldformer.config.nodes import (
    Anything,
    Boolean,
    Choice,
    FilePath,
    Foreign,
    Integer,
    Items,
    Member,
    Node,
    Null,
    Number,
    Record,
    Row,
    Table,
    Text,
    Unusable,
    written,
)
from foldformer.config.places import Place
from foldformer.config.steps import Copy, Gather, Ready, Step, Tabulate, Walk, is_hashable
from foldformer.config.walk import Context, visit, visits

NO_MATCH: Any = object()
LARGEST_WHOLE = 2**1023  # below this every integer has a float near it


def converted(node: Node, value: Any) -> Any:
    """What a single value becomes, or `NO_MATCH` where it does not fit the node."""
    if isinstance(node, Choice):
        return _chosen(node, value)
    if isinstance(node, Member):
        return _member(node, value)
    if isinstance(node, Foreign):
        return value if is_instance(value, node.cls) else NO_MATCH
    return _scalar(node, value)


def _scalar(node: Node, value: Any) -> Any:
    kind = type(value)
    fits = (
        (isinstance(node, Null) and value is None)
        or (isinstance(node, Boolean) and kind is bool)
        or (isinstance(node, Integer) and kind is int)
        or (isinstance(node, Text) and isinstance(value, str))
    )
    if fits:
        return value
    if isinstance(node, Number) and kind in (int, float):
        return _float(value)
    if isinstance(node, FilePath) and isinstance(value, (str, Path)):
        return Path(value)
    return str(value) if isinstance(node, Text) and isinstance(value, Path) else NO_MATCH


def _float(value: float) -> Any:
    # No float holds an integer of 400 digits; `float` would raise.
    return float(value) if isinstance(value, float) or abs(value) < LARGEST_WHOLE else NO_MATCH


def _chosen(node: Choice, value: Any) -> Any:
    for each in node.values:
        spelled = written(each)
        if (type(spelled) is type(value) and spelled == value) or each is value:
            return each
    return NO_MATCH


def _member(node: Member, value: Any) -> Any:
    if isinstance(value, node.cls):
        return value
    for member in node.cls:
        if type(member.value) is type(value) and member.value == value:
            return member
    return node.cls.__members__.get(value, NO_MATCH) if isinstance(value, str) else NO_MATCH


def is_instance(value: object, cls: type) -> bool:
    """`isinstance`, for any class: a Protocol refuses the question."""
    try:
        return isinstance(value, cls)
    except TypeError:
        return False


def is_subclass(cls: object, base: type) -> bool:
    """`issubclass`, for anything: a Protocol with data refuses the question."""
    try:
        return isinstance(cls, type) and issubclass(cls, base)
    except TypeError:
        return False


@visits(Anything, Null, Boolean, Integer, Number, Text, FilePath, Choice, Member, Foreign)
def _single(node: Node, value: Any, place: Place, context: Context) -> Walk[Step]:
    yield from ()
    if isinstance(node, Anything):
        return Copy(value)
    result = converted(node, value)
    if result is not NO_MATCH:
        return Ready(result)
    return context.refuse(place, value, node.expected() + did_you_mean(value, spellings(node)))


def spellings(node: Node) -> list[str]:
    """The strings among the values that a node allows."""
    if isinstance(node, Choice):
        return [spelling for value in node.values if isinstance(spelling := written(value), str)]
    if isinstance(node, Member):
        return [spelling for member in node.cls if isinstance(spelling := written(member), str)]
    return []


@visits(Unusable)
def _unusable(node: Unusable, value: Any, place: Place, context: Context) -> Walk[Step]:
    yield from ()
    return context.report(place, f"got {show(value)}, but cannot be set from a file: {node.reason}")


def is_list(value: object) -> bool:
    """Whether a value is what a file calls a list."""
    return isinstance(value, (list, tuple))


@visits(Items)
def _items(node: Items, value: Any, place: Place, context: Context) -> Walk[Step]:
    if not is_list(value) and not (isinstance(value, (set, frozenset)) and node.container in (set, frozenset)):
        return context.refuse(place, value, node.expected())
    parts: list[Step] = []
    for index, item in enumerate(value):
        part = yield visit(node.item, item, place / index, context)
        if node.container in (set, frozenset) and not is_hashable(part):
            part = context.refuse(place / index, item, "a value that can stand in a set: no list, no block")
        parts.append(part)
    return Gather(node.container, parts)


@visits(Row)
def _row(node: Row, value: Any, place: Place, context: Context) -> Walk[Step]:
    if not is_list(value) or len(value) != len(node.items):
        return context.refuse(place, value, node.expected())
    parts: list[Step] = []
    for index, (item_node, item) in enumerate(zip(node.items, value, strict=True)):
        parts.append((yield visit(item_node, item, place / index, context)))
    return Gather(tuple, parts)


@visits(Table)
def _table(node: Table, value: Any, place: Place, context: Context) -> Walk[Step]:
    if not isinstance(value, Mapping):
        return context.refuse(place, value, node.expected())
    parts: dict[Any, Step] = {}
    for written_key, item in value.items():
        key = _key(node.key, written_key)
        if key is NO_MATCH:
            context.report(place / written_key, f"got {show(written_key)} as a key; expected {node.key.expected()}")
        elif key in parts:
            context.report(place / written_key, f"the key {show(key)} stands here twice; expected it once")
        parts[key] = yield visit(node.value, item, place / written_key, context)
    return Tabulate(node.container, parts)


def _key(node: Node, key: Any) -> Any:
    if isinstance(node, Anything):
        return key
    options = getattr(node, "options", (node,))
    for option in options:
        result = converted(option, key)
        if result is NO_MATCH and isinstance(key, str):
            result = _from_text(option, key)
        if result is not NO_MATCH:
            return result
    return NO_MATCH


def _from_text(node: Node, key: str) -> Any:
    """A number that a file had to write as a string, since its keys are strings."""
    kind = int if isinstance(node, Integer) else float if isinstance(node, Number) else None
    try:
        return NO_MATCH if kind is None else kind(key)
    except ValueError:
        return NO_MATCH


@visits(Record)
def _record(node: Record, value: Any, place: Place, context: Context) -> Walk[Step]:
    if not isinstance(value, Mapping):
        return context.refuse(place, value, node.expected())
    names = [name for name, _, _ in node.fields]
    unknown_keys(names, value, place, context, node.cls.__name__)
    parts: dict[Any, Step] = {}
    for name, field_node, required in node.fields:
        if name in value:
            parts[name] = yield visit(field_node, value[name], place / name, context)
        elif required:
            context.report(place / name, f"missing; {node.cls.__name__} needs it: expected {field_node.expected()}")
    return Tabulate(dict, parts)


def unknown_keys(names: list[str], data: Mapping[Any, Any], place: Place, context: Context, owner: str) -> None:
    """Report every key of a block that is not among the names."""
    own = [name for name in names if name not in context.extras and name not in context.given]
    for key in data:
        if key not in names:
            expected = f"expected {one_of(own)}" if own else f"{owner} takes no parameters"
            hint = did_you_mean(key, names)
            if hint and nearest(key, names) in data:
                hint = hint.replace("?", ", which is there too?")
            context.report(place / key, f"{owner} has no such parameter; {expected}{hint}")
