"""Objects that can be built from plain data."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from foldformer.config.errors import Problem

if TYPE_CHECKING:
    from foldformer.config.params import Params

logger = logging.getLogger(__name__)


class FromParams:
    """A class whose constructor's type hints say how to build it from a block of a file.

    Derive from this where there is one implementation, and from `Registrable` where a file chooses among several by
    name. A class may override `from_params` to do something of its own; then *check* takes its block as it is.
    """

    @classmethod
    def from_params(
        cls,
        params: Params | Mapping[str, Any] | str | None,
        constructor_to_call: Callable[..., Any] | None = None,
        constructor_to_inspect: Callable[..., Any] | None = None,
        **extras: Any,
    ) -> Self:
        """Build an object of this class, or of the class that `type` names, from plain data.

        Everything is checked before the first constructor runs. The data is left as it is.

        Args:
            params: The block; a bare name stands for `{"type": name}`; None gives None.
            constructor_to_call: What to call with the arguments; the class itself by default.
            constructor_to_inspect: What to read the parameters from; `constructor_to_call` by default.
            extras: Objects that no file can hold (a vocabulary, say), handed to whoever asks for them by name.

        Raises:
            ConfigurationError: The data does not fit; carries all problems.
        """
        # Not at the top: the builder needs this class.
        from foldformer.config.build import build_block, build_with

        if params is None:
            return None  # type: ignore[return-value]
        if constructor_to_call is None and constructor_to_inspect is None:
            return build_block(cls, params, extras)  # type: ignore[no-any-return]
        inspected = constructor_to_inspect or constructor_to_call
        return build_with(cls, constructor_to_call or cls, inspected, params, extras)  # type: ignore[no-any-return]

    @classmethod
    def check_block(cls, block: Mapping[str, Any]) -> Iterable[Problem]:
        """What is wrong with a block that type hints alone find right; override it for what they cannot say.

        *check* and `build` ask it before anything is built.

        Args:
            block: The keys that the file gives, without `type` and what code hands over; not to be changed.

        Returns:
            Problems with their paths inside the block.
        """
        del block
        return ()

    def to_params(self) -> Params:
        """The block that `from_params` turns into an object like this one.

        A class of your own says what it holds by overriding `_to_params`, not this.
        """
        from foldformer.config.params import Params

        return Params(_as_data(self._to_params()))

    def _to_params(self) -> dict[str, Any]:
        """The constructor's arguments as plain data; objects in it that have `to_params` are replaced by theirs."""
        raise NotImplementedError(
            f"{type(self).__name__} does not say which parameters it was made with; override _to_params"
        )


def overrides_from_params(cls: type) -> bool:
    """Whether a class, or one it inherits from, builds itself in its own way rather than by its constructor's hints."""
    method = getattr(cls, "from_params", None)
    return method is not None and getattr(method, "__func__", method) is not FromParams.__dict__["from_params"].__func__


def _as_data(value: object) -> Any:
    if isinstance(value, FromParams):
        return value.to_params().as_dict(quiet=True)
    if isinstance(value, Mapping):
        return {key: _as_data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_data(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return {_as_data(item) for item in value}
    return value
