"""Lay segments out for a transformer: padded, one a row, or packed, one after the other in a single row.

flat rows      0 1 2 3 4   5 6 7 8 9   10 11 12   13 14
segments       [   a   ]   [   b   ]   [  c   ]   [ d ]
padded         a b without a mask, then c d, padded to the width of c
packed         a b c d, with the positions 0 1 2 3 4 0 1 2 3 4 0 1 2 0 1
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from foldformer.engine.segments import BatchRule, Segments, micro_batches, packed_micro_batches

Inputs = dict[str, Any]
"""Arguments of a transformer's forward."""

HALF_PRECISION_MULTIPLE = 16
"""Matrix products in 16 bits take up to 6 % longer with any other number of rows."""


@dataclass(frozen=True)
class FlatWordpieces:
    """The real wordpieces of a batch, one document after the other.

    Args:
        ids: Wordpiece ids, int64. (flat rows,)
        type_ids: Sentence A/B ids, int64; None where all are 0. (flat rows,)
    """

    ids: Tensor
    type_ids: Tensor | None = None


@dataclass(frozen=True)
class MicroBatch:
    """Segments that run together.

    Args:
        inputs: Arguments of the transformer's forward. (rows, width)
        flat_rows: Flat row under every real place, int64. (real places,)
        places: The real places, counted over all rows, int64; None where they come first. (real places,)
        mask: True where a place is real; None where nothing is padded. (rows, width)
    """

    inputs: Inputs
    flat_rows: Tensor
    places: Tensor | None = None
    mask: Tensor | None = None

    def real(self, values: Tensor) -> Tensor:
        """Drop the padding. (rows, width, ...) -> (real places, ...)"""
        flat = values.flatten(0, 1)
        return flat[: len(self.flat_rows)] if self.places is None else flat.index_select(0, self.places)


def padded_batches(
    wordpieces: FlatWordpieces,
    segments: Segments,
    max_batch_tokens: int,
    max_padding: int,
    padding_id: int,
    rule: BatchRule | None = None,
    least_width: int = 1,
    round_width: Callable[[int], int] | None = None,
) -> Iterator[MicroBatch]:
    """Lay out one segment a row, padded to the longest of its micro-batch.

    Args:
        wordpieces: What the segments are windows of.
        segments: At least one.
        max_batch_tokens: Most wordpieces in one micro-batch, padding included.
        max_padding: Most padding in one micro-batch, in wordpieces.
        padding_id: Stands in the padding. Masked, so any id would do; but some models count positions from theirs.
        rule: Tells the shortest segment that may share a micro-batch with its longest; None: any may.
        least_width: Of a row, padding included.
        round_width: Gives a width, at least as large, for that of a micro-batch; None takes it as it is.
    """
    device = wordpieces.ids.device
    for chosen in micro_batches(segments.lengths, max_batch_tokens, max_padding, rule):
        starts, lengths = segments.starts[chosen], segments.lengths[chosen]
        widest = max(int(lengths.max()), least_width)
        width = np.arange(widest if round_width is None else round_width(widest))
        rows = torch.from_numpy(starts[:, None] + np.minimum(width, lengths[:, None] - 1)).to(device)
        batch = MicroBatch(_look_up(wordpieces, rows), rows.flatten())
        if (lengths < len(width)).any():
            batch = _masked(batch, width < lengths[:, None], padding_id)
        yield batch


def packed_batches(
    wordpieces: FlatWordpieces,
    segments: Segments,
    max_batch_tokens: int,
    *,
    counted_from: int | None,
    multiple: int = 1,
    rule: BatchRule | None = None,
) -> Iterator[MicroBatch]:
    """Lay out all segments of a micro-batch in one row, without padding.

    Args:
        wordpieces: What the segments are windows of.
        segments: At least one; together they hold every flat row.
        max_batch_tokens: Most wordpieces in one micro-batch.
        counted_from: Padding id from which the transformer counts positions, leaving out padding; None where
            positions start from 0.
        multiple: Fill rows up to a multiple of so many wordpieces, with one more segment.
        rule: Tells the shortest segment that may share a micro-batch with its longest; None: any may.
    """
    device = wordpieces.ids.device
    positions = _positions(wordpieces.ids, segments, counted_from)
    for chosen in packed_micro_batches(segments.lengths, max_batch_tokens, rule):
        starts, lengths = segments.starts[chosen], segments.lengths[chosen]
        num_real, filling = int(lengths.sum()), int(-lengths.sum() % multiple)
        if filling:  # with the first wordpieces again
            starts, lengths = np.append(starts, starts[0]), np.append(lengths, filling)
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1]) + np.repeat(starts - (ends - lengths), lengths)
        rows = torch.from_numpy(np.minimum(places, len(positions) - 1)).to(device)
        bounds = torch.from_numpy(np.concatenate([[0], ends]).astype(np.int32)).to(device)
        longest = int(lengths.max())
        inputs = _look_up(wordpieces, rows[None]) | {"position_ids": positions[rows][None]}
        inputs |= {"cu_seq_lens_q": bounds, "cu_seq_lens_k": bounds, "max_length_q": longest, "max_length_k": longest}
        yield MicroBatch(inputs, rows[:num_real])


def _look_up(wordpieces: FlatWordpieces, rows: Tensor) -> Inputs:
    inputs = {"input_ids": wordpieces.ids[rows]}
    if wordpieces.type_ids is not None:
        inputs["token_type_ids"] = wordpieces.type_ids[rows]
    return inputs


def _masked(batch: MicroBatch, real: NDArray[np.bool_], padding_id: int) -> MicroBatch:
    device = batch.flat_rows.device
    # found here, since asking the device for them would wait for it
    places = torch.from_numpy(np.flatnonzero(real)).to(device)
    mask = torch.from_numpy(real).to(device)
    ids = batch.inputs["input_ids"].masked_fill(~mask, padding_id)
    inputs = {**batch.inputs, "input_ids": ids, "attention_mask": mask.long()}
    return MicroBatch(inputs, batch.flat_rows.index_select(0, places), places, mask)


def _positions(ids: Tensor, segments: Segments, counted_from: int | None) -> Tensor:
    """Return every wordpiece's position in its segment, int64. (flat rows,)"""
    first = torch.from_numpy(np.repeat(segments.starts, segments.lengths)).to(ids.device)
    if counted_from is None:
        return torch.arange(len(ids), device=ids.device) - first
    counted = ids != counted_from
    number = counted.cumsum(0)
    before = (number - counted.long())[first]
    return (number - before) * counted + counted_from
