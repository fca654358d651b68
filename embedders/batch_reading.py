"""Turn the tensors that an indexer sends into a batch that is checked."""

from dataclasses import dataclass

from torch import Tensor

from embedders.folded_batch import FoldedBatch
from embedders.input_checks import IdLimits, checked_stitched, read_lengths
from embedders.segment_spans import content_lengths, read_spans
from foldformer.engine.segments import SpecialTokenCounts


@dataclass(frozen=True)
class BatchLayout:
    """What an embedder expects of a batch.

    Args:
        max_length: Longest segment, special tokens included; None for whole documents.
        special: Special tokens around every segment.
        overlap: Content wordpieces that neighbouring segments share.
        limits: Which ids there are.
    """

    max_length: int | None
    special: SpecialTokenCounts
    overlap: int
    limits: IdLimits

    def read(
        self,
        token_ids: Tensor,
        mask: Tensor,
        type_ids: Tensor | None = None,
        segment_concat_mask: Tensor | None = None,
        segment_spans: Tensor | None = None,
    ) -> FoldedBatch:
        """Check the tensors of `PretrainedTransformerEmbedder.forward`.

        Raises:
            ValueError: They do not fit each other, the transformer or `max_length`.
        """
        if self.max_length is not None and segment_concat_mask is None:
            raise ValueError(
                f"segment_concat_mask: missing, but this embedder has max_length {self.max_length}; "
                "give the indexer the same max_length"
            )
        width = mask.size(1)
        mask = mask.bool()  # AllenNLP takes masks of numbers too
        segment_concat_mask = None if segment_concat_mask is None else segment_concat_mask.bool()
        lengths = read_lengths(token_ids, mask, type_ids, segment_concat_mask, self.limits)
        spans = read_spans(segment_spans, lengths, self.special.total, self.overlap)
        if spans is None:
            stitched = checked_stitched(lengths, self.max_length, self.special)
        else:
            stitched = content_lengths(spans) + self.special.total
        mask = mask if segment_concat_mask is None else segment_concat_mask
        type_ids = type_ids if lengths.has_type_ids else None
        return FoldedBatch(token_ids, type_ids, mask, lengths.folded, stitched, width, spans)
