"""What a backend promises."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from torch import Tensor

from foldformer.engine.micro_batches import FlatWordpieces
from foldformer.engine.segments import Segments

Chunks = Iterator[tuple[Tensor, Tensor]]
"""Flat rows, int64, (rows,), and their vectors, (rows, dim)."""


class Backend(ABC):
    """Runs segments through one transformer: lays them out as micro-batches, and computes their vectors."""

    has_threads: ClassVar[bool] = False
    """Whether it computes in threads of its own, from when `run` is called. PyTorch's, which wait for work in a loop,
    would take their time."""

    @property
    @abstractmethod
    def block_tokens(self) -> int:
        """About how many wordpieces one run should have: the more are sorted, the less is padded."""

    @abstractmethod
    def run(self, wordpieces: FlatWordpieces, segments: Segments) -> Chunks:
        """Run all segments, longest first, and yield every flat row's vector once.

        Several runs may be under way at once.

        Args:
            wordpieces: What the segments are windows of.
            segments: At least one; together they hold every flat row.

        Yields:
            Flat rows, int64, (rows,), and their vectors, (rows, dim).
        """
