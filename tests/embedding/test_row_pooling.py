"""Rows into pieces, where rows are no numbers."""

from random import Random

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from foldformer.choices import PieceMode
from foldformer.embedding.row_pooling import MOST_ROUNDS, PiecePool, PieceSpans, aim_rows


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


@given(
    st.lists(st.sampled_from([0, 1, 2, 3, MOST_ROUNDS + 8]), min_size=1, max_size=12),
    st.sampled_from(["avg", "first", "last", "max", "sum"]),
    st.integers(1, 30),
    st.randoms(use_true_random=False),
)
def test_numpy_adds_the_same_bits(lengths: list[int], mode: PieceMode, size: int, chance: Random) -> None:
    spans = PieceSpans(np.array(lengths, np.int32))
    assume(any(lengths))
    total = sum(lengths)
    targets = aim_rows(spans, (0, total), np.arange(total) + 1, total + 2, mode)
    vectors = torch.randn(total + 2, 3, generator=torch.Generator().manual_seed(chance.randrange(1000)))
    vectors[0] = torch.nan  # a special token's
    order = torch.tensor(chance.sample(range(total + 2), total + 2))
    pools = [PiecePool(spans, 3, mode) for _ in range(2)]
    for pool, by_numpy in zip(pools, (False, True), strict=True):
        chunks = [(rows, vectors[rows].clone()) for rows in order.split(size)]
        pool.add(chunks, targets, torch.device("cpu"), by_numpy=by_numpy)
    assert torch.equal(*(pool.vectors for pool in pools))
