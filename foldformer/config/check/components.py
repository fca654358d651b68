"""Blocks that become objects: now, later, or as a class."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from overrides import overrides

from foldformer.config.check.containers import unknown_keys
from foldformer.config.check.context import Block, Context
from foldformer.config.check.node import Node, is_instance, is_subclass
from foldformer.config.check.place import Place
from foldformer.config.check.steps import Call, CallFromParams, Postpone, Ready, Step
from foldformer.config.from_params import overrides_from_params
from foldformer.config.lazy import Lazy
from foldformer.config.nearest import an, did_you_mean, one_of, show
from foldformer.config.registrable import Registrable, find, qualified_name, registered_so_far, registrations

if TYPE_CHECKING:
    from foldformer.config.check.signature import Signature


@dataclass(frozen=True)
class Component(Node):
    """A block that becomes an object: a registered implementation of `cls`, or `cls` itself.

    Args:
        cls: A `FromParams` class, a dataclass, or the base class of a registry.
        arguments: What the type variables of a generic class stand for.
    """

    cls: type
    arguments: tuple[tuple[Any, Node], ...] = ()

    @overrides
    def expected(self) -> str:
        return f"{an(self.cls.__name__)} block"

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        if not isinstance(value, (str, Mapping)) and is_instance(value, self.cls):
            return Ready(value)
        if overrides_from_params(self.cls):
            return _custom(self.cls, None, value, place, context)
        return block(self, value, place, context)

    @overrides
    def fits(self, value: Any) -> bool:
        if not isinstance(value, (str, Mapping)):
            return is_instance(value, self.cls)
        if overrides_from_params(self.cls):
            return True
        if isinstance(value, str):
            return has_registry(self.cls) and not isinstance(choose(self.cls, {"type": value}), str)
        return not isinstance(choose(self.cls, value), str)

    @overrides
    def resembles(self, value: Any) -> bool:
        return isinstance(value, Mapping) or (isinstance(value, str) and has_registry(self.cls))


@dataclass(frozen=True)
class ClassName(Node):
    """A class, by its registered name or its path (`Type[X]`).

    Args:
        base: What it must derive from.
    """

    base: type

    @overrides
    def expected(self) -> str:
        return f"the name of {an(self.base.__name__)} class"

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        if is_subclass(value, self.base):
            return Ready(value)
        if not isinstance(value, str):
            return context.refuse(place, value, self.expected())
        found = find(self.base, value)
        if isinstance(found, str):
            return context.report(place, found)
        if value not in registered_so_far(self.base) and not is_subclass(found.cls, self.base):
            return context.report(place, f"got {show(value)}; expected {self.expected()}")
        return Ready(found.cls)

    @overrides
    def fits(self, value: Any) -> bool:
        named = isinstance(value, str) and not isinstance(find(self.base, value), str)
        return named or is_subclass(value, self.base)

    @overrides
    def resembles(self, value: Any) -> bool:
        return isinstance(value, str)


@dataclass(frozen=True)
class Later(Node):
    """A block that is checked now and built when `Lazy.construct` is called.

    Args:
        node: What it will become.
        provides: Arguments that `construct` will be given; None where nobody said, and missing ones are not judged.
    """

    node: Node
    provides: frozenset[str] | None = None

    @overrides
    def expected(self) -> str:
        return self.node.expected()

    @overrides
    def check(self, value: Any, place: Place, context: Context) -> Step:
        if isinstance(value, Lazy):
            return Ready(value)
        self.node.check(value, place, context.later(self.provides))
        return Postpone(self.node, value, context.extras, self.provides or frozenset(), place)

    @overrides
    def fits(self, value: Any) -> bool:
        return isinstance(value, Lazy) or self.node.fits(value)

    @overrides
    def resembles(self, value: Any) -> bool:
        return self.node.resembles(value)


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


def _signature_of(cls: type, *more: Any) -> Signature:
    # Not at the top: this is where the registry's circle closes. A signature is made of hints, hints of components.
    from foldformer.config.check.signature import signature_of

    return signature_of(cls, *more)


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
    if not isinstance(name, str) or "type" in _signature_of(cls).parameters:
        return Chosen(cls)
    for base in cls.__mro__[1:]:
        entry = registered_so_far(base).get(name)
        if entry is not None and entry.cls is cls:
            return Chosen(cls, entry.constructor, names_type=True)
    return Chosen(cls, names_type=name == qualified_name(cls))


def block(node: Component, value: Any, place: Place, context: Context) -> Step:
    """Check a block whose class does not read it itself: find the implementation, then its arguments."""
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
    signature = _signature_of(chosen.cls, chosen.constructor, arguments)
    context.chosen.append(Block(place, name, signature, context.given))
    before = len(context.problems)
    step = call(constructor, signature, rest, place, context, chosen.cls)
    if len(context.problems) == before and hasattr(chosen.cls, "check_block"):
        context.problems.extend(problem.under(str(place)) for problem in chosen.cls.check_block(rest))
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
) -> Step:
    """Check a constructor's arguments."""
    parts: dict[str, Step] = {}
    for name, parameter in signature.parameters.items():
        if name in data:
            parts[name] = parameter.node.check(data[name], place / name, context)
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
            parts[name] = signature.rest.check(item, place / name, context)
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
