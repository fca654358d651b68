"""Objects that are built later, when what they need exists."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from foldformer.config.params import Params

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Provides:
    """Declares what the holder of a `Lazy` will hand to `construct`, so that *check* can judge everything else.

    `model: Annotated[Lazy[Model], Provides("vocab")]`: a missing `vocab` is no problem, a missing `dim` is.

    Args:
        names: Names of the arguments.
    """

    def __init__(self, *names: str) -> None:
        self.names = frozenset(names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Provides) and other.names == self.names

    def __hash__(self) -> int:
        return hash(self.names)

    def __repr__(self) -> str:
        return f"Provides({', '.join(map(repr, sorted(self.names)))})"


class Lazy(Generic[T]):
    """A checked block of a file that becomes an object when `construct` is called, as often as it is called.

    Ask for it where an argument needs something that only your constructor can make:

    ```python
    def __init__(self, optimizer: Lazy[Optimizer], model: Model) -> None:
        self.optimizer = optimizer.construct(parameters=model.parameters())
    ```

    It also works as a default: `optimizer: Lazy[Optimizer] = Lazy(Adam)`.

    Args:
        constructor: A class to build from `params`, or any function to call.
        params: The block.
        constructor_extras: Objects to hand down by name; those that nobody asks for are left out.
        kwargs: More of them; one that nobody asks for is an error, as in `construct`.
    """

    def __init__(
        self,
        constructor: type[T] | Callable[..., T],
        params: Params | Mapping[str, Any] | None = None,
        constructor_extras: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self._target: Any = constructor
        self._params: Any = {} if params is None else params
        self._extras = dict(constructor_extras or {})
        self._kwargs = kwargs
        self._path = ""
        self._provides: frozenset[str] = frozenset()

    @classmethod
    def at(
        cls, path: str, target: object, data: object, extras: Mapping[str, Any], provides: frozenset[str]
    ) -> Lazy[T]:
        """A lazy object that stands at a place in a file; its errors name the place.

        Args:
            path: The place.
            target: The type hint to build, resolved or not.
            data: The block.
            extras: What the file's reader hands down.
            provides: What `construct` may be given though this block has no use for it.
        """
        lazy: Lazy[T] = cls(target, None, extras)  # type: ignore[arg-type]
        lazy._params, lazy._path, lazy._provides = data, path, provides
        return lazy

    @property
    def constructor(self) -> Callable[..., T]:
        """A function that builds the object from keyword arguments, as `construct` does."""
        return self.construct

    @property
    def block(self) -> tuple[type, dict[str, Any]]:
        """The class that will be built and its settings, where a file could say as much.

        Raises:
            TypeError: It is no class, or holds objects that no file can.
        """
        if not isinstance(self._target, type) or self._extras or self._kwargs:
            raise TypeError(f"{self._target!r} with its extras is no data")
        return self._target, dict(self._params)

    def construct(self, **extras: Any) -> T:
        """Build the object.

        Args:
            extras: Objects for the constructor, and for the constructors inside it, by parameter name; they win over
                extras that were known earlier. What the block says itself wins over both, with a warning.

        Raises:
            ConfigurationError: The block does not fit, or nothing in it takes one of `extras`.
        """
        # Not at the top: the builder needs this class.
        from foldformer.config.build import build, build_call

        wanted = {**self._kwargs, **extras}
        known = {**self._extras, **wanted}
        if inspect.isroutine(self._target):
            return build_call(self._target, self._params, known, wanted)  # type: ignore[no-any-return]
        twice = [name for name in wanted if isinstance(self._params, Mapping) and name in self._params]
        for name in twice:
            logger.warning("%s: the file says what it is; not taken from the code", f"{self._path}.{name}".lstrip("."))
        must_use = frozenset(wanted) - self._provides - frozenset(twice)
        return build(self._target, self._params, extras=known, path=self._path, must_use=must_use)  # type: ignore[no-any-return]
