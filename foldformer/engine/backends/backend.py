"""What a backend promises."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from torch import Tensor

from foldformer.engine.micro_batches import FlatWordpieces
from foldformer.engine.segments import Segments


class Backend(ABC):
    """Runs segments through one transformer: lays them out as micro-batches, and computes their vectors."""

    has_threads: ClassVar[bool] = False
    """Whether it computes in threads of its own; PyTorch's, which wait for work in a loop, would take their time."""

    @abstractmethod
    def run(self, wordpieces: FlatWordpieces, segments: Segments) -> Iterator[tuple[Tensor, Tensor]]:
        """Run all segments, longest first, and yield every flat row's vector once.

        Args:
            wordpieces: What the segments are windows of.
            segments: At least one; together they hold every flat row.

        Yields:
            Flat rows, int64, (rows,), and their vectors, (rows, dim).
        """
