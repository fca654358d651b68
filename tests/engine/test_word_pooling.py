"""Pooling against a loop over words."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from foldformer.engine.word_pooling import SUB_TOKEN_MODES, pool_words

LOOP = {
    "avg": lambda pieces: pieces.mean(0),
    "first": lambda pieces: pieces[0],
    "last": lambda pieces: pieces[-1],
    "max": lambda pieces: pieces.max(0).values,
}
SPANS = torch.tensor([[[1, 4], [4, 5], [0, 0]], [[0, 2], [3, 3], [2, 5]]])


def pool_by_loop(hidden: Tensor, spans: Tensor, mode: str) -> Tensor:
    words = [
        LOOP[mode](row[start:end]) if end > start else torch.zeros(row.size(-1), dtype=row.dtype)
        for row, row_spans in zip(hidden, spans.tolist(), strict=True)
        for start, end in row_spans
    ]
    return torch.stack(words).view(*spans.shape[:2], -1)


@pytest.mark.parametrize("mode", SUB_TOKEN_MODES)
def test_words_equal_the_loop(mode: str) -> None:
    hidden = torch.randn(2, 5, 4)
    torch.testing.assert_close(pool_words(hidden, SPANS, mode), pool_by_loop(hidden, SPANS, mode))


@given(st.data())
def test_any_spans_equal_the_loop(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 6))
    span = st.tuples(st.integers(0, width), st.integers(0, width)).map(sorted)
    spans = torch.tensor(data.draw(st.lists(st.lists(span, min_size=3, max_size=3), min_size=2, max_size=2)))
    hidden = torch.randn(2, width, 2)
    mode = data.draw(st.sampled_from(SUB_TOKEN_MODES))
    torch.testing.assert_close(pool_words(hidden, spans, mode), pool_by_loop(hidden, spans, mode))


@pytest.mark.parametrize("mode", SUB_TOKEN_MODES)
def test_gradients_are_exact(mode: str) -> None:
    hidden = torch.randn(2, 5, 3, dtype=torch.float64, requires_grad=True)
    torch.autograd.gradcheck(lambda h: pool_words(h, SPANS, mode), hidden)


def test_every_mode_gives_another_number() -> None:
    hidden = torch.tensor([[[1.0, -3.0], [5.0, 0.0], [2.0, 4.0]]])
    pooled = [pool_words(hidden, torch.tensor([[[0, 3]]]), mode) for mode in SUB_TOKEN_MODES]
    assert all(not torch.allclose(a, b) for i, a in enumerate(pooled) for b in pooled[:i])


def test_word_without_wordpieces_gets_zeros_and_no_gradient() -> None:
    hidden = torch.randn(1, 2, 3, requires_grad=True)
    words = pool_words(hidden, torch.tensor([[[0, 0], [1, 1]]]), "avg")
    assert words.eq(0).all()
    words.sum().backward()
    assert hidden.grad is not None
    assert hidden.grad.eq(0).all()


def test_batches_without_words_or_wordpieces_keep_their_shape() -> None:
    assert pool_words(torch.randn(2, 5, 3), torch.zeros(2, 0, 2, dtype=torch.long), "avg").shape == (2, 0, 3)
    assert pool_words(torch.randn(2, 0, 3), torch.zeros(2, 4, 2, dtype=torch.long), "max").eq(0).all()


def test_bfloat16_stays_bfloat16() -> None:
    assert pool_words(torch.randn(2, 5, 4).bfloat16(), SPANS, "avg").dtype == torch.bfloat16


def test_a_long_word_costs_no_memory_for_the_short_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    largest = 0
    original = torch.Tensor.__torch_function__

    class Watched(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            nonlocal largest
            result = original.__func__(cls, func, types, args, kwargs or {})
            if isinstance(result, torch.Tensor):
                largest = max(largest, result.numel())
            return result

    hidden = torch.randn(1, 2000, 4).as_subclass(Watched)
    spans = torch.tensor([[[0, 1000], *([n, n + 1] for n in range(1000, 2000))]])
    assert pool_words(hidden, spans, "avg").shape == (1, 1001, 4)
    assert 0 < largest <= 2000 * 4
