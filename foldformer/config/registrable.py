"""A registry of named implementations for every base class."""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from overrides import overrides

from foldformer.config import discovery
from foldformer.config.class_paths import find_class, find_imported_class
from foldformer.config.errors import ConfigurationError
from foldformer.config.from_params import FromParams
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.config.trust import is_restricted, refusal

logger = logging.getLogger(__name__)

AnyClass = TypeVar("AnyClass", bound=type)


@dataclass(frozen=True)
class Registration:
    """One name in the registry of a base class.

    Args:
        name: What a file writes as `type`.
        cls: The class it stands for.
        constructor: The classmethod that builds it; None for the class itself.
        where: `file:line` of the registration.
        module: The module that registered it.
    """

    name: str
    cls: type
    constructor: str | None
    where: str
    module: str = ""

    @property
    def package(self) -> str:
        """The top-level package that brings the component; it may register a class of another one."""
        return (self.module or self.cls.__module__).partition(".")[0]

    def __str__(self) -> str:
        """Class and place, for errors."""
        method = f".{self.constructor}" if self.constructor else ""
        return f"{qualified_name(self.cls)}{method} ({self.where})"


class Registry(dict[type, dict[str, Registration]]):
    """All registrations, by base class and name.

    AllenNLP kept pairs of class and constructor here, and its projects put some in where there is no class to decorate:
    `Registrable._registry[Layer] = {"linear": (torch.nn.Linear, None)}`.
    """

    def __setitem__(self, base: type, entries: Mapping[str, Registration | tuple[type, str | None]]) -> None:
        """Replace what is registered for a base class."""
        where = f"{base.__module__}, without a decorator"
        complete = {
            name: each if isinstance(each, Registration) else Registration(name, *each, where, base.__module__)
            for name, each in entries.items()
        }
        super().__setitem__(base, complete)


class Registrable(FromParams):
    """A base class whose implementations a file chooses by name.

    ```python
    class Pooler(Registrable):
        default_implementation = "mean"

    @Pooler.register("mean")
    class MeanPooler(Pooler):
        def __init__(self, dim: int) -> None: ...

    Pooler.from_params(Params({"type": "mean", "dim": 3}))
    ```

    A class may be registered under several names and several bases, and with a classmethod as its constructor. Set
    `default_implementation` on the base to the name that stands for a block without `type`.
    """

    _registry: ClassVar[Registry] = Registry()

    default_implementation: str | None = None

    @classmethod
    def register(
        cls, name: str, constructor: str | None = None, exist_ok: bool = False
    ) -> Callable[[AnyClass], AnyClass]:
        """Decorate a class to make it available as `type: name` wherever this base class is asked for.

        Args:
            name: The name; permanent, since files and archives hold it.
            constructor: The classmethod to call rather than the class; its hints are then the parameters.
            exist_ok: Replace an earlier registration of the same name. Otherwise it is an error.

        Raises:
            ConfigurationError: The name is taken (both places are named), or `constructor` is no method of the class.
        """
        caller = sys._getframe(1)
        where = f"{caller.f_code.co_filename}:{caller.f_lineno}"
        module = str(caller.f_globals.get("__name__", ""))

        def add(subclass: AnyClass) -> AnyClass:
            cls._add(Registration(name, subclass, constructor, where, module), exist_ok)
            return subclass

        return add

    @classmethod
    def _add(cls, new: Registration, exist_ok: bool) -> None:
        registry = Registrable._registry.setdefault(cls, {})
        old = registry.get(new.name)
        if old is not None and not exist_ok:
            raise ConfigurationError(
                f"{cls.__name__}: the name {new.name!r} is registered twice: by {old} and by {new}; "
                "choose another name, or pass exist_ok=True to replace the first"
            )
        if old is not None:
            logger.info("%s: %r was %s and is now %s", cls.__name__, new.name, old, new)
        if new.constructor is not None and not callable(getattr(new.cls, new.constructor, None)):
            methods = [method for method, _ in inspect.getmembers(new.cls, inspect.ismethod)]
            raise ConfigurationError(
                f"{cls.__name__}: {new} names a constructor that {new.cls.__name__} does not have; "
                f"expected one of its classmethods{did_you_mean(new.constructor, methods)}"
            )
        registry[new.name] = new

    @classmethod
    def by_name(cls, name: str) -> Callable[..., Any]:
        """What to call to build the implementation with this name: its class, or its registered classmethod.

        Raises:
            ConfigurationError: The name is neither registered nor the path of a class.
        """
        subclass, constructor = cls.resolve_class_name(name)
        return getattr(subclass, constructor) if constructor else subclass

    @classmethod
    def resolve_class_name(cls, name: str) -> tuple[type, str | None]:
        """The class behind a registered name or a fully qualified path, and its registered constructor, if any.

        Raises:
            ConfigurationError: There is no such name or class; says what is near and which packages failed to import.
        """
        found = find(cls, name)
        if isinstance(found, str):
            raise ConfigurationError(f"{cls.__name__}: {found}")
        return found.cls, found.constructor

    @classmethod
    def list_available(cls) -> list[str]:
        """All registered names, the default implementation first.

        Raises:
            ConfigurationError: `default_implementation` is not registered.
        """
        names = list(registrations(cls))
        default = cls.default_implementation
        if default is None:
            return names
        if default not in names:
            raise ConfigurationError(
                f"{cls.__name__}: default_implementation is {default!r}, which is not registered; "
                f"expected {one_of(names) or 'a registered name'}{did_you_mean(default, names)}"
            )
        return [default] + [name for name in names if name != default]

    @overrides
    def _to_params(self) -> dict[str, Any]:
        """The registered name and every required argument that the object keeps under its name or `_name`.

        Enough for simple classes; others override it.

        Raises:
            ConfigurationError: The class is not registered.
        """
        names = [
            each.name
            for registry in Registrable._registry.values()
            for each in registry.values()
            if each.cls is type(self)
        ]
        if not names:
            raise ConfigurationError(
                f"{qualified_name(type(self))} is not registered; register it or override _to_params"
            )
        data: dict[str, Any] = {"type": names[0]}
        for parameter in inspect.signature(type(self)).parameters.values():
            kept = [attribute for attribute in (parameter.name, f"_{parameter.name}") if hasattr(self, attribute)]
            if parameter.default is inspect.Parameter.empty and kept:
                data[parameter.name] = getattr(self, kept[0])
        return data


def qualified_name(cls: type) -> str:
    """Module and name of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def registered_bases() -> list[type]:
    """Every base class that has registered implementations, in the order of their first registration."""
    discovery.discover()
    return [base for base, registry in Registrable._registry.items() if registry]


def registrations(base: type) -> dict[str, Registration]:
    """Every registration of a base class by name, the announced packages imported first."""
    discovery.discover()
    return dict(registered_so_far(base))


def registered_so_far(base: type) -> Mapping[str, Registration]:
    """What is registered for a base class now, without importing anything."""
    return Registrable._registry.get(base, {})


def find(base: type, name: str) -> Registration | str:
    """The registration behind a name or a class path, or why there is none.

    Announced packages are imported only if the name is not known without them.
    """
    registered = registered_so_far(base).get(name)
    if registered is None:
        registered = registrations(base).get(name)
    if registered is not None:
        return registered
    if "." not in name:
        return _why_unknown(base, name)
    found = _find_for_archive(base, name) if is_restricted() else find_class(name)
    return found if isinstance(found, str) else Registration(name, found, None, "found by its path")


def _find_for_archive(base: type, name: str) -> type | str:
    """The class that an archive names by its path, if it may, or why it may not; nothing is imported for it."""
    if name.partition(".")[0] not in _known_packages():
        return refusal(f"the class {show(name)}, which is of no package that is included")
    found = find_imported_class(name)
    if isinstance(found, str):
        return refusal(f"the class {show(name)}, whose module is not imported")
    return found if issubclass(found, base) else refusal(f"the class {show(name)}, which is no {base.__name__}")


def _known_packages() -> set[str]:
    """The packages that have registered something: ours, announced ones, and those that the caller imported."""
    return {each.package for registry in Registrable._registry.values() for each in registry.values()}


def _why_unknown(base: type, name: str) -> str:
    names = list(registered_so_far(base))
    expected = one_of(names) if names else "a registered name, but none is registered"
    reasons = "".join(f"; {failure}" for failure in discovery.import_failures())
    cure = did_you_mean(name, names) or (
        "; a component of your own must be imported first (--include-package), or named by its class path"
    )
    return f"got {show(name)}; expected {expected}{cure}{reasons}"
