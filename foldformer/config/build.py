"""Build objects from plain data: check all of it, then make the constructor calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from foldformer.config.check import examine, plain
from foldformer.config.check_components import block, call
from foldformer.config.errors import ConfigurationError, Problem
from foldformer.config.lazy import Lazy
from foldformer.config.nodes import Component
from foldformer.config.params import Params
from foldformer.config.places import Place, place_of
from foldformer.config.signature import signature_of_callable
from foldformer.config.steps import Call, CallFromParams, Copy, Gather, Postpone, Ready, Step, Tabulate, Walk, run
from foldformer.config.walk import Context


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
    path, value = plain(data, "")
    context = Context(extras=extras)
    step = run(block(Component(cls), value, place_of(path), context))
    return _finish(step, context, path, frozenset())


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
    path, value = plain(data, "")
    context = Context(extras=extras)
    own = inspected is None or inspected is getattr(cls, "__init__", None)
    signature = signature_of_callable(cls if own or inspected is None else inspected, cls)
    step = run(call(constructor, signature, value, place_of(path), context, cls))
    return _finish(step, context, path, frozenset())


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
    path, value = plain(data, "")
    context = Context(extras=extras)
    signature = signature_of_callable(function)
    others = {} if signature.rest is None else {key: each for key, each in must_use.items() if key not in value}
    step = run(call(lambda **found: function(**{**others, **found}), signature, value, place_of(path), context))
    return _finish(step, context, path, frozenset(must_use) - frozenset(others))


def _finish(step: Step, context: Context, path: str, must_use: frozenset[str]) -> Any:
    unused = sorted(must_use - context.used)
    if unused:
        context.problems.extend(Problem(path, f"nothing takes the argument {name!r}") for name in unused)
    if context.problems:
        raise ConfigurationError(problems=context.problems)
    return run(_perform(step))


def _perform(step: Step) -> Walk[Any]:
    if isinstance(step, Ready):
        return step.value
    if isinstance(step, Copy):
        return (yield _copied(step.value))
    if isinstance(step, Gather):
        parts = []
        for part in step.parts:
            parts.append((yield _perform(part)))
        return step.container(parts)
    if isinstance(step, (Tabulate, Call)):
        arguments = {}
        for name, part in step.parts.items():
            arguments[name] = yield _perform(part)
        return _called(step, arguments) if isinstance(step, Call) else step.container(arguments)
    if isinstance(step, Postpone):
        return Lazy.at(str(step.place), step.node, step.data, step.extras, step.provides)
    assert isinstance(step, CallFromParams)
    return _call_from_params(step)


def _called(step: Call, arguments: dict[str, Any]) -> Any:
    with _placed(step.place):
        return step.constructor(**arguments)


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


def _copied(value: Any) -> Walk[Any]:
    """A copy of lists and blocks; what they hold stays the same objects."""
    if isinstance(value, Mapping):
        table = {}
        for key, item in value.items():
            table[key] = yield _copied(item)
        return table
    if type(value) in (list, tuple):
        items = []
        for item in value:
            items.append((yield _copied(item)))
        return type(value)(items)
    return value
