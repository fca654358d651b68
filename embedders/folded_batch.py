"""One batch as a transformer embedder computes it: what an indexer sent, once it is checked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from embedders.segment_spans import windows_of
from foldformer.engine.micro_batches import FlatWordpieces
from foldformer.engine.segments import IntArray, Segments, SpecialTokenCounts, cut_segments, frame_content


@dataclass(frozen=True, eq=False)
class FoldedBatch:
    """Folded documents.

    Args:
        token_ids: Wordpiece ids, segments one after the other. int64 (batch, folded wordpieces)
        type_ids: Sentence A/B ids; None where all are 0. int64 (batch, folded wordpieces)
        real: True where a folded wordpiece is real. bool (batch, folded wordpieces)
        folded: Real wordpieces of each document, every segment's special tokens included. (batch,)
        stitched: Wordpieces of each document once its segments are stitched. (batch,)
        width: Places in a row of the output.
        spans: Half-open span of content in each segment, (0, 0) in the padding; None where `max_length` and lengths
            say it all. (batch, segments, 2)
    """

    token_ids: Tensor
    type_ids: Tensor | None
    real: Tensor
    folded: IntArray
    stitched: IntArray
    width: int
    spans: IntArray | None = None

    def wordpieces(self) -> FlatWordpieces:
        """Return the real wordpieces, one document after the other."""
        return FlatWordpieces(self.token_ids[self.real], None if self.type_ids is None else self.type_ids[self.real])

    def segments(self, max_length: int | None, special: SpecialTokenCounts) -> Segments:
        """Return the segments over the real wordpieces.

        Args:
            max_length: Longest segment, special tokens included; None for whole documents.
            special: Special tokens around every segment.
        """
        if self.spans is None:
            return cut_segments(self.folded, max_length)
        windows = windows_of(self.spans)
        return replace(frame_content(windows.lengths, None, special).segments, documents=windows.documents)

    def select(self, documents: Sequence[int]) -> "FoldedBatch":
        """Return some of the documents."""
        chosen = torch.tensor(documents, device=self.token_ids.device)
        type_ids = None if self.type_ids is None else self.type_ids[chosen]
        return FoldedBatch(
            self.token_ids[chosen],
            type_ids,
            self.real[chosen],
            self.folded[documents],
            self.stitched[documents],
            self.width,
            None if self.spans is None else self.spans[documents],
        )

    def contents(self) -> list[bytes]:
        """Return the ids of each document, its type ids where any document has some, and its segments if given."""
        tensors = [self.token_ids] if self.type_ids is None else [self.token_ids, self.type_ids]
        ids = torch.stack(tensors, dim=1).cpu().numpy()  # (batch, 1 or 2, folded)
        contents = [row[:, :length].tobytes() for row, length in zip(ids, self.folded.tolist(), strict=True)]
        if self.spans is None:
            return contents
        real = [spans[spans[:, 1] > 0].tobytes() for spans in self.spans]
        return [content + spans for content, spans in zip(contents, real, strict=True)]
