"""Both ways of stitching against indexing the whole matrix at once."""

import pytest
import torch
from torch import Tensor

from foldformer.engine.stitching import gather_rows, scatter_rows

INDEX = torch.tensor([[4, 0, 6], [2, 6, 6]])  # of 6 flat rows, so 6 asks for zeros; 1, 3 and 5 are not wanted


def chunks_of(vectors: Tensor) -> list[tuple[Tensor, Tensor]]:
    orders = [torch.tensor([5, 0, 3]), torch.tensor([2]), torch.tensor([4, 1])]
    return [(order, vectors[order]) for order in orders]


def expected_of(vectors: Tensor) -> Tensor:
    return torch.cat([vectors, torch.zeros(1, vectors.size(1))])[INDEX]


def test_gathering_puts_every_row_where_it_is_wanted() -> None:
    vectors = torch.randn(6, 3)
    assert torch.equal(gather_rows(chunks_of(vectors), INDEX), expected_of(vectors))


def test_scattering_puts_every_row_where_it_is_wanted() -> None:
    vectors = torch.randn(6, 3)
    assert torch.equal(scatter_rows(chunks_of(vectors), INDEX, 6), expected_of(vectors))


def test_gradients_reach_wanted_rows_only() -> None:
    vectors = torch.randn(6, 3, dtype=torch.float64, requires_grad=True)
    gather_rows(chunks_of(vectors), INDEX).sum().backward()
    assert vectors.grad is not None
    assert vectors.grad[:, 0].tolist() == [1, 0, 1, 0, 1, 0]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_stitching_keeps_the_dtype(dtype: torch.dtype) -> None:
    vectors = torch.randn(6, 3).to(dtype)
    assert gather_rows(chunks_of(vectors), INDEX).dtype == dtype
    assert scatter_rows(chunks_of(vectors), INDEX, 6).dtype == dtype
