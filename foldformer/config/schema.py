"""JSON Schema 2020-12 of what a file may say, for editors and other programs."""

import enum
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from foldformer.config.check.bounds import Range
from foldformer.config.check.components import ClassName, Component, Later, has_registry
from foldformer.config.check.containers import Items, Record, Row, Table
from foldformer.config.check.docstrings import summary
from foldformer.config.check.node import Node
from foldformer.config.check.signature import Factory, Parameter, Signature, signature_of
from foldformer.config.check.unions import Either
from foldformer.config.check.values import (
    Anything,
    Boolean,
    Choice,
    Expression,
    FilePath,
    Foreign,
    Integer,
    Member,
    Null,
    Number,
    Text,
    Unannotated,
    Unusable,
)
from foldformer.config.from_params import overrides_from_params
from foldformer.config.registrable import Registration, qualified_name, registrations

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]
Given = frozenset[str] | None
"""Parameters that code will hand over; None: unknown, so none is required from the file."""

_CLASS_PATH = {"type": "string", "pattern": r"^[^.\s/]+(\.[^.\s/]+)+$"}
_SIMPLE: dict[type[Node], Schema | bool] = {
    Anything: {},
    Unannotated: {},
    Null: {"type": "null"},
    Boolean: {"type": "boolean"},
    Text: {"type": "string"},
    Expression: {"type": "string", "format": "regex"},
    FilePath: {"type": "string"},
    Foreign: False,
    Unusable: False,
}


def json_schema(base: type) -> Schema:
    """The schema of files that describe an object of a class.

    Args:
        base: What the whole file is: a registry's base class, or any class that can be built.

    Returns:
        A schema in draft 2020-12, with one definition for every registered name.
    """
    writer = _Writer()
    top = writer.of(Component(base), frozenset())
    return {"$schema": DIALECT, "title": base.__name__, **top, "$defs": dict(sorted(writer.definitions.items()))}


@dataclass
class _Writer:
    """Writes schemas of nodes, and one definition for every class that it meets on the way.

    Args:
        definitions: The definitions so far.
        names: What a definition is of, to its name.
    """

    definitions: dict[str, Schema] = field(default_factory=dict)
    names: dict[Any, str] = field(default_factory=dict)

    def of(self, node: Node, given: Given) -> Any:
        """The schema of a node."""
        if type(node) in _SIMPLE:
            return _SIMPLE[type(node)]
        writers: dict[type[Node], Callable[[Any, Given], Any]] = {
            Integer: lambda node, _: {"type": "integer", **_bounds(node.bounds)},
            Number: lambda node, _: {"type": "number", **_bounds(node.bounds)},
            Choice: lambda node, _: {"enum": [value for value in node.values if _is_plain(value)]},
            Member: lambda node, _: {"enum": _spellings(node.cls)},
            Items: self._items,
            Row: self._row,
            Table: self._table,
            Either: lambda node, given: {"anyOf": [self.of(option, given) for option in node.options]},
            Later: lambda node, given: self.of(node.node, _given_later(node, given)),
            ClassName: lambda node, _: _class_name(node),
            Record: self._record,
            Component: self._component,
        }
        return writers[type(node)](node, given)

    def _items(self, node: Items, given: Given) -> Schema:
        return {"type": "array", "items": self.of(node.item, given)}

    def _row(self, node: Row, given: Given) -> Schema:
        count = len(node.items)
        bounds: Schema = {"type": "array", "minItems": count, "maxItems": count}
        return {**bounds, "prefixItems": [self.of(item, given) for item in node.items]} if count else bounds

    def _table(self, node: Table, given: Given) -> Schema:
        schema: Schema = {"type": "object", "additionalProperties": self.of(node.value, given)}
        if isinstance(node.key, Choice | Member):
            values = node.key.values if isinstance(node.key, Choice) else _spellings(node.key.cls)
            schema["propertyNames"] = {"enum": [str(value) for value in values]}
        elif isinstance(node.key, Integer):
            schema["propertyNames"] = {"pattern": r"^[-+]?\d+$"}
        return schema

    def _record(self, node: Record, given: Given) -> Schema:
        def define() -> Schema:
            return {
                **_description(summary(node.cls)),
                "type": "object",
                "properties": {name: self.of(value, given) for name, value, _ in node.fields},
                "required": [name for name, _, required in node.fields if required],
                "additionalProperties": False,
            }

        return self._define((node.cls, given), node.cls.__name__, define)

    def _component(self, node: Component, given: Given) -> Schema:
        if overrides_from_params(node.cls):
            return {"type": ["object", "string"], **_description(summary(node.cls))}
        if not has_registry(node.cls):
            return self._define((node, given), node.cls.__name__, lambda: self._itself(node, given))
        return self._define((node, given), node.cls.__name__, lambda: self._choice(node, given))

    def _choice(self, node: Component, given: Given) -> Schema:
        """One branch for every registered name, one for bare names, one for class paths."""
        registered = registrations(node.cls)
        branches = [self._implementation(node, registration, given) for registration in registered.values()]
        bare = [name for name, each in registered.items() if not _required(each, given)]
        by_path = {"type": "object", "properties": {"type": _CLASS_PATH}, "required": ["type"]}
        names: list[Schema] = [{"enum": bare}] if bare else []
        named = {"anyOf": [*names, _CLASS_PATH]}
        return {**_description(summary(node.cls)), "anyOf": [*branches, by_path, named]}

    def _implementation(self, node: Component, registration: Registration, given: Given) -> Schema:
        """The branch of one registered name."""

        def define() -> Schema:
            if overrides_from_params(registration.cls):
                block: Schema = {"type": "object", **_description(summary(registration.cls)), "properties": {}}
            else:
                arguments = node.arguments if registration.cls is node.cls else ()
                block = self._block(registration.cls, registration.constructor, arguments, given)
            block["properties"] = {"type": {"const": registration.name}, **block["properties"]}
            default = getattr(node.cls, "default_implementation", None) == registration.name
            return block if default else {**block, "required": ["type", *block.get("required", [])]}

        return self._define((node, registration.name, given), f"{node.cls.__name__}.{registration.name}", define)

    def _itself(self, node: Component, given: Given) -> Schema:
        """A class that nothing is registered for. It may be named all the same, by any name that stands for it."""
        block = self._block(node.cls, None, node.arguments, given)
        names = [
            name
            for base in node.cls.__mro__[1:]
            for name, registration in registrations(base).items()
            if registration.cls is node.cls
        ]
        block["properties"] = {"type": {"enum": [*names, qualified_name(node.cls)]}, **block["properties"]}
        return block

    def _block(self, cls: type, constructor: str | None, arguments: Any, given: Given) -> Schema:
        """The parameters of a constructor."""
        signature = signature_of(cls, constructor, arguments)
        return {
            **_description(summary(cls)),
            "type": "object",
            "properties": {each.name: self._property(each, given) for each in signature.parameters.values()},
            "required": _missing(signature, given),
            "additionalProperties": False if signature.rest is None else self.of(signature.rest, given),
        }

    def _property(self, parameter: Parameter, given: Given) -> Any:
        schema = self.of(parameter.node, given)
        if schema is False:
            return False
        notes = _description(parameter.description)
        if not parameter.required and not isinstance(parameter.default, Factory) and _is_plain(parameter.default):
            notes["default"] = parameter.default
        return {**schema, **notes}

    def _define(self, key: Any, name: str, define: Callable[[], Schema]) -> Schema:
        """Refer to a definition, which is written when it is first needed; it may refer to itself."""
        if key not in self.names:
            self.names[key] = next(free for free in _numbered(_spelled(name)) if free not in self.definitions)
            self.definitions[self.names[key]] = {}
            self.definitions[self.names[key]] = define()
        return {"$ref": f"#/$defs/{self.names[key]}"}


def _given_later(node: Later, given: Given) -> Given:
    if node.provides is None or given is None:
        return None
    return given | node.provides


def _missing(signature: Signature, given: Given) -> list[str]:
    """The parameters that a file must give."""
    if given is None:
        return []
    return [each.name for each in signature.parameters.values() if each.required and each.name not in given]


def _required(registration: Registration, given: Given) -> list[str]:
    if overrides_from_params(registration.cls):
        return []
    return _missing(signature_of(registration.cls, registration.constructor), given)


def _class_name(node: ClassName) -> Schema:
    names = list(registrations(node.base))
    return {"anyOf": [{"enum": names}, _CLASS_PATH]} if names else _CLASS_PATH


def _bounds(bounds: Range) -> Schema:
    words = {
        "minimum": bounds.min,
        "maximum": bounds.max,
        "exclusiveMinimum": bounds.above,
        "exclusiveMaximum": bounds.below,
    }
    return {word: bound for word, bound in words.items() if bound is not None}


def _spellings(cls: type[enum.Enum]) -> list[Any]:
    """Values and names of an enumeration's members, as a file may write either."""
    values = [member.value for member in cls if isinstance(member.value, str | int | float | bool)]
    return values + [member.name for member in cls if member.name not in values]


def _description(text: str) -> Schema:
    return {"description": " ".join(text.split())} if text else {}


def _is_plain(value: Any) -> bool:
    try:
        return bool(json.loads(json.dumps(value, allow_nan=False)) == value)
    except (TypeError, ValueError, RecursionError):
        return False


def _spelled(name: str) -> str:
    # Names of definitions stand in URI fragments, where few characters mean themselves.
    return re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1
