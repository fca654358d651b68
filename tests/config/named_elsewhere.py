"""Components whose hints are strings, as `from __future__ import annotations` makes them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

from foldformer.config import FromParams, Lazy, Provides, Registrable

if TYPE_CHECKING:
    from decimal import Decimal


class Base(Registrable):
    """A base."""

    def __init__(self, size: int, limit: int | None = None) -> None:
        self.size, self.limit = size, limit


@dataclasses.dataclass
class Options:
    depth: int
    names: list[str] = dataclasses.field(default_factory=list)


class Holder(FromParams):
    """Holds.

    Args:
        base: What it holds,
            in two lines.
        options: Settings.
    """

    class Inner(FromParams):
        def __init__(self, depth: int) -> None:
            self.depth = depth

    def __init__(
        self,
        base: Base,
        options: Options,
        inner: Inner | None = None,
        later: Annotated[Lazy[Base], Provides("size")] | None = None,
        price: Decimal | None = None,
        me: Holder | None = None,
    ) -> None:
        self.base, self.options, self.inner, self.later, self.price, self.me = base, options, inner, later, price, me


class Through(Base):
    """Hands on.

    Args:
        colour: Its colour.
    """

    def __init__(self, colour: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.colour = colour
