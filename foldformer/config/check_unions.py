"""Check unions: the value's shape or its `type` says which option is meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foldformer.config.check_components import choose, has_registry
from foldformer.config.check_values import NO_MATCH, converted, is_instance, is_list, is_subclass, spellings
from foldformer.config.from_params import overrides_from_params
from foldformer.config.lazy import Lazy
from foldformer.config.nearest import did_you_mean, one_of
from foldformer.config.nodes import (
    Anything,
    ClassName,
    Component,
    Either,
    Integer,
    Items,
    Later,
    Node,
    Record,
    Row,
    Table,
    Unusable,
)
from foldformer.config.places import Place
from foldformer.config.registrable import find, registered_so_far
from foldformer.config.steps import Step, Walk
from foldformer.config.walk import Context, visit, visits


@visits(Either)
def _either(node: Either, value: Any, place: Place, context: Context) -> Walk[Step]:
    meant = [option for option in node.options if fits(option, value)]
    if not meant:
        meant = [option for option in node.options if resembles(option, value)]
        if len(meant) != 1:
            if is_named(value):
                return _refuse_name(node, value, place, context)
            names = [name for option in node.options for name in spellings(option)]
            return context.refuse(place, value, node.expected() + did_you_mean(value, names))
    if type(value) is int and Integer() in meant:
        meant = [Integer()]
    if len(meant) == 1:
        step: Step = yield visit(meant[0], value, place, context)
        return step
    chosen: Step = yield _first_that_fits(meant, value, place, context)
    return chosen


def is_named(value: Any) -> bool:
    """Whether a value is a block that says its type."""
    return isinstance(value, Mapping) and isinstance(value.get("type"), str)


def _refuse_name(node: Either, value: Any, place: Place, context: Context) -> Step:
    """No component of a union has the name that a block asks for."""
    inner = [option.node if isinstance(option, Later) else option for option in node.options]
    names = [name for option in inner if isinstance(option, Component) for name in registered_so_far(option.cls)]
    expected = one_of(names) if names else node.expected()
    return context.refuse(place / "type", value["type"], expected + did_you_mean(value["type"], names))


def _first_that_fits(options: list[Node], value: Any, place: Place, context: Context) -> Walk[Step]:
    """Several options have the value's shape: the first without problems, else the one with the fewest."""
    tried: list[tuple[Context, Step]] = []
    for option in options:
        key = (id(option), id(value), str(place))
        if key not in context.tried:
            trial = context.apart()
            step = yield visit(option, value, place, trial)
            context.tried[key] = (trial, step)
        tried.append(context.tried[key])
        if not tried[-1][0].problems:
            break
    best, step = min(tried, key=lambda each: len(each[0].problems))
    context.adopt(best)
    return step


def fits(node: Node, value: Any) -> bool:
    """Whether a value has the shape of a node; what is inside lists and blocks is not looked at."""
    if isinstance(node, Anything):
        return True
    if isinstance(node, Unusable):
        return False
    if isinstance(node, Later):
        return isinstance(value, Lazy) or fits(node.node, value)
    if isinstance(node, Component):
        return _fits_component(node, value)
    if isinstance(node, ClassName):
        named = isinstance(value, str) and not isinstance(find(node.base, value), str)
        return named or is_subclass(value, node.base)
    if isinstance(node, (Table, Record)):
        return isinstance(value, Mapping)
    if isinstance(node, Items):
        return is_list(value) or (isinstance(value, (set, frozenset)) and node.container in (set, frozenset))
    if isinstance(node, Row):
        return is_list(value) and len(value) == len(node.items)
    return converted(node, value) is not NO_MATCH


def _fits_component(node: Component, value: Any) -> bool:
    if not isinstance(value, (str, Mapping)):
        return is_instance(value, node.cls)
    if overrides_from_params(node.cls):
        return True
    if isinstance(value, str):
        return has_registry(node.cls) and not isinstance(choose(node.cls, {"type": value}), str)
    return not isinstance(choose(node.cls, value), str)


def resembles(node: Node, value: Any) -> bool:
    """Whether a value is at least of a node's kind, so that its errors are worth reading."""
    inner = node.node if isinstance(node, Later) else node
    if isinstance(value, Mapping):
        return isinstance(inner, (Component, Table, Record))
    if is_list(value):
        return isinstance(inner, (Items, Row))
    return isinstance(value, str) and (
        isinstance(inner, ClassName) or (isinstance(inner, Component) and has_registry(inner.cls))
    )
