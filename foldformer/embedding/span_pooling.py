"""Pool stitched wordpieces, as they come, into the vectors of spans that may overlap and nest."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import embedding_bag

from foldformer.choices import SpanMode

MOST_MEMBERS = 2**20
"""Wordpieces of spans that are pooled at a time: nested spans may hold each of them many times."""


class SpanPool:
    """The vectors of all spans, on the host, filled block by block; a span without wordpieces keeps zeros.

    Args:
        spans: Half-open span of wordpieces in each. int32 (spans, 2)
        dim: Width of a wordpiece's vector.
        mode: How a span's wordpieces become one vector.

    Attributes:
        vectors: float32 (spans, dim), twice as wide for "endpoints".
    """

    def __init__(self, spans: NDArray[np.int32], dim: int, mode: SpanMode) -> None:
        self._spans = spans.astype(np.int64)
        self._mode = mode
        self._lengths = self._spans[:, 1] - self._spans[:, 0]
        self.vectors = torch.zeros(len(spans), 2 * dim if mode == "endpoints" else dim)
        if mode == "max":
            self.vectors[torch.from_numpy(self._lengths > 0)] = -torch.inf

    def add(self, first: int, vectors: Tensor) -> None:
        """Add neighbouring wordpieces; each comes once.

        Args:
            first: Which wordpiece the first vector is of.
            vectors: On any device. (wordpieces, dim)
        """
        dim = vectors.size(1)
        if self._mode in ("first", "endpoints"):
            self._pick(self._spans[:, 0], first, vectors, slice(0, dim))
        if self._mode in ("last", "endpoints"):
            self._pick(self._spans[:, 1] - 1, first, vectors, slice(-dim, None))
        if self._mode in ("avg", "max"):
            self._reduce(first, vectors)

    def _pick(self, wanted: NDArray[np.int64], first: int, vectors: Tensor, columns: slice) -> None:
        chosen = np.flatnonzero((self._lengths > 0) & (wanted >= first) & (wanted < first + len(vectors)))
        rows = torch.from_numpy(wanted[chosen] - first).to(vectors.device)
        self.vectors[torch.from_numpy(chosen), columns] = vectors[rows].float().cpu()

    def _reduce(self, first: int, vectors: Tensor) -> None:
        starts = np.maximum(self._spans[:, 0], first) - first
        lengths = np.minimum(self._spans[:, 1], first + len(vectors)) - first - starts
        for spans in _portions(np.flatnonzero(lengths > 0), lengths):
            bags = np.cumsum(lengths[spans]) - lengths[spans]
            members = np.arange(lengths[spans].sum()) + np.repeat(starts[spans] - bags, lengths[spans])
            on_device = (torch.from_numpy(each).to(vectors.device) for each in (members, bags))
            reduced = embedding_bag(
                next(on_device), vectors.float(), next(on_device), mode="max" if self._mode == "max" else "sum"
            ).cpu()
            where = torch.from_numpy(spans)
            if self._mode == "max":
                self.vectors[where] = torch.maximum(self.vectors[where], reduced)
            else:
                self.vectors[where] += reduced / torch.from_numpy(self._lengths[spans]).unsqueeze(1)


def _portions(spans: NDArray[np.int64], lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Split spans so that each portion holds about `MOST_MEMBERS` wordpieces."""
    number = np.cumsum(lengths[spans]) // MOST_MEMBERS
    yield from (portion for portion in np.split(spans, np.flatnonzero(np.diff(number)) + 1) if len(portion))
