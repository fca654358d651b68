"""Rows into pieces, where rows are no numbers."""

import numpy as np
import pytest
import torch

from foldformer.choices import PieceMode
from foldformer.embedding.row_pooling import PiecePool, PieceSpans, aim_rows


@pytest.mark.parametrize("overflow", [float("inf"), float("nan")])
@pytest.mark.parametrize(
    ("mode", "expected"), [("avg", [1.5, 3.0]), ("first", [1.0, 3.0]), ("last", [2.0, 3.0]), ("max", [2.0, 3.0])]
)
def test_what_overflows_in_a_special_token_stays_there(mode: PieceMode, expected: list[float], overflow: float) -> None:
    spans = PieceSpans(np.array([2, 1], np.int32))
    targets = aim_rows(spans, (0, 3), np.array([1, 2, 3]), 5, mode)
    pool = PiecePool(spans, 1, mode)
    vectors = torch.tensor([[overflow], [1.0], [2.0], [3.0], [overflow]])
    pool.add([(torch.arange(5), vectors)], targets, torch.device("cpu"))
    assert pool.vectors.squeeze(1).tolist() == expected
