"""How segments are laid out, against what can be read off a drawing."""

import numpy as np
import pytest
import torch

from foldformer.engine.micro_batches import FlatWordpieces, MicroBatch, packed_batches, padded_batches
from foldformer.engine.segments import Segments

#           a      b            c         d
LENGTHS = [2, 5, 3, 5]
SEGMENTS = Segments(np.array([0, 2, 7, 10]), np.array(LENGTHS), np.arange(4))
WORDPIECES = FlatWordpieces(torch.arange(100, 115), torch.arange(15) % 2)


def values(batch: MicroBatch, name: str) -> list[list[int]]:
    rows: list[list[int]] = batch.inputs[name].tolist()
    return rows


def test_segments_are_padded_to_the_longest_of_their_micro_batch() -> None:
    full, padded = padded_batches(WORDPIECES, SEGMENTS, 10, 100, padding_id=7)
    assert values(full, "input_ids") == [[102, 103, 104, 105, 106], [110, 111, 112, 113, 114]]
    assert "attention_mask" not in full.inputs
    assert (full.mask, full.places) == (None, None)
    assert values(padded, "input_ids") == [[107, 108, 109], [100, 101, 7]]
    assert values(padded, "attention_mask") == [[1, 1, 1], [1, 1, 0]]
    assert values(padded, "token_type_ids") == [[1, 0, 1], [0, 1, 1]]
    assert padded.flat_rows.tolist() == [7, 8, 9, 0, 1]
    assert padded.real(torch.arange(6).view(2, 3, 1)).flatten().tolist() == [0, 1, 2, 3, 4]


def test_segments_are_packed_one_after_the_other() -> None:
    first, second = packed_batches(WORDPIECES, SEGMENTS, 13, counted_from=None)
    assert values(first, "input_ids") == [[102, 103, 104, 105, 106, 110, 111, 112, 113, 114, 107, 108, 109]]
    assert values(first, "position_ids") == [[0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2]]
    assert values(first, "token_type_ids") == [[0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1]]
    assert values(second, "input_ids") == [[100, 101]]
    assert first.inputs["cu_seq_lens_q"].tolist() == first.inputs["cu_seq_lens_k"].tolist() == [0, 5, 10, 13]
    assert first.inputs["max_length_q"] == first.inputs["max_length_k"] == 5
    assert first.flat_rows.tolist() == [2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 7, 8, 9]
    assert first.real(torch.arange(13)[None]).tolist() == list(range(13))


@pytest.mark.parametrize(("multiple", "widths"), [(1, [13, 2]), (8, [16, 8]), (16, [16, 16]), (64, [64, 64])])
def test_rows_are_filled_up_with_one_more_segment(multiple: int, widths: list[int]) -> None:
    batches = list(packed_batches(WORDPIECES, SEGMENTS, 13, counted_from=None, multiple=multiple))
    assert [batch.inputs["input_ids"].size(1) for batch in batches] == widths
    for batch, width, num_real in zip(batches, widths, (13, 2), strict=True):
        assert batch.inputs["cu_seq_lens_q"][-1] == width
        assert batch.inputs["position_ids"].size(1) == width
        assert batch.inputs["max_length_q"] == batch.inputs["cu_seq_lens_q"].diff().max()
        assert len(batch.real(torch.zeros(1, width, 3))) == len(batch.flat_rows) == num_real
    rows = torch.cat([batch.flat_rows for batch in batches])
    assert rows.sort().values.tolist() == list(range(15))


def test_positions_leave_padding_ids_out() -> None:
    ids = torch.tensor([5, 1, 6, 7, 1, 1, 8])
    segments = Segments(np.array([0, 4]), np.array([4, 3]), np.arange(2))
    (batch,) = packed_batches(FlatWordpieces(ids), segments, 100, counted_from=1)
    assert values(batch, "position_ids") == [[2, 1, 3, 4, 1, 1, 2]]
