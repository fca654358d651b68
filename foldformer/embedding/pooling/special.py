"""What the special tokens at both ends of a document add to its vector.

document      [CLS] a b c [SEP]  [CLS] d e [SEP]
kept here     [CLS]                        [SEP]        those that stitching keeps
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from foldformer.choices import DocumentMode, RowMode
from foldformer.config import ConfigurationError
from foldformer.embedding.pooling.attention import AttentionPool
from foldformer.embedding.row_pooling import PiecePool, PieceSpans
from foldformer.engine.segments import FramedContent, Segments, SpecialTokenCounts
from foldformer.engine.transformer_facts import dtype_of
from foldformer.nn.seq2vec import AttentionPooler
from foldformer.text.special_tokens import SpecialTokens


@dataclass(frozen=True)
class SpecialPooling:
    """How special tokens count.

    Args:
        counts: How many there are around a document.
        mode: How they and the content become one vector; not used with `chosen`.
        chosen: Which of them, start tokens first, is the document's vector; None: all count.
        pooler: What that vector goes through.
        attention: Weighs special tokens and content; used in place of all others.
    """

    counts: SpecialTokenCounts
    mode: RowMode = "first"
    chosen: int | None = None
    pooler: Callable[[Tensor], Tensor] | None = None
    attention: AttentionPooler | None = None


def plan_pooling(
    mode: DocumentMode,
    model_name: str,
    transformer: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    special: SpecialTokens,
    *,
    pool_special_tokens: bool,
) -> tuple[RowMode, SpecialPooling | None]:
    """Say how content is pooled, and how special tokens count.

    Raises:
        ConfigurationError: No token stands for the text, the transformer has no pooling layer for it, or no attention
            was trained with it.
    """
    counts = SpecialTokenCounts(len(special.single_start), len(special.single_end))
    if mode == "cls":
        return "first", SpecialPooling(counts, chosen=cls_place(tokenizer, special))
    if mode == "cls_pooled":
        return "first", SpecialPooling(counts, "first", cls_place(tokenizer, special), pooler_of(transformer))
    if mode == "attention":
        attention = AttentionPooler.from_pretrained(model_name).requires_grad_(False).to(transformer.device)
        return "sum", SpecialPooling(counts, attention=attention)
    assert mode != "model", "resolved before"
    return mode, SpecialPooling(counts, mode) if pool_special_tokens else None


def content_pool(
    pooling: SpecialPooling | None, spans: PieceSpans, dim: int, mode: RowMode, device: torch.device, *, pins: bool
) -> PiecePool:
    """Return what the content of pieces is pooled into."""
    if pooling is not None and pooling.attention is not None:
        return AttentionPool(spans, dim, pooling.attention, device)
    return PiecePool(spans, dim, mode, pins=pins)


class SpecialPool:
    """Keeps the vectors of the special tokens of documents as they come, and joins them with what content gave.

    Args:
        pooling: How they count.
        lengths: Content wordpieces of each document; a document without any keeps zeros. (documents,)
        dim: Width of the vectors.
        device: Where they come.
    """

    def __init__(self, pooling: SpecialPooling, lengths: NDArray[np.int64], dim: int, device: torch.device) -> None:
        self._pooling = pooling
        self._lengths = torch.from_numpy(lengths)
        # the last row takes what nobody wants: to take it out would wait for the device
        self._rows = torch.zeros(len(lengths) * pooling.counts.total + 1, dim, device=device)

    def tapped(
        self, chunks: Iterable[tuple[Tensor, Tensor]], places: NDArray[np.int64]
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Hand chunks on, and keep what is wanted of them.

        Args:
            chunks: Flat rows, (rows,), and their vectors, (rows, dim).
            places: Of `special_places`. (flat rows,)
        """
        wanted = torch.from_numpy(np.where(places < 0, len(self._rows) - 1, places)).to(self._rows.device)
        for rows, vectors in chunks:
            self._rows.index_copy_(0, wanted[rows], vectors.float())
            yield rows, vectors

    def joined(self, content: PiecePool) -> Tensor:
        """Return the vectors of the documents, from those of their content. float32 (documents, dim)"""
        total = self._pooling.counts.total
        special = self._rows[:-1].view(len(self._lengths), total, self._rows.size(1))
        if isinstance(content, AttentionPool):
            vectors = content.finish(special)
        elif self._pooling.chosen is None:
            vectors = self._all_together(content.vectors, special.cpu())
        else:
            chosen = special[:, self._pooling.chosen]
            vectors = (chosen if self._pooling.pooler is None else self._pooling.pooler(chosen)).cpu()
        return vectors.masked_fill((self._lengths == 0).unsqueeze(1), 0.0)

    def _all_together(self, content: Tensor, special: Tensor) -> Tensor:
        counts, mode = self._pooling.counts, self._pooling.mode
        if counts.total == 0:
            return content
        if mode == "max":
            return torch.maximum(content, special.amax(dim=1))
        if mode == "sum":
            return content + special.sum(dim=1)
        if mode == "avg":
            lengths = self._lengths.unsqueeze(1)
            return (content * lengths + special.sum(dim=1)) / (lengths + counts.total)
        if mode == "first":
            return special[:, 0] if counts.start else content
        return special[:, -1] if counts.end else content


def special_places(framed: FramedContent, segments: Segments, chosen: slice, start: int) -> NDArray[np.int64]:
    """Say where each flat row goes among the special tokens that stitching keeps, -1 for nowhere. (flat rows,)

    Args:
        framed: Some of the segments, with special tokens.
        segments: All of them.
        chosen: Which of them are framed.
        start: How many of the special tokens are start tokens.
    """
    documents, total = segments.documents, framed.special_rows.shape[1]
    changes = np.ones(len(documents) + 1, bool)
    changes[1:-1] = documents[1:] != documents[:-1]
    wanted = np.empty(framed.special_rows.shape, bool)
    wanted[:, :start] = changes[:-1][chosen, None]
    wanted[:, start:] = changes[1:][chosen, None]
    places = np.full(len(framed.content_rows) + framed.special_rows.size, -1)
    own = documents[chosen, None] * total + np.arange(total)
    places[framed.special_rows[wanted]] = own[wanted]
    return places


def cls_place(tokenizer: PreTrainedTokenizerBase, special: SpecialTokens) -> int:
    """Find the special token that stands for the whole text, start tokens counted first.

    It is the one that the tokenizer calls so; where it calls none so, the first one, unless that is but a beginning.

    Raises:
        ConfigurationError: There is none.
    """
    ids = [token.id for token in (*special.single_start, *special.single_end)]
    if tokenizer.cls_token_id in ids:
        return ids.index(tokenizer.cls_token_id)
    if special.single_start and ids[0] != tokenizer.bos_token_id:
        return 0
    raise ConfigurationError(
        f'document_mode: got "cls" or "cls_pooled", but {type(tokenizer).__name__} adds no token that stands for the '
        'whole text; expected "avg", "max", "sum", "first" or "last"'
    )


def pooler_of(transformer: PreTrainedModel) -> Callable[[Tensor], Tensor]:
    """Return the pooling layer that a transformer brings, for vectors of the token that stands for the text.

    Raises:
        ConfigurationError: It brings none, or the weights of none.
    """
    layer, activation = getattr(transformer, "pooler", None), getattr(transformer, "pooler_activation", None)
    name = type(transformer).__name__
    if not isinstance(layer, nn.Module):
        raise ConfigurationError(f'document_mode: got "cls_pooled", but {name} has no pooling layer; expected "cls"')
    # transformers 5 marks what it has read from a file, and makes up what a file lacks
    read = [hasattr(parameter, "_is_hf_initialized") for parameter in layer.parameters()]
    if not all(read) and any(hasattr(each, "_is_hf_initialized") for each in transformer.parameters()):
        raise ConfigurationError(
            f'document_mode: got "cls_pooled", but the file of this {name} has no weights for its pooling layer, which '
            'are random here; expected "cls"'
        )
    # ALBERT's activation stands apart from its layer
    return _PoolingLayer(layer, activation if isinstance(activation, nn.Module) else None, dtype_of(transformer))


@dataclass(frozen=True)
class _PoolingLayer:
    """Takes vectors of the token that stands for the text; can be pickled, for other processes."""

    layer: nn.Module
    activation: nn.Module | None
    dtype: torch.dtype

    def __call__(self, vectors: Tensor) -> Tensor:
        """Pool. (documents, dim) -> float32 (documents, dim)"""
        pooled: Tensor = self.layer(vectors.to(self.dtype).unsqueeze(1))
        if self.activation is not None:
            pooled = self.activation(pooled)
        return pooled.reshape(vectors.shape).float()
