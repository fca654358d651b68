"""What a constructor takes: names, nodes, defaults and documentation, through `**kwargs` and generic bases."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from foldformer.config.check.docstrings import parameter_descriptions
from foldformer.config.check.hints import Bindings, Translation, evaluated
from foldformer.config.check.node import Node
from foldformer.config.check.unions import either
from foldformer.config.check.values import Anything, Null, Unannotated, Unusable

_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Missing:
    """The absence of a default."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = Missing()


@dataclass(frozen=True)
class Factory:
    """A default that a dataclass makes anew for each object.

    Args:
        make: Makes it.
    """

    make: Callable[[], Any]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a constructor.

    Args:
        name: Its name, which is the key in a file.
        node: What it may be.
        default: Its default, a `Factory`, or `MISSING`.
        description: From the `Args` of the docstring.
        may_be_supplied: A classmethod reaches it through its `**kwargs`, and may fill it in itself.
    """

    name: str
    node: Node
    default: Any = MISSING
    description: str = ""
    may_be_supplied: bool = False

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is MISSING and not self.may_be_supplied


@dataclass(frozen=True)
class Signature:
    """What a constructor takes.

    Args:
        name: The class, and the method if it is not the constructor, for errors.
        parameters: By name, in order; those reached through `**kwargs` last.
        rest: What further keys may hold, where the constructor keeps a `**kwargs` for itself; None where it does not.
    """

    name: str
    parameters: Mapping[str, Parameter]
    rest: Node | None = None


@functools.cache
def signature_of(cls: type, constructor: str | None = None, arguments: tuple[tuple[Any, Node], ...] = ()) -> Signature:
    """The signature of a class, or of one of its classmethods.

    Args:
        cls: The class.
        constructor: The classmethod; None for the class itself.
        arguments: What the type variables of a generic class stand for.
    """
    name = f"{cls.__name__}.{constructor}" if constructor else cls.__name__
    return _inspect(name, cls, constructor or "__init__", dict(arguments))


def signature_of_callable(function: Callable[..., Any], cls: type | None = None) -> Signature:
    """The signature of something callable that no registry knows.

    Args:
        function: A class, a classmethod, a constructor of `cls` or of one of its superclasses, or any function.
        cls: The class that is built.
    """
    if isinstance(function, type):
        return signature_of(function)
    if inspect.ismethod(function) and isinstance(function.__self__, type):
        return signature_of(function.__self__, function.__name__)
    for owner in cls.__mro__ if cls is not None else ():
        if owner.__dict__.get("__init__") is function:
            return signature_of(owner)
    name = getattr(function, "__name__", repr(function))
    return Signature(name, *_own_parameters(name, None, function, {}))


def _inspect(name: str, cls: type, method: str, bindings: Bindings) -> Signature:
    """Walk the classes from which a constructor takes parameters, as long as each hands its `**kwargs` on."""
    parameters: dict[str, Parameter] = {}
    owner, function = _lookup(cls.__mro__, method)
    if function is None:
        owner, function = _lookup(cls.__mro__, "__new__")
    rest: Node | None = None
    first = method
    while function is not None:
        own, rest = _own_parameters(name, owner, function, _bindings_in(cls, owner, bindings))
        if method != first:
            own = {key: dataclasses.replace(each, may_be_supplied=True) for key, each in own.items()}
        parameters = {**parameters, **{key: each for key, each in own.items() if key not in parameters}}
        if rest is None:
            break
        owner, function, method = _next(cls, owner, method)
    return Signature(name, types.MappingProxyType(parameters), rest)


def _lookup(classes: tuple[type, ...], method: str) -> tuple[type, Any]:
    """The first class that defines a method itself, and the method; None where only `object` does."""
    for owner in classes:
        function = owner.__dict__.get(method)
        if function is not None and owner is not object and not _only_passes_on(function):
            return owner, function
    return object, None


def _only_passes_on(function: Any) -> bool:
    """Whether a constructor declares nothing, as `torch.nn.Module.__init__(self, *args, **kwargs)` does not."""
    parameters = list(_raw_parameters(function, in_class=True).values())
    return bool(parameters) and {each.kind for each in parameters} == {
        inspect.Parameter.VAR_POSITIONAL,
        inspect.Parameter.VAR_KEYWORD,
    }


def _next(cls: type, owner: type, method: str) -> tuple[type, Any, str]:
    """Who receives the `**kwargs`: the same method of a superclass, and for a classmethod otherwise the constructor."""
    above = cls.__mro__[cls.__mro__.index(owner) + 1 :]
    found, function = _lookup(above, method)
    if function is None and method != "__init__":
        method = "__init__"
        found, function = _lookup(cls.__mro__, method)
    return found, function, method


def _raw_parameters(function: Any, *, in_class: bool) -> dict[str, inspect.Parameter]:
    """The parameters of a function; of one that stands in a class body, without `self` or `cls`."""
    try:
        parameters = list(inspect.signature(_unwrapped(function)).parameters.items())
    except (ValueError, TypeError):  # written in C, without a signature
        return {}
    # A static `__new__` is given the class all the same.
    first = in_class and (not isinstance(function, staticmethod) or _unwrapped(function).__name__ == "__new__")
    keep = parameters[1:] if first and parameters and parameters[0][1].kind in _BY_POSITION else parameters
    return dict(keep)


def _unwrapped(function: Any) -> Any:
    return function.__func__ if isinstance(function, (classmethod, staticmethod)) else function


def _own_parameters(
    name: str, owner: type | None, function: Any, bindings: Bindings
) -> tuple[dict[str, Parameter], Node | None]:
    """The parameters that one function declares, and what its `**kwargs` may hold (None without one)."""
    raw = _raw_parameters(function, in_class=owner is not None)
    hints = _hints(owner, _unwrapped(function), raw)
    descriptions = parameter_descriptions([each for each in (_unwrapped(function), owner) if each is not None])
    translation = Translation(bindings)
    parameters: dict[str, Parameter] = {}
    rest: Node | None = None
    for parameter in raw.values():
        hint = hints.get(parameter.name, parameter.annotation)
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            rest = Anything() if hint is inspect.Parameter.empty else translation.node(hint)
        elif parameter.kind is not inspect.Parameter.VAR_POSITIONAL:
            node = _node(name, parameter, hint, translation)
            default = _default(owner, parameter)
            parameters[parameter.name] = Parameter(parameter.name, node, default, descriptions.get(parameter.name, ""))
    return parameters, rest


def _node(name: str, parameter: inspect.Parameter, hint: Any, translation: Translation) -> Node:
    if parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
        return Unusable(f"{name} takes it by position only; remove the `/` after it from the signature")
    if hint is inspect.Parameter.empty:
        return Unannotated(cure=f"{name} does not say what it takes; annotate it, for example `{parameter.name}: int`")
    node = translation.node(hint)
    return either([node, Null()]) if parameter.default is None and not node.fits(None) else node


def _default(owner: type | None, parameter: inspect.Parameter) -> Any:
    if parameter.default is inspect.Parameter.empty:
        return MISSING
    fields = getattr(owner, "__dataclass_fields__", {})
    made = getattr(fields.get(parameter.name), "default_factory", dataclasses.MISSING)
    return Factory(made) if made is not dataclasses.MISSING else parameter.default


def _hints(owner: type | None, function: Any, raw: Mapping[str, inspect.Parameter]) -> dict[str, Any]:
    """The evaluated hints of a function's parameters."""
    if owner is not None and _is_generated(owner, function):
        return _dataclass_hints(owner)
    written = {name: each.annotation for name, each in raw.items() if each.annotation is not inspect.Parameter.empty}
    function = inspect.unwrap(function)
    return evaluated(written, _names(owner, function))


def _is_generated(owner: type, function: Any) -> bool:
    """Whether `dataclass` wrote a constructor: its hints then stand on the fields, in the module of each class."""
    code = getattr(function, "__code__", None)
    return dataclasses.is_dataclass(owner) and getattr(code, "co_filename", "") == "<string>"


def _dataclass_hints(owner: type) -> dict[str, Any]:
    hints: dict[str, Any] = {}
    for cls in reversed(owner.__mro__):
        own = inspect.get_annotations(cls)
        if own and cls is not object:
            hints.update(evaluated(own, _names(cls, None)))
    return hints


def _names(owner: type | None, function: Any) -> dict[str, Any]:
    """The names that an annotation may use: the module's, then enclosing functions', then the class's own."""
    names: dict[str, Any] = {}
    if owner is not None:
        names.update({key: value for key, value in vars(owner).items() if isinstance(value, type)})
        names[owner.__name__] = owner
    for scope in (owner, function):  # Python 3.12: `class Box[T]`
        names.update({each.__name__: each for each in getattr(scope, "__type_params__", ())})
    closure = getattr(function, "__closure__", None) or ()
    names.update(_filled(zip(function.__code__.co_freevars, closure, strict=False)) if closure else {})
    module: str = getattr(function, "__module__", None) or getattr(owner, "__module__", None) or ""
    module_names = getattr(function, "__globals__", None) or (
        vars(sys.modules[module]) if module in sys.modules else {}
    )
    return {**names, **module_names}


def _filled(cells: Iterable[tuple[str, types.CellType]]) -> dict[str, Any]:
    filled = {}
    for name, cell in cells:
        try:
            filled[name] = cell.cell_contents
        except ValueError:  # a variable that is assigned later
            continue
    return filled


def _bindings_in(cls: type, owner: type, bindings: Bindings) -> Bindings:
    """What the type variables of a base class stand for in a class that derives from it."""
    if cls is owner:
        return bindings
    for base in cls.__dict__.get("__orig_bases__", cls.__bases__):
        origin = typing.get_origin(base) or base
        if isinstance(origin, type) and owner in origin.__mro__:
            variables = getattr(origin, "__parameters__", ())
            translation = Translation(bindings)
            stand_for = [translation.node(argument) for argument in typing.get_args(base)]
            return _bindings_in(origin, owner, dict(zip(variables, stand_for, strict=False)))
    return bindings
