"""Add up what several segments say of one wordpiece, block by block.

blocks        [a b c d e] [d e f g h]   |   [g h i j k]
first         a b c d e f are finished; g h are kept for the next block
second        g h are added to, and everything is finished
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from foldformer.engine.stitching import add_rows
from foldformer.engine.windows.overlap import RowShares


class SharedWordpieces:
    """Stitched wordpieces in order, of which no more is held than one block and what it shares with the next.

    Args:
        dim: Width of the vectors.
        device: Where they are added up.
    """

    def __init__(self, dim: int, device: torch.device) -> None:
        self._device = device
        self._unfinished = torch.zeros(0, dim, device=device)

    def add(
        self, chunks: Iterable[tuple[Tensor, Tensor]], shares: RowShares, num_content: int, num_finished: int
    ) -> Tensor:
        """Add the rows of a block.

        Args:
            chunks: Flat rows, (rows,), and their vectors, (rows, dim); each flat row once. Used up.
            shares: Where every flat row goes, counted from the first wordpiece that is not finished yet.
            num_content: Wordpieces from that one to the end of the block.
            num_finished: How many of them no later block holds.

        Returns:
            Their vectors, float32. (num_finished, dim)
        """
        places, weights = (torch.from_numpy(each).to(self._device) for each in (shares.places, shares.weights))
        in_float32 = ((rows, vectors.float()) for rows, vectors in chunks)
        vectors = add_rows(in_float32, places, weights, num_content)
        vectors[: len(self._unfinished)] += self._unfinished
        self._unfinished = vectors[num_finished:].clone()
        return vectors[:num_finished]
