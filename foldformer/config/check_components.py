"""Check blocks that become objects."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from foldformer.config.check_values import is_instance, is_subclass, unknown_keys
from foldformer.config.from_params import overrides_from_params
from foldformer.config.lazy import Lazy
from foldformer.config.nearest import an, did_you_mean, one_of, show
from foldformer.config.nodes import ClassName, Component, Later
from foldformer.config.places import Place
from foldformer.config.registrable import Registrable, find, qualified_name, registered_so_far, registrations
from foldformer.config.signature import Signature, signature_of
from foldformer.config.steps import Call, CallFromParams, Postpone, Ready, Step, Walk
from foldformer.config.walk import Block, Context, visit, visits


@dataclass(frozen=True)
class Chosen:
    """The implementation that a block asks for.

    Args:
        cls: Its class.
        constructor: The classmethod to call; None for the class.
        names_type: Whether the block's `type` said so, and is therefore no parameter.
    """

    cls: type
    constructor: str | None = None
    names_type: bool = False


def has_registry(cls: type) -> bool:
    """Whether a block for this class says by `type` which implementation it means."""
    if not issubclass(cls, Registrable) or cls is Registrable:
        return False
    return bool(registered_so_far(cls)) or is_base(cls) or cls.__dict__.get("default_implementation") is not None


def is_base(cls: type) -> bool:
    """Whether a class derives from `Registrable` with nothing registrable in between."""
    return not any(issubclass(each, Registrable) and each is not Registrable for each in cls.__mro__[1:])


def choose(cls: type, data: Mapping[Any, Any]) -> Chosen | str:
    """The implementation that a block asks for, or why it asks for none."""
    if not has_registry(cls):
        return _choose_itself(cls, data)
    name = data.get("type", getattr(cls, "default_implementation", None))
    if name is None:
        return _untyped(cls)
    if not isinstance(name, str):
        return f"got {show(name)}; expected the name of {an(cls.__name__)}, a string"
    found = find(cls, name)
    if isinstance(found, str):
        return found if "type" in data else f"missing, and what stands for it is not available: {found}"
    if name not in registered_so_far(cls) and not is_subclass(found.cls, cls):
        return f"got {show(name)}; expected {an(cls.__name__)}, which {qualified_name(found.cls)} is not"
    return Chosen(found.cls, found.constructor, "type" in data)


def _untyped(cls: type) -> str:
    names = list(registrations(cls))
    if not names:
        return f"no {cls.__name__} is registered; import the package that brings one (--include-package)"
    return f"missing; expected the name of {an(cls.__name__)}: {one_of(names)}"


def _choose_itself(cls: type, data: Mapping[Any, Any]) -> Chosen | str:
    """A class without implementations of its own. It may be named all the same, by any name that stands for it."""
    name = data.get("type")
    if not isinstance(name, str) or "type" in signature_of(cls).parameters:
        return Chosen(cls)
    for base in cls.__mro__[1:]:
        entry = registered_so_far(base).get(name)
        if entry is not None and entry.cls is cls:
            return Chosen(cls, entry.constructor, names_type=True)
    return Chosen(cls, names_type=name == qualified_name(cls))


@visits(Component)
def _component(node: Component, value: Any, place: Place, context: Context) -> Walk[Step]:
    if not isinstance(value, (str, Mapping)) and is_instance(value, node.cls):
        return Ready(value)
    if overrides_from_params(node.cls):
        return _custom(node.cls, None, value, place, context)
    step: Step = yield block(node, value, place, context)
    return step


def block(node: Component, value: Any, place: Place, context: Context) -> Walk[Step]:
    """The walk over a block whose class does not read it itself: find the implementation, then its arguments."""
    registry = has_registry(node.cls)
    data = {"type": value} if isinstance(value, str) and registry else value
    if not isinstance(data, Mapping):
        names = f", or the name of one: {one_of(list(registrations(node.cls)))}" if registry else ""
        return context.refuse(place, value, node.expected() + names)
    chosen = choose(node.cls, data)
    if isinstance(chosen, str):
        at = place if isinstance(value, str) else place / "type"
        return context.report(at, chosen)
    rest = {key: item for key, item in data.items() if key != "type"} if chosen.names_type else data
    constructor = getattr(chosen.cls, chosen.constructor) if chosen.constructor else chosen.cls
    name = data.get("type", getattr(node.cls, "default_implementation", None)) if registry else None
    if overrides_from_params(chosen.cls) and chosen.cls is not node.cls:
        context.chosen.append(Block(place, name, None, context.given))
        return _custom(chosen.cls, constructor, rest, place, context)
    if inspect.isabstract(chosen.cls) and chosen.constructor is None:
        return context.report(place, _abstract(chosen.cls))
    arguments = node.arguments if chosen.cls is node.cls else ()
    signature = signature_of(chosen.cls, chosen.constructor, arguments)
    context.chosen.append(Block(place, name, signature, context.given))
    step: Step = yield call(constructor, signature, rest, place, context, chosen.cls)
    return step


def _abstract(cls: type) -> str:
    methods = ", ".join(sorted(getattr(cls, "__abstractmethods__", ())))
    return f"{cls.__name__} is abstract (it lacks {methods}); name a complete implementation"


def call(
    constructor: Callable[..., Any],
    signature: Signature,
    data: Mapping[Any, Any],
    place: Place,
    context: Context,
    makes: type = object,
) -> Walk[Step]:
    """The walk over a constructor's arguments."""
    parts: dict[str, Step] = {}
    for name, parameter in signature.parameters.items():
        if name in data:
            parts[name] = yield visit(parameter.node, data[name], place / name, context)
        elif name in context.extras:
            context.used.add(name)
            parts[name] = Ready(context.extras[name])
        elif name in context.given:
            context.used.add(name)
        elif parameter.required:
            near = did_you_mean(name, [key for key in data if isinstance(key, str) and key not in signature.parameters])
            cure = near.replace("did you mean", "is it").replace("?", ", which is there?") if near else ""
            context.report(
                place / name, f"missing; {signature.name} needs it: expected {parameter.node.expected()}{cure}"
            )
    others = {key: item for key, item in data.items() if key not in signature.parameters}
    if signature.rest is None or not all(isinstance(key, str) for key in others):
        unknown_keys(list(signature.parameters), data, place, context, signature.name)
    else:
        for name, item in others.items():
            parts[name] = yield visit(signature.rest, item, place / name, context)
    return Call(constructor, parts, place, makes)


def _custom(cls: type, constructor: Callable[..., Any] | None, value: Any, place: Place, context: Context) -> Step:
    """A class that reads its block itself: the block must be one; what is in it is for the class to judge."""
    data = {"type": value} if isinstance(value, str) else value
    if not isinstance(data, Mapping):
        return context.refuse(place, value, f"{an(cls.__name__)} block")
    parameters = inspect.signature(cls.from_params).parameters.values()  # type: ignore[attr-defined]
    takes_all = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    names = {each.name for each in parameters}
    passed = {name: extra for name, extra in context.extras.items() if takes_all or name in names}
    context.used.update(passed)
    return CallFromParams(cls, data, constructor, passed, place)


@visits(ClassName)
def _class_name(node: ClassName, value: Any, place: Place, context: Context) -> Walk[Step]:
    yield from ()
    if is_subclass(value, node.base):
        return Ready(value)
    if not isinstance(value, str):
        return context.refuse(place, value, node.expected())
    found = find(node.base, value)
    if isinstance(found, str):
        return context.report(place, found)
    if value not in registered_so_far(node.base) and not is_subclass(found.cls, node.base):
        return context.report(place, f"got {show(value)}; expected {node.expected()}")
    return Ready(found.cls)


@visits(Later)
def _later(node: Later, value: Any, place: Place, context: Context) -> Walk[Step]:
    if isinstance(value, Lazy):
        return Ready(value)
    inside = context.later(node.provides)
    yield visit(node.node, value, place, inside)
    return Postpone(node.node, value, context.extras, node.provides or frozenset(), place)
