"""The third step: make the constructor calls that *check* left, once all of the data was found right."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from foldformer.config.check import examine, examine_with
from foldformer.config.check.components import Component, block, call
from foldformer.config.check.context import Context
from foldformer.config.check.place import Place
from foldformer.config.check.signature import signature_of_callable
from foldformer.config.check.steps import Call, CallFromParams, Copy, Gather, Postpone, Ready, Step, Tabulate
from foldformer.config.errors import ConfigurationError, Problem
from foldformer.config.lazy import Lazy
from foldformer.config.params import Params


def build(
    target: Any,
    data: Any,
    *,
    extras: Mapping[str, Any] | None = None,
    path: str = "",
    must_use: frozenset[str] = frozenset(),
) -> Any:
    """Build what a type hint asks for.

    Args:
        target: A class or any other type hint.
        data: Plain data or `Params`; stays as it is.
        extras: Objects that no file can hold, for whoever asks for them by name.
        path: Where the data stand in their file, for errors.
        must_use: Names of extras that something has to ask for.

    Raises:
        ConfigurationError: Something does not fit; the problems are those of `check`, and nothing was built.
    """
    context = Context(extras=extras or {})
    step = examine(target, data, path, context)
    return _finish(step, context, path, must_use)


def build_block(cls: type, data: Any, extras: Mapping[str, Any]) -> Any:
    """Build a class by its constructor's hints even if it has a `from_params` of its own, which calls this.

    Raises:
        ConfigurationError: As `build`.
    """
    context = Context(extras=extras)
    step = examine_with(partial(block, Component(cls)), data, "", context)
    return _finish(step, context, "", frozenset())


def build_with(
    cls: type,
    constructor: Callable[..., Any],
    inspected: Callable[..., Any] | None,
    data: Any,
    extras: Mapping[str, Any],
) -> Any:
    """Build with a certain constructor, whatever the block's class is registered with.

    Args:
        cls: The class.
        constructor: What to call.
        inspected: What to read the parameters from; the constructor's own where it is None or the class's `__init__`.
        data: Plain data or `Params`.
        extras: As in `build`.

    Raises:
        ConfigurationError: As `build`.
    """
    context = Context(extras=extras)
    own = inspected is None or inspected is getattr(cls, "__init__", None)
    signature = signature_of_callable(cls if own or inspected is None else inspected, cls)
    step = examine_with(partial(call, constructor, signature, makes=cls), data, "", context)
    return _finish(step, context, "", frozenset())


def build_call(function: Callable[..., Any], data: Any, extras: Mapping[str, Any], must_use: Mapping[str, Any]) -> Any:
    """Call a function with arguments from plain data.

    Args:
        function: The function; its hints say what the data may be.
        data: Plain data or `Params`.
        extras: As in `build`.
        must_use: Extras that the function has to take, by `**kwargs` if not by name.

    Raises:
        ConfigurationError: As `build`.
    """
    context = Context(extras=extras)
    signature = signature_of_callable(function)
    others = {} if signature.rest is None else {key: each for key, each in must_use.items() if key not in data}
    checker = partial(call, lambda **found: function(**{**others, **found}), signature)
    step = examine_with(checker, data, "", context)
    return _finish(step, context, "", frozenset(must_use) - frozenset(others))


def _finish(step: Step, context: Context, path: str, must_use: frozenset[str]) -> Any:
    unused = sorted(must_use - context.used)
    if unused:
        context.problems.extend(Problem(path, f"nothing takes the argument {name!r}") for name in unused)
    if context.problems:
        raise ConfigurationError(problems=context.problems)
    return _perform(step)


def _perform(step: Step) -> Any:
    match step:
        case Ready(value):
            return value
        case Copy(value):
            return _copied(value)
        case Gather(container, parts):
            return container([_perform(part) for part in parts])
        case Tabulate(container, entries):
            return container({key: _perform(part) for key, part in entries.items()})
        case Call(constructor, arguments, place):
            made = {name: _perform(part) for name, part in arguments.items()}
            with _placed(place):
                return constructor(**made)
        case Postpone(node, data, extras, provides, place):
            return Lazy.at(str(place), node, data, extras, provides)
        case CallFromParams():
            return _call_from_params(step)
    raise AssertionError(step)


def _call_from_params(step: CallFromParams) -> Any:
    method: Callable[..., Any] = step.cls.from_params  # type: ignore[attr-defined]
    parameters = inspect.signature(method).parameters
    takes_all = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    redirection = {}
    if step.constructor is not None:
        # As AllenNLP does: a method that hands both on to the `from_params` of `FromParams` is built with them.
        inspected = step.cls.__init__ if step.constructor is step.cls else step.constructor  # type: ignore[misc]
        redirection = {"constructor_to_call": step.constructor, "constructor_to_inspect": inspected}
    accepted = {name: value for name, value in redirection.items() if takes_all or name in parameters}
    prefix = str(step.place)
    params = Params(step.data, f"{prefix}." if prefix else "")
    with _placed(step.place):
        return method(params, **accepted, **step.extras)


@contextmanager
def _placed(place: Place) -> Iterator[None]:
    """Say where in the file an error arose that a constructor raised itself."""
    try:
        yield
    except ConfigurationError as error:
        prefix = str(place)
        if not prefix or all(f"{problem.path}.".startswith(f"{prefix}.") for problem in error.problems):
            raise
        raise error.under(prefix) from error
    except BaseException as error:
        if hasattr(error, "add_note") and str(place):  # Python 3.11
            error.add_note(f"while building {place}")
        raise


def _copied(value: Any) -> Any:
    """A copy of lists and blocks; what they hold stays the same objects."""
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(_copied, value))
    return value
