"""Rows as a tokenizer of transformers pads them, folded into what a transformer embedder takes.

input_ids       [CLS] a b c d [SEP] [PAD]                   max_length 5
token_ids       [CLS] a b c [SEP] [CLS] d [SEP]
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from foldformer.engine.segments import IntArray
from foldformer.engine.windows.cuts import Windowing, cut_windows


@dataclass(frozen=True)
class Frame:
    """The special tokens that a tokenizer puts around one text.

    Args:
        start: Ids of those before it.
        end: Ids of those after it.
    """

    start: tuple[int, ...]
    end: tuple[int, ...]

    @property
    def total(self) -> int:
        """Special tokens around one text."""
        return len(self.start) + len(self.end)


@dataclass(frozen=True, eq=False)
class FoldedRows:
    """Rows in the tensors of an indexer, and the way back.

    Args:
        tensors: Arguments of an embedder's `forward`, real wordpieces first in each row.
        order: Where each of their wordpieces stands in the row as it came. (batch, wordpieces)
    """

    tensors: dict[str, Tensor]
    order: Tensor

    def put_back(self, vectors: Tensor) -> Tensor:
        """Move vectors to where their wordpieces came from. (batch, wordpieces, dim)"""
        index = self.order[..., None].expand_as(vectors)
        return torch.zeros_like(vectors).scatter(1, index, vectors)


def fold_rows(
    input_ids: Tensor,
    attention_mask: Tensor | None,
    token_type_ids: Tensor | None,
    frame: Frame,
    max_length: int | None,
    overlap: int,
) -> FoldedRows:
    """Fold the rows that are longer than `max_length`; padding may stand on either side.

    Args:
        input_ids: Wordpiece ids, int64. (batch, wordpieces)
        attention_mask: 1 or True where real; None: everywhere, as in transformers. (batch, wordpieces)
        token_type_ids: Sentence A/B ids, int64. (batch, wordpieces)
        frame: The special tokens around one text.
        max_length: Longest segment, special tokens included; None folds nothing.
        overlap: Content wordpieces that neighbouring segments share.

    Raises:
        ValueError: A shape does not fit, a mask has a hole, or a row to be folded lacks the special tokens.
    """
    real = torch.ones_like(input_ids, dtype=torch.bool) if attention_mask is None else attention_mask.bool()
    _check(input_ids, real, token_type_ids)
    order = real.long().argsort(dim=1, descending=True, stable=True)
    tensors = {"token_ids": input_ids.gather(1, order), "mask": real.gather(1, order)}
    if token_type_ids is not None:
        tensors["type_ids"] = token_type_ids.gather(1, order)
    if max_length is None:
        return FoldedRows(tensors, order)
    lengths = real.sum(1).cpu().numpy()
    spans = [_spans(int(length), frame.total, max_length, overlap) for length in lengths]
    _check_frames(tensors["token_ids"], [len(each) > 1 or overlap > 0 for each in spans], lengths, frame)
    rows = [
        # with overlap, nothing but special tokens is no segment, as an indexer has it
        _segments(each, int(length) if each or not overlap else 0, frame)
        for each, length in zip(spans, lengths, strict=True)
    ]
    folded = np.array([len(row) for row in rows], np.int64)
    index = np.zeros((len(rows), folded.max(initial=0)), np.int64)
    for place, row in zip(index, rows, strict=True):
        place[: len(row)] = row
    chosen = torch.from_numpy(index).to(input_ids.device)
    for name in tensors.keys() - {"mask"}:
        tensors[name] = tensors[name].gather(1, chosen)
    tensors["segment_concat_mask"] = torch.from_numpy(np.arange(index.shape[1]) < folded[:, None]).to(input_ids.device)
    if overlap:
        tensors["segment_spans"] = _pad_spans(spans).to(input_ids.device)
    return FoldedRows(tensors, order)


def _check(input_ids: Tensor, real: Tensor, token_type_ids: Tensor | None) -> None:
    if input_ids.dim() != 2:
        raise ValueError(f"input_ids: got shape {tuple(input_ids.shape)}; expected (batch, wordpieces)")
    for name, tensor in (("attention_mask", real), ("token_type_ids", token_type_ids)):
        if tensor is not None and tensor.shape != input_ids.shape:
            raise ValueError(
                f"{name}: got shape {tuple(tensor.shape)}; expected that of input_ids, {tuple(input_ids.shape)}"
            )
    begins = real.clone()
    begins[:, 1:] &= ~real[:, :-1]
    broken = (begins.sum(1) > 1).nonzero()
    if len(broken):
        raise ValueError(
            f"attention_mask: row {int(broken[0])} has padding between real wordpieces; expected it at the ends only"
        )


def _spans(length: int, num_special: int, max_length: int, overlap: int) -> list[tuple[int, int]]:
    """Return the half-open spans of content that the segments of one row hold."""
    content = max(length - num_special, 0)
    windows = cut_windows(np.array([content]), Windowing(max_length - num_special, overlap))
    return list(zip(windows.starts.tolist(), (windows.starts + windows.lengths).tolist(), strict=True))


def _segments(spans: Sequence[tuple[int, int]], length: int, frame: Frame) -> IntArray:
    """Return the place in its row of each wordpiece of the segments; one segment is the row as it is."""
    if len(spans) <= 1:
        return np.arange(length)
    start, end = np.arange(len(frame.start)), np.arange(length - len(frame.end), length)
    return np.concatenate([part for first, last in spans for part in (start, np.arange(first, last) + len(start), end)])


def _check_frames(token_ids: Tensor, needed: Sequence[bool], lengths: IntArray, frame: Frame) -> None:
    for number in np.flatnonzero(needed).tolist():
        ids = token_ids[number, : int(lengths[number])].tolist()
        start, end = ids[: len(frame.start)], ids[len(ids) - len(frame.end) :]
        if (start, end) != (list(frame.start), list(frame.end)):
            raise ValueError(
                f"input_ids: row {number} begins with {start} and ends with {end}; expected the special tokens "
                f"{list(frame.start)} and {list(frame.end)}, without which it cannot be folded; "
                "call the tokenizer with add_special_tokens=True and truncation=False"
            )


def _pad_spans(spans: Sequence[Sequence[tuple[int, int]]]) -> Tensor:
    padded = torch.zeros(len(spans), max(map(len, spans), default=0), 2, dtype=torch.int64)
    for row, own in zip(padded, spans, strict=True):
        row[: len(own)] = torch.tensor(own, dtype=torch.int64).view(-1, 2)
    return padded
