"""Turn type hints into the nodes of the schema."""

from __future__ import annotations

import collections
import collections.abc
import dataclasses
import enum
import inspect
import os
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typing_extensions

from foldformer.config.check.bounds import UNBOUNDED, Range
from foldformer.config.check.components import ClassName, Component, Later
from foldformer.config.check.containers import Items, Record, Row, Table
from foldformer.config.check.node import Node
from foldformer.config.check.unions import either
from foldformer.config.check.values import (
    Anything,
    Boolean,
    Choice,
    FilePath,
    Foreign,
    Integer,
    Member,
    Null,
    Number,
    Text,
    Unusable,
)
from foldformer.config.lazy import Lazy, Provides
from foldformer.config.params import Params

Bindings = Mapping[Any, Node]  # by type variable

_PLAIN: dict[Any, Node] = {
    Any: Anything(),
    object: Anything(),
    inspect.Parameter.empty: Anything(),
    None: Null(),
    type(None): Null(),
    bool: Boolean(),
    str: Text(),
    Path: FilePath(),
    os.PathLike: FilePath(),
    list: Items(Anything()),
    tuple: Items(Anything(), tuple),
    set: Items(Anything(), set),
    frozenset: Items(Anything(), frozenset),
    dict: Table(Text(), Anything()),
    type: ClassName(object),
    collections.abc.Callable: Anything("a callable"),
}
_SEQUENCES: dict[Any, type] = {
    list: list,
    set: set,
    frozenset: frozenset,
    collections.deque: list,
    collections.abc.Sequence: list,
    collections.abc.MutableSequence: list,
    collections.abc.Iterable: list,
    collections.abc.Collection: list,
    collections.abc.Container: list,
    collections.abc.Reversible: list,
    collections.abc.Set: set,
    collections.abc.MutableSet: set,
}
_TABLES: dict[Any, type] = {
    dict: dict,
    collections.OrderedDict: collections.OrderedDict,
    collections.abc.Mapping: dict,
    collections.abc.MutableMapping: dict,
    Params: Params,
}
_WRAPPERS = {
    typing.ClassVar,
    typing.Final,
    typing_extensions.Required,
    typing_extensions.NotRequired,
    typing_extensions.ReadOnly,
}
_WRAPPERS |= {getattr(typing, name) for name in ("Required", "NotRequired", "ReadOnly") if hasattr(typing, name)}
_LITERALS = {typing.Literal, typing_extensions.Literal}
_UNIONS = {typing.Union, types.UnionType}


def node_of(hint: Any) -> Node:
    """The node for a type hint, or the node itself if it is one.

    Not cached: `A | B` and `B | A` are equal, but not the same schema. Signatures, which use this most, are.
    """
    return Translation().node(hint)


def _is_hashable(hint: Any) -> bool:
    try:
        hash(hint)
    except TypeError:  # Annotated[int, []]
        return False
    return True


@dataclasses.dataclass(frozen=True)
class Translation:
    """One hint's way to its node.

    Args:
        bindings: What type variables stand for here.
        provides: What the nearest `Annotated[..., Provides(...)]` declares.
        bounds: What the nearest `Annotated[..., Range(...)]` declares.
        aliases: Recursive type aliases that are being translated.
    """

    bindings: Bindings = dataclasses.field(default_factory=dict)
    provides: frozenset[str] | None = None
    bounds: Range = UNBOUNDED
    aliases: tuple[Any, ...] = ()

    def node(self, hint: Any) -> Node:
        """Translate a hint."""
        if isinstance(hint, Node):
            return hint
        if hint is int or hint is float:
            return Integer(self.bounds) if hint is int else Number(self.bounds)
        if _is_hashable(hint) and hint in _PLAIN:
            return _PLAIN[hint]
        if isinstance(hint, typing.TypeVar):
            return self._variable(hint)
        if isinstance(hint, str | typing.ForwardRef):
            text = hint if isinstance(hint, str) else hint.__forward_arg__
            return Unusable(f"its type hint {text!r} cannot be evaluated; import the name where the class is defined")
        origin = typing_extensions.get_origin(hint)
        if origin is not None:
            return self._generic(hint, origin, typing_extensions.get_args(hint))
        if isinstance(hint, dataclasses.InitVar):
            return self.node(hint.type)
        if hasattr(hint, "__supertype__"):
            return self.node(hint.__supertype__)
        if hasattr(hint, "__value__"):
            return self._alias(hint)
        return self._class(hint)

    def _variable(self, variable: Any) -> Node:
        if variable in self.bindings:
            return self.bindings[variable]
        if variable.__constraints__:
            return either([self.node(constraint) for constraint in variable.__constraints__])
        return self.node(Any if variable.__bound__ is None else variable.__bound__)

    def _alias(self, alias: Any) -> Node:
        if alias in self.aliases:
            return Anything(str(alias))  # a recursive alias is checked down to its first repetition
        return dataclasses.replace(self, aliases=(*self.aliases, alias)).node(alias.__value__)

    def _generic(self, hint: Any, origin: Any, arguments: tuple[Any, ...]) -> Node:
        if origin in (typing.Annotated, typing_extensions.Annotated):
            written = [note for note in hint.__metadata__ if isinstance(note, Node)]
            if written:
                return written[0]
            found: dict[str, Any] = {}
            for note in reversed(hint.__metadata__):
                if isinstance(note, Provides):
                    found["provides"] = note.names
                elif isinstance(note, Range):
                    found["bounds"] = note
            return dataclasses.replace(self, **found).node(arguments[0])
        if origin in _UNIONS:
            return either([self.node(argument) for argument in arguments])
        if origin in _LITERALS:
            return Choice(arguments)
        if origin in _WRAPPERS:
            return self.node(arguments[0])
        if origin is Lazy:
            return Later(dataclasses.replace(self, provides=None).node(arguments[0]), self.provides)
        if origin is type:
            return self._class_name(arguments[0])
        if origin is collections.abc.Callable:
            return _PLAIN[origin]
        return self._container(origin, arguments)

    def _container(self, origin: Any, arguments: tuple[Any, ...]) -> Node:
        if origin is tuple:
            if len(arguments) == 2 and arguments[1] is Ellipsis:
                return Items(self.node(arguments[0]), tuple)
            return Row(tuple(self.node(argument) for argument in arguments if argument != ()))
        if origin in _SEQUENCES:
            return Items(self.node(arguments[0]) if arguments else Anything(), _SEQUENCES[origin])
        if origin in _TABLES:
            key, value = arguments or (str, Any)
            return Table(self.node(key), self.node(value), _TABLES[origin])
        if hasattr(origin, "__value__"):
            bound = dict(zip(origin.__type_params__, map(self.node, arguments), strict=False))
            return dataclasses.replace(self, bindings=bound).node(origin.__value__)
        if origin is os.PathLike:
            return FilePath()
        return self._parametrized(origin, arguments)

    def _parametrized(self, origin: Any, arguments: tuple[Any, ...]) -> Node:
        node = self._class(origin)
        if not isinstance(node, Component):
            return node
        parameters = getattr(origin, "__parameters__", ())
        return Component(origin, tuple(zip(parameters, map(self.node, arguments), strict=False)))

    def _class_name(self, hint: Any) -> Node:
        if hint in (Any, object):
            return ClassName(object)
        if isinstance(hint, typing.TypeVar):
            hint = self.bindings.get(hint, hint.__bound__ or object)
        if isinstance(hint, (Component, Foreign, Member)):
            hint = hint.cls
        cls = typing_extensions.get_origin(hint) or hint
        return ClassName(cls) if isinstance(cls, type) else Anything("a class")

    def _class(self, hint: Any) -> Node:
        if hint in _SEQUENCES:
            return Items(Anything(), _SEQUENCES[hint])
        if hint in _TABLES:
            return Table(Text(), Anything(), _TABLES[hint])
        if typing_extensions.is_typeddict(hint):
            return self._record(hint)
        if hint is Lazy:
            return Later(Anything(), self.provides)
        if not isinstance(hint, type):
            return Unusable(
                f"its type hint {hint!r} is not one that a file can fill; use a class or a typing construct"
            )
        if issubclass(hint, enum.Enum):
            return Member(hint)
        if dataclasses.is_dataclass(hint) or hasattr(hint, "from_params"):
            return Component(hint)
        return Foreign(hint)

    def _record(self, cls: Any) -> Node:
        hints = typing_extensions.get_type_hints(cls, include_extras=True)
        fields = []
        for name, hint in hints.items():
            marker = getattr(
                typing_extensions.get_origin(hint), "__name__", getattr(typing_extensions.get_origin(hint), "_name", "")
            )
            required = {"Required": True, "NotRequired": False}.get(marker, name in cls.__required_keys__)
            fields.append((name, self.node(hint), required))
        return Record(cls, tuple(fields))


def evaluated(annotations: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """Type hints with their strings evaluated, one by one, so that one bad name spoils only its own hint.

    Args:
        annotations: Hints as they were written, by parameter.
        names: What the names in them mean.

    Returns:
        Hints by parameter; an `Unusable` node where a string cannot be evaluated.
    """
    return {name: _evaluated(name, hint, dict(names)) for name, hint in annotations.items()}


def _evaluated(name: str, hint: Any, names: dict[str, Any]) -> Any:
    holder = types.SimpleNamespace(__annotations__={name: hint})
    try:
        return typing_extensions.get_type_hints(holder, names, include_extras=True)[name]
    except (NameError, AttributeError, TypeError, SyntaxError, ValueError) as error:
        text = hint if isinstance(hint, str) else repr(hint)
        cure = "import the name at the top of its module, outside `if TYPE_CHECKING`"
        return Unusable(f"its type hint {text!r} cannot be evaluated ({error}); {cure}")
