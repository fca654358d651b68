"""Pool the rows of each piece by attention, as they come: a softmax whose largest score is not known before the last.

score     s1 s2 | s3                        so far: largest s, sum of exp(score - largest), the same of the vectors
"""

from collections.abc import Iterable

import numpy as np
import torch
from overrides import overrides
from torch import Tensor

from foldformer.embedding.row_pooling import PiecePool, PieceSpans, RowTargets
from foldformer.nn.seq2vec import AttentionPooler


class AttentionPool(PiecePool):
    """The average of each piece's rows, weighted by a trained pooler.

    Args:
        spans: The pieces.
        dim: Width of the vectors.
        pooler: Scores rows.
        device: Where they come.
    """

    def __init__(self, spans: PieceSpans, dim: int, pooler: AttentionPooler, device: torch.device) -> None:
        super().__init__(spans, dim, "sum")
        self._pooler = pooler
        self._sums = torch.zeros(len(spans), dim, device=device)
        self._totals = torch.zeros(len(spans), device=device)
        self._largest = torch.full((len(spans),), -torch.inf, device=device)

    @overrides
    def add(
        self,
        chunks: Iterable[tuple[Tensor, Tensor]],
        targets: RowTargets,
        device: torch.device,
        *,
        by_numpy: bool = False,
    ) -> None:
        """Add rows to their pieces; see `PiecePool.add`."""
        del by_numpy
        pieces = torch.from_numpy(np.where(targets.weights > 0, targets.pieces, -1)).to(device)
        for rows, vectors in chunks:
            self._take(vectors.float(), pieces[rows], targets.within)

    def finish(self, special: Tensor) -> Tensor:
        """Add special tokens, and return the vectors. float32 (pieces, dim)

        Args:
            special: Those of each piece. (pieces, special tokens, dim)
        """
        pieces = torch.arange(len(special), device=special.device).repeat_interleave(special.size(1))
        self._take(special.flatten(0, 1), pieces, slice(0, len(special)))
        return (self._sums / self._totals.unsqueeze(1)).cpu()

    def _take(self, vectors: Tensor, pieces: Tensor, within: slice) -> None:
        """Add rows; `pieces` counts from the start of `within`, -1 for a row that counts for none."""
        real = pieces >= 0
        where = pieces.clamp(min=0)
        scores = self._pooler.scores(vectors).masked_fill(~real, -torch.inf)
        before = self._largest[within]
        largest = before.scatter_reduce(0, where, scores, "amax")
        kept = torch.where(before == -torch.inf, 0.0, (before - largest).exp())
        shares = torch.where(real, (scores - largest[where]).exp(), 0.0)
        weighted = (vectors * shares.unsqueeze(1)).masked_fill(~real.unsqueeze(1), 0.0)
        self._totals[within] = (self._totals[within] * kept).index_add(0, where, shares)
        self._sums[within] = (self._sums[within] * kept.unsqueeze(1)).index_add(0, where, weighted)
        self._largest[within] = largest
