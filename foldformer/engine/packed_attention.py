"""Attention among the wordpieces of each segment, where segments lie one after the other in a single row.

    packed row       a a a a b b b b c c c d
    cu_seq_lens      0       4       8     11 12
    equal lengths    [a b]           [c]   [d]

Nothing is padded. On the CPU, adjacent segments of one length go through attention as one batch; on a GPU, the
FlashAttention that comes with PyTorch takes the row whole. Transformers calls `packed_attention` where a configuration
names it.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

OWN_ATTENTION = "foldformer_"
"""How the names of attentions begin that stand for "sdpa" while something runs."""
PACKED_ATTENTION = f"{OWN_ATTENTION}packed_rows"
SCORE_BYTES = 8 * 2**20
"""Attention scores held at a time, where they are held at all: those of 16 heads and 512 wordpieces in 16 bits."""
_NOT_PACKED = ("softcap", "position_bias", "s_aux", "cache")


def packed_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    scaling: float | None = None,
    dropout: float = 0.0,
    is_causal: bool | None = None,
    sliding_window: int | None = None,
    cu_seq_lens_q: Tensor | None = None,
    max_length_q: int | None = None,
    **options: Any,
) -> tuple[Tensor, None]:
    """Attend within each segment of a packed row; without `cu_seq_lens_q`, do what transformers does for "sdpa".

    Args:
        module: The attention layer; says whether it looks back only.
        query: (1, heads, wordpieces, head dim)
        key: (1, key heads, wordpieces, head dim)
        value: (1, key heads, wordpieces, value dim)
        attention_mask: None in a packed row.
        scaling: Of scores; None takes 1 / sqrt(head dim).
        dropout: Fraction of scores to drop.
        is_causal: True looks back only; None leaves that to the layer.
        sliding_window: Wordpieces at this distance or farther are not attended to.
        cu_seq_lens_q: Where segments begin, and where the last one ends; two equal entries mean an empty segment.
            int32 (segments + 1,)
        max_length_q: Wordpieces of the longest segment.
        **options: Others that transformers hands to attention functions.

    Returns:
        (1, wordpieces, heads, value dim), and no scores.

    Raises:
        NotImplementedError: An option that packed rows do not know, or dropout on a GPU.
    """
    causal = bool(getattr(module, "is_causal", True) if is_causal is None else is_causal)
    if cu_seq_lens_q is None:
        if attention_mask is None and _is_narrow(sliding_window, query.size(2)):
            attention_mask = _near(query.size(2), sliding_window, causal, query.device)[None, None]
        options |= {"scaling": scaling, "dropout": dropout, "is_causal": is_causal, "sliding_window": sliding_window}
        output: tuple[Tensor, None] = sdpa_attention_forward(module, query, key, value, attention_mask, **options)
        return output
    unknown = [name for name in _NOT_PACKED if options.get(name) is not None]
    if unknown:
        raise NotImplementedError(f"attention over packed rows knows no {', '.join(unknown)}")
    queries, keys, values = (tensor[0].transpose(0, 1) for tensor in (query, key, value))  # (wordpieces, heads, dim)
    scale = query.size(-1) ** -0.5 if scaling is None else scaling
    if query.device.type == "cpu":
        bounds = cu_seq_lens_q.tolist()
        return _attend_on_cpu(queries, keys, values, bounds, scale, causal, sliding_window, dropout)[None], None
    assert max_length_q is not None, "whoever packs rows for a GPU tells the longest segment"
    if dropout:
        raise NotImplementedError("attention over packed rows knows no dropout on a GPU")
    before = -1 if sliding_window is None else sliding_window - 1  # -1: without a limit
    window = (before, 0 if causal else before)
    return _attend_on_gpu(queries, keys, values, cu_seq_lens_q, max_length_q, scale, window)[None], None


def _attend_on_gpu(
    query: Tensor, key: Tensor, value: Tensor, cu_seq_lens: Tensor, longest: int, scale: float, window: tuple[int, int]
) -> Tensor:
    from torch.nn.attention.varlen import varlen_attn  # since torch 2.10

    output = varlen_attn(
        query,
        key,
        value,
        cu_seq_lens,
        cu_seq_lens,
        longest,
        longest,
        scale=scale,
        window_size=window,
        enable_gqa=query.size(1) != key.size(1),
    )
    assert isinstance(output, Tensor), "more is returned only if asked for"
    return output


def _attend_on_cpu(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bounds: list[int],
    scale: float,
    causal: bool,
    window: int | None,
    dropout: float,
) -> Tensor:
    # without AMX, the fused kernel is no faster in bfloat16 than in float32, but matrix products are twice as fast
    products = query.dtype == torch.bfloat16 and not (causal or dropout or torch.is_grad_enabled() or _HAS_AMX)
    if key.size(1) != query.size(1):
        key, value = (tensor.repeat_interleave(query.size(1) // key.size(1), dim=1) for tensor in (key, value))
    attended: list[Tensor] = []
    for start, rows, width in _equal_lengths(bounds):
        queries, keys, values = (
            tensor[start : start + rows * width].view(rows, width, *tensor.shape[1:]).transpose(1, 2)
            for tensor in (query, key, value)
        )  # (rows, heads, width, dim)
        near = _near(width, window, causal, query.device) if _is_narrow(window, width) else None
        if products and near is None and _score_bytes(queries) <= SCORE_BYTES:
            attended += _attend_by_products(queries, keys, values, scale)
        else:
            looks_back = causal and near is None
            output = scaled_dot_product_attention(queries, keys, values, near, dropout, looks_back, scale=scale)
            attended.append(output.transpose(1, 2).flatten(0, 1))
    return attended[0] if len(attended) == 1 else torch.cat(attended)


def _is_narrow(window: int | None, width: int) -> TypeGuard[int]:
    return window is not None and window < width


def _near(width: int, window: int, causal: bool, device: torch.device) -> Tensor:
    """Return True where a wordpiece may attend to another. bool (width, width)"""
    places = torch.arange(width, device=device)
    ahead = places - places[:, None]
    return (ahead > -window) & (ahead < (1 if causal else window))


def _attend_by_products(query: Tensor, key: Tensor, value: Tensor, scale: float) -> Iterator[Tensor]:
    """Attend with two matrix products, some rows at a time.

    Takes (rows, heads, width, dim), yields (wordpieces of some rows, heads, dim).
    """
    rows, heads, width, _ = query.shape
    at_a_time = SCORE_BYTES // _score_bytes(query)
    scores = query.new_empty(min(rows, at_a_time) * heads, width, width)
    scaled = query * scale
    for first in range(0, rows, at_a_time):
        several = slice(first, first + at_a_time)
        queries, keys, values = (tensor[several].flatten(0, 1) for tensor in (scaled, key, value))
        held = scores[: len(queries)]
        torch.bmm(queries, keys.transpose(1, 2), out=held)
        torch.softmax(held, dim=-1, out=held)
        output = torch.bmm(held, values)  # (some rows * heads, width, dim)
        yield output.view(-1, heads, *output.shape[1:]).transpose(1, 2).flatten(0, 1)


def _score_bytes(query: Tensor) -> int:
    """Return the size of one row's scores; (rows, heads, width, dim)."""
    _, heads, width, _ = query.shape
    return heads * width * width * query.element_size()


def _equal_lengths(bounds: list[int]) -> Iterator[tuple[int, int, int]]:
    """Yield where adjacent segments of one length begin, how many they are, and that length."""
    start, rows, width = 0, 0, 0
    for first, end in pairwise(bounds):
        if end - first == width:
            rows += 1
        elif end > first:
            if rows:
                yield start, rows, width
            start, rows, width = first, 1, end - first
    if rows:
        yield start, rows, width


def _mask(batch_size: int, q_length: int, kv_length: int, **options: Any) -> Tensor | None:
    if options.get("attention_mask") is None and q_length == kv_length:
        return None  # what is too far away, or ahead of a decoder, attention itself leaves out
    mask: Tensor | None = sdpa_mask(batch_size, q_length, kv_length, **options)
    return mask


_HAS_AMX = torch.cpu._is_amx_tile_supported()
AttentionInterface.register(PACKED_ATTENTION, packed_attention)
AttentionMaskInterface.register(PACKED_ATTENTION, _mask)
