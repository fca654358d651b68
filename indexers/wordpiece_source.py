"""What both transformer indexers share: one tokenizer, its wordpieces in a vocabulary, folding and padding."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from foldformer.choices import Cut
from foldformer.config.choice import check_choice
from foldformer.data.padding import pad_to
from foldformer.data.token_indexer import IndexedTokenList, as_bool_tensor, as_long_tensor
from foldformer.engine.windows.cuts import Windowing, check_overlap, cut_windows
from foldformer.text import SpecialTokens, Vocabulary, find_special_tokens
from foldformer.text.pretrained import load_tokenizer
from foldformer.text.special_tokens import check_max_length
from foldformer.text.splitters import CutPlaces

_BOOL_KEYS = frozenset({"mask", "wordpiece_mask", "segment_concat_mask"})
_PAIR_KEYS = frozenset({"offsets", "segment_spans"})


class WordpieceSource:
    """The tokenizer of a transformer, seen from an indexer.

    Args:
        model_name: Folder or name of the transformer.
        namespace: Where a vocabulary keeps its wordpieces.
        max_length: Longest segment, in wordpieces, special tokens included; None for no folding.
        tokenizer_kwargs: Handed to the loading of the tokenizer.
        verification_tokens: Two texts to find the special tokens with, where these are not found without.
        overlap: Content wordpieces that neighbouring segments share.
        cut: Where segments may end.

    Raises:
        ConfigurationError: No such model, `max_length` is not above the number of special tokens, or `overlap` not
            below the content of a segment.
    """

    def __init__(
        self,
        model_name: str,
        namespace: str,
        max_length: int | None,
        tokenizer_kwargs: Mapping[str, Any] | None,
        verification_tokens: tuple[str, str] | None = None,
        overlap: int = 0,
        cut: Cut = "wordpiece",
    ) -> None:
        kwargs = dict(tokenizer_kwargs or {})
        self.tokenizer: PreTrainedTokenizerBase = load_tokenizer(model_name, **kwargs)
        self.special_tokens: SpecialTokens = find_special_tokens(self.tokenizer, verification_tokens)
        self.max_length = max_length
        check_max_length(max_length, self.special_tokens.num_single)
        check_overlap(overlap, max_length, self.special_tokens.num_single)
        check_choice("cut", cut, get_args(Cut))
        self.windowing = Windowing((max_length or 0) - self.special_tokens.num_single, overlap, cut)
        self._namespace = namespace
        self._name = f"{model_name} {json.dumps(kwargs, sort_keys=True)}"
        pad_id = self.tokenizer.pad_token_id
        self._pad_id = 0 if pad_id is None else int(pad_id)

    def fill(self, vocabulary: Vocabulary) -> None:
        """Copy the wordpieces into a vocabulary that does not have them yet."""
        vocabulary.add_transformer_vocab_once(self.tokenizer, self._namespace, self._name)

    def look_up(self, wordpiece: str) -> int:
        """Return the id of a wordpiece, or of the unknown one."""
        found = self.tokenizer.convert_tokens_to_ids(wordpiece)
        assert isinstance(found, int), "one string has one id"
        return found

    def text(self, token_id: int, vocabulary: Vocabulary) -> str:
        """Return how a vocabulary spells a wordpiece."""
        return vocabulary.get_token_from_index(token_id, self._namespace)

    def fold(self, indexed: IndexedTokenList, places: Callable[[], CutPlaces]) -> IndexedTokenList:
        """Cut the wordpieces into segments with their own special tokens, one after the other.

            in      [CLS] a b c d [SEP]
            out     [CLS] a b c [SEP] [CLS] d [SEP]             max_length 5

        Args:
            indexed: `token_ids` and `type_ids` with the special tokens of one sequence; other lists stay as they are.
                A text without wordpieces between them has no segment.
            places: Finds where the wordpieces may be cut, for the cuts that ask.

        Raises:
            ValueError: The special tokens are missing, so that folding would drop wordpieces.
        """
        if self.max_length is None:
            return indexed
        special = self.special_tokens
        start_ids, end_ids = [t.id for t in special.single_start], [t.id for t in special.single_end]
        ids = self._without_special_tokens(indexed["token_ids"], start_ids, end_ids)
        type_ids = indexed["type_ids"][len(start_ids) : len(start_ids) + len(ids)]
        start_types, end_types = [t.type_id for t in special.single_start], [t.type_id for t in special.single_end]
        wanted = [places()] if self.windowing.cut in ("word", "sentence") else None
        windows = cut_windows(np.array([len(ids)]), self.windowing, wanted)
        spans = list(zip(windows.starts.tolist(), (windows.starts + windows.lengths).tolist(), strict=True))
        folded: IndexedTokenList = {
            "token_ids": _join_segments(ids, spans, start_ids, end_ids),
            "type_ids": _join_segments(type_ids, spans, start_types, end_types),
        }
        folded["segment_concat_mask"] = [True] * len(folded["token_ids"])
        return {**indexed, **folded} if self.windowing.is_plain else {**indexed, **folded, "segment_spans": spans}

    def _without_special_tokens(self, ids: list[int], start_ids: list[int], end_ids: list[int]) -> list[int]:
        end = len(ids) - len(end_ids)
        if ids and (ids[: len(start_ids)] != start_ids or ids[max(end, 0) :] != end_ids):
            expected = self.tokenizer.convert_ids_to_tokens([*start_ids, *end_ids])
            found = self.tokenizer.convert_ids_to_tokens([*ids[: len(start_ids)], *ids[max(end, len(start_ids)) :]])
            raise ValueError(
                f"got a text with {found} where max_length={self.max_length} needs the special tokens {expected} "
                "around it; make the tokens with this model's PretrainedTransformerTokenizer, add_special_tokens=True"
            )
        return ids[len(start_ids) : max(end, 0)]

    def empty(self) -> IndexedTokenList:
        """Return the lists for nothing at all."""
        lists: IndexedTokenList = {"token_ids": [], "mask": [], "type_ids": []}
        if self.max_length is None:
            return lists
        return {**lists, "segment_concat_mask": [], **({} if self.windowing.is_plain else {"segment_spans": []})}

    def pad(self, indexed: IndexedTokenList, lengths: Mapping[str, int]) -> dict[str, torch.Tensor]:
        """Pad masks with False, type ids with 0, pairs of positions with (0, 0), wordpieces with their own padding."""
        padded: dict[str, torch.Tensor] = {}
        for key, items in indexed.items():
            if key in _BOOL_KEYS:
                padded[key] = as_bool_tensor(items, lengths[key])
            elif key in _PAIR_KEYS:
                padded[key] = torch.from_numpy(np.array(pad_to(items, lengths[key], (0, 0)), np.int64).reshape(-1, 2))
            else:
                padded[key] = as_long_tensor(items, lengths[key], 0 if key == "type_ids" else self._pad_id)
        return padded


def _join_segments(
    items: Sequence[int], spans: Sequence[tuple[int, int]], start: Sequence[int], end: Sequence[int]
) -> list[int]:
    joined: list[int] = []
    for first, last in spans:
        joined += start
        joined += items[first:last]
        joined += end
    return joined
