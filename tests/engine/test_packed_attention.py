"""Attention over packed rows against the formula, segment by segment."""

from itertools import pairwise, product

import pytest
import torch
from torch import Tensor, nn

from foldformer.engine import packed_attention as module_under_test
from foldformer.engine.packed_attention import packed_attention

LENGTHS = [5, 5, 5, 3, 1, 4, 4]
HEADS, DIM = 4, 8
BOUNDS = torch.tensor([0, 5, 10, 15, 18, 19, 23, 27, 27, 27], dtype=torch.int32)  # empty segments at the end


def rows(num_heads: int = HEADS, dtype: torch.dtype = torch.float32, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, num_heads, sum(LENGTHS), DIM, generator=generator).to(dtype)


def by_the_formula(query: Tensor, key: Tensor, value: Tensor, scale: float, causal: bool, window: int = 100) -> Tensor:
    """softmax(scale * Q K^T) V, in float64. (1, wordpieces, heads, dim)"""
    query, key, value = (tensor.double() for tensor in (query, key, value))
    key, value = (tensor.repeat_interleave(HEADS // tensor.size(1), dim=1) for tensor in (key, value))
    outputs = []
    for start, end in pairwise(BOUNDS.tolist()):
        scores = scale * query[:, :, start:end] @ key[:, :, start:end].transpose(2, 3)
        for i, j in product(range(end - start), repeat=2):
            if abs(i - j) >= window or (causal and j > i):
                scores[:, :, i, j] = -torch.inf
        outputs.append(scores.softmax(-1) @ value[:, :, start:end])
    return torch.cat(outputs, dim=2).transpose(1, 2)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("key_heads", [HEADS, 2])
def test_every_segment_attends_to_itself_only(causal: bool, key_heads: int) -> None:
    query, key, value = rows(), rows(key_heads, seed=1), rows(key_heads, seed=2)
    got, scores = packed_attention(
        nn.Module(), query, key, value, None, scaling=0.3, is_causal=causal, cu_seq_lens_q=BOUNDS
    )
    assert scores is None
    torch.testing.assert_close(got.double(), by_the_formula(query, key, value, 0.3, causal), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("window", [1, 3, 4, 5])
def test_attention_may_reach_over_a_window(window: int, causal: bool, dtype: torch.dtype) -> None:
    query, key, value = (rows(dtype=dtype, seed=seed) for seed in range(3))
    options = {"sliding_window": window, "is_causal": causal, "cu_seq_lens_q": BOUNDS}
    with torch.no_grad():
        got, _ = packed_attention(nn.Module(), query, key, value, None, **options)
    expected = by_the_formula(query, key, value, DIM**-0.5, causal, window)
    tolerance = 1e-5 if dtype == torch.float32 else 0.03
    torch.testing.assert_close(got.double(), expected, atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("has_amx", [False, True])
@pytest.mark.parametrize("score_bytes", [2 * HEADS * squares for squares in (1, 25, 50, 1000)])
def test_bfloat16_stays_close_and_holds_few_scores(
    has_amx: bool, score_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module_under_test, "_HAS_AMX", has_amx)
    monkeypatch.setattr(module_under_test, "SCORE_BYTES", score_bytes)
    held: list[int] = []
    softmax = torch.softmax

    def noting(scores: Tensor, **options: object) -> Tensor:
        held.append(scores.nbytes)
        return softmax(scores, **options)

    monkeypatch.setattr(torch, "softmax", noting)
    query, key, value = (rows(dtype=torch.bfloat16, seed=seed) for seed in range(3))
    with torch.no_grad():
        got, _ = packed_attention(nn.Module(), query, key, value, None, is_causal=False, cu_seq_lens_q=BOUNDS)
    assert max(held, default=0) <= score_bytes
    assert bool(held) is not has_amx
    expected = by_the_formula(query, key, value, DIM**-0.5, False)
    torch.testing.assert_close(got.double(), expected, atol=0.03, rtol=0.03)


def test_gradients_are_those_of_the_formula() -> None:
    inputs = [rows(seed=seed).double().requires_grad_() for seed in range(3)]
    weights = rows(seed=3).double().transpose(1, 2)
    got, _ = packed_attention(nn.Module(), *inputs, None, is_causal=False, cu_seq_lens_q=BOUNDS)
    gradients = torch.autograd.grad((got * weights).sum(), inputs)
    expected = torch.autograd.grad((by_the_formula(*inputs, DIM**-0.5, False) * weights).sum(), inputs)
    for gradient, wanted in zip(gradients, expected, strict=True):
        torch.testing.assert_close(gradient, wanted)


def test_the_layer_says_whether_it_looks_back_only() -> None:
    layer, query = nn.Module(), rows()
    layer.is_causal = False  # type: ignore[assignment]
    both_ways, _ = packed_attention(layer, query, query, query, None, cu_seq_lens_q=BOUNDS)
    back_only, _ = packed_attention(nn.Module(), query, query, query, None, cu_seq_lens_q=BOUNDS)
    scale = DIM**-0.5
    torch.testing.assert_close(both_ways, by_the_formula(query, query, query, scale, False).float())
    torch.testing.assert_close(back_only, by_the_formula(query, query, query, scale, True).float())


@pytest.mark.parametrize("option", ["softcap", "position_bias", "s_aux"])
def test_what_it_does_not_know_is_refused(option: str) -> None:
    query = rows()
    with pytest.raises(NotImplementedError, match=f"knows no {option}"):
        packed_attention(nn.Module(), query, query, query, None, cu_seq_lens_q=BOUNDS, **{option: 4})


class TestOnGpu:
    """The kernel's own checks and shapes, without a GPU: on the device "meta" nothing is computed."""

    @pytest.fixture
    def kernel_calls(self, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
        varlen = pytest.importorskip("torch.nn.attention.varlen", reason="needs torch 2.10")
        calls: list[dict[str, object]] = []
        real = varlen.varlen_attn

        def noted(*args: object, **options: object) -> object:
            calls.append({"longest": args[5:7], **options})
            return real(*args, **options)

        monkeypatch.setattr(varlen, "varlen_attn", noted)
        return calls

    @pytest.mark.parametrize(
        ("causal", "window", "expected"),
        [(False, None, (-1, -1)), (True, None, (-1, 0)), (False, 4, (3, 3)), (True, 4, (3, 0))],
    )
    @pytest.mark.parametrize("key_heads", [HEADS, 2])
    def test_the_row_goes_whole_to_the_kernel(
        self,
        causal: bool,
        window: int | None,
        expected: tuple[int, int],
        key_heads: int,
        kernel_calls: list[dict[str, object]],
    ) -> None:
        query = torch.empty(1, HEADS, 27, DIM, dtype=torch.bfloat16, device="meta")
        key = torch.empty(1, key_heads, 27, DIM, dtype=torch.bfloat16, device="meta")
        bounds = torch.empty(8, dtype=torch.int32, device="meta")
        options = {"is_causal": causal, "sliding_window": window, "cu_seq_lens_q": bounds, "max_length_q": 5}
        got, _ = packed_attention(nn.Module(), query, key, key, None, **options)
        with pytest.raises(NotImplementedError, match="dropout"):
            packed_attention(nn.Module(), query, key, key, None, dropout=0.1, **options)
        assert (got.shape, got.dtype) == ((1, 27, HEADS, DIM), torch.bfloat16)
        (call,) = kernel_calls
        assert call == {
            "longest": (5, 5),
            "scale": DIM**-0.5,
            "window_size": expected,
            "enable_gqa": key_heads != HEADS,
        }
