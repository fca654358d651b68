"""Check the spans of segments that an indexer sends when segments share wordpieces or are cut at words."""

import numpy as np
from torch import Tensor

from embedders.input_checks import BatchLengths
from foldformer.engine.segments import IntArray, Segments


def read_spans(
    segment_spans: Tensor | None, lengths: BatchLengths, num_special_tokens: int, overlap: int
) -> IntArray | None:
    """Bring spans to the host and check that they fit the other tensors and the embedder.

    Args:
        segment_spans: Half-open span of content in each segment, (0, 0) in the padding. (batch, segments, 2)
        lengths: Of the documents.
        num_special_tokens: In each segment.
        overlap: Of the embedder.

    Returns:
        The spans, int64; None where there are none. (batch, segments, 2)

    Raises:
        ValueError: They do not fit.
    """
    if segment_spans is None:
        if overlap:
            raise ValueError(
                f"segment_spans: missing, but this embedder has overlap {overlap}; give the indexer the same overlap"
            )
        return None
    expected = (len(lengths.folded), segment_spans.size(1) if segment_spans.dim() > 1 else 0, 2)
    if tuple(segment_spans.shape) != expected:
        raise ValueError(f"segment_spans: got shape {tuple(segment_spans.shape)}; expected {expected}")
    spans: IntArray = segment_spans.cpu().numpy().astype(np.int64)
    _check_order(spans)
    _check_overlap(spans, overlap)
    _check_sums(spans, lengths, num_special_tokens)
    return spans


def content_lengths(spans: IntArray) -> IntArray:
    """Return the content wordpieces of each document. (batch,)"""
    lengths: IntArray = spans[..., 1].max(1, initial=0)
    return lengths


def windows_of(spans: IntArray) -> Segments:
    """Return the segments over the content of all documents, one after the other."""
    documents, numbers = np.nonzero(spans[..., 1])
    first_content = np.cumsum(content_lengths(spans)) - content_lengths(spans)
    chosen = spans[documents, numbers]
    return Segments(chosen[:, 0] + first_content[documents], chosen[:, 1] - chosen[:, 0], documents)


def _check_order(spans: IntArray) -> None:
    """Each segment begins within the one before it or right behind it, and ends behind it; padding comes last."""
    starts, ends = spans[..., 0], spans[..., 1]
    real = ends > 0
    wrong = (starts < 0) | (real & (starts >= ends)) | (~real & (starts != 0))
    follows = np.zeros_like(wrong)
    follows[:, 1:] = real[:, 1:] & ~((starts[:, 1:] <= ends[:, :-1]) & (ends[:, 1:] > ends[:, :-1]))
    wrong |= follows
    wrong[:, :1] |= starts[:, :1] != 0
    if wrong.any():
        document, number = np.argwhere(wrong)[0].tolist()
        raise ValueError(
            f"segment_spans: segment {number} of document {document} is {spans[document, number].tolist()}; expected "
            "it to begin within the segment before it or right behind it, and to end behind it"
        )


def _check_overlap(spans: IntArray, overlap: int) -> None:
    shared = np.where(spans[:, 1:, 1] > 0, spans[:, :-1, 1] - spans[:, 1:, 0], 0)
    if shared.size and shared.max() > overlap:
        document, number = np.unravel_index(int(shared.argmax()), shared.shape)
        raise ValueError(
            f"segment_spans: segments {number} and {number + 1} of document {document} share {shared.max()} "
            f"wordpieces; expected at most {overlap}, the overlap of this embedder; give indexer and embedder the same "
            "overlap"
        )


def _check_sums(spans: IntArray, lengths: BatchLengths, num_special_tokens: int) -> None:
    num_segments = (spans[..., 1] > 0).sum(1)
    folded = (spans[..., 1] - spans[..., 0]).sum(1) + num_segments * num_special_tokens
    stitched = content_lengths(spans) + num_special_tokens
    # the indexer marks the special tokens around a text without wordpieces, but makes no segment for them
    bare = (num_segments == 0) & (lengths.stitched <= num_special_tokens)
    wrong = np.flatnonzero((folded != lengths.folded) | ((stitched != lengths.stitched) & ~bare))
    if len(wrong):
        document = wrong[0]
        raise ValueError(
            f"segment_spans: those of document {document} hold {folded[document]} wordpieces, {stitched[document]} "
            f"stitched; expected {lengths.folded[document]} and {lengths.stitched[document]}, as the masks say"
        )
