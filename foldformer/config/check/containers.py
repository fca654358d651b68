"""Lists and blocks with free or fixed keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from overrides import overrides

from foldformer.config.check.context import Context
from foldformer.config.check.node import NO_MATCH, Node
from foldformer.config.check.place import Place
from foldformer.config.check.steps import Gather, Step, Tabulate, is_hashable
from foldformer.config.check.values import Integer, Number
from foldformer.config.nearest import did_you_mean, nearest, one_of, show

CONTAINERS: dict[type, str] = {
    list: "a list",
    tuple: "a list",
    set: "a list without repetitions",
    frozenset: "a list without repetitions",
}
_SETS = (set, frozenset)


class _List(Node):
    @overrides
    def resembles(self, value: Any) -> bool:
        return is_list(value)


class _Block(Node):
    @overrides
    def fits(self, value: Any) -> bool:
        return isinstance(value, Mapping)

    @overrides
    def resembles(self, value: Any) -> bool:
        return isinstance(value, Mapping)


@dataclass(frozen=True)
class Items(_List):
    """A list of any length.

    Args:
        item: What each entry may be.
        container: What is built: list, tuple, set or frozenset.
    """

    item: Node
    container: type = list

    @overrides
    def expected(self) -> str:
        return f"{CONTAINERS[self.container]} ({self.item.expected()} each)"

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        if not self.fits(value):
            return context.refuse(place, value, self.expected())
        parts: list[Step] = []
        for index, item in enumerate(value):
            part = self.item.check(item, place / index, context)
            if self.container in _SETS and not is_hashable(part):
                part = context.refuse(place / index, item, "a value that can stand in a set: no list, no block")
            parts.append(part)
        return Gather(self.container, parts)

    @overrides
    def fits(self, value: Any) -> bool:
        return is_list(value) or (isinstance(value, _SETS) and self.container in _SETS)


@dataclass(frozen=True)
class Row(_List):
    """A list of fixed length, which becomes a tuple.

    Args:
        items: What each place may hold.
    """

    items: tuple[Node, ...]

    @overrides
    def expected(self) -> str:
        return f"a list of exactly {len(self.items)} ({', '.join(item.expected() for item in self.items)})"

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        if not self.fits(value):
            return context.refuse(place, value, self.expected())
        pairs = enumerate(zip(self.items, value, strict=True))
        return Gather(tuple, [node.check(item, place / index, context) for index, (node, item) in pairs])

    @overrides
    def fits(self, value: Any) -> bool:
        return is_list(value) and len(value) == len(self.items)


@dataclass(frozen=True)
class Table(_Block):
    """A block with free keys.

    Args:
        key: What the keys may be; a file holds strings, from which integers and the like are read.
        value: What the values may be.
        container: What is built: dict, or something that is made from one.
    """

    key: Node
    value: Node
    container: type = dict

    @overrides
    def expected(self) -> str:
        return f"a block ({self.value.expected()} under each key)"

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        if not self.fits(value):
            return context.refuse(place, value, self.expected())
        parts: dict[Any, Step] = {}
        for written_key, item in value.items():
            key = _key(self.key, written_key)
            if key is NO_MATCH:
                context.report(place / written_key, f"got {show(written_key)} as a key; expected {self.key.expected()}")
            elif key in parts:
                context.report(place / written_key, f"the key {show(key)} stands here twice; expected it once")
            parts[key] = self.value.check(item, place / written_key, context)
        return Tabulate(self.container, parts)


@dataclass(frozen=True)
class Record(_Block):
    """A block with the keys of a `TypedDict`, which stays a dict.

    Args:
        cls: The `TypedDict`.
        fields: Name, node and whether the key must be there.
    """

    cls: Any
    fields: tuple[tuple[str, Node, bool], ...] = field(compare=False)

    @overrides
    def expected(self) -> str:
        names = [name for name, _, _ in self.fields]
        return f"a block with {one_of(names, 'and')}" if names else "an empty block"

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        if not self.fits(value):
            return context.refuse(place, value, self.expected())
        unknown_keys([name for name, _, _ in self.fields], value, place, context, self.cls.__name__)
        parts: dict[Any, Step] = {}
        for name, node, required in self.fields:
            if name in value:
                parts[name] = node.check(value[name], place / name, context)
            elif required:
                context.report(place / name, f"missing; {self.cls.__name__} needs it: expected {node.expected()}")
        return Tabulate(dict, parts)


def is_list(value: object) -> bool:
    """Whether a value is what a file calls a list."""
    return isinstance(value, (list, tuple))


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


def _key(node: Node, key: Any) -> Any:
    for option in getattr(node, "options", (node,)):
        result = option.convert(key)
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
