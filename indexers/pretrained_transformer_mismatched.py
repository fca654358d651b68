"""Words that a transformer's tokenizer cuts further."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from overrides import overrides

from foldformer.config import AtLeastOne, NotNegative
from foldformer.data.padding import pad_to
from foldformer.data.token_indexer import IndexedTokenList, TokenIndexer
from foldformer.text import Token, Vocabulary
from foldformer.text.wordpieces import encode_sentence, word_offsets
from indexers.wordpiece_source import WordpieceSource


@TokenIndexer.register("pretrained_transformer_mismatched")
class PretrainedTransformerMismatchedIndexer(TokenIndexer):
    """Cut words into wordpieces, remember which belong to which word, and fold a long text into segments.

    The tokens are words, from any tokenizer or corpus. Gives `token_ids`, `type_ids`, `mask` (one entry a word),
    `offsets` (inclusive first and last wordpiece of each word, (-1, -1) for a word without any), `wordpiece_mask`, and
    with `max_length` also `segment_concat_mask`.

        words           foldings       are          long
        wordpieces      [CLS] fold ##ings are long [SEP]
        offsets         (1, 2)         (3, 3)       (4, 4)

    Args:
        model_name: Folder or name of the transformer.
        namespace: The vocabulary's namespace for its wordpieces. A non-padded one, so that ids stay what they are.
        max_length: Longest segment, in wordpieces, special tokens included; the embedder needs the same value.
        tokenizer_kwargs: Handed to the loading of the tokenizer.
        token_min_padding_length: Pad to at least this many words and wordpieces.
        verification_tokens: Two texts to find the special tokens with, where these are not found without.

    Raises:
        ConfigurationError: No such model, or `max_length` is not above the number of special tokens.
    """

    def __init__(
        self,
        model_name: str,
        namespace: str = "tags",
        max_length: AtLeastOne | None = None,
        tokenizer_kwargs: Mapping[str, Any] | None = None,
        token_min_padding_length: NotNegative = 0,
        verification_tokens: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(token_min_padding_length)
        self._arguments = {
            "model_name": model_name,
            "namespace": namespace,
            "max_length": max_length,
            "tokenizer_kwargs": dict(tokenizer_kwargs or {}),
            "token_min_padding_length": token_min_padding_length,
            "verification_tokens": verification_tokens,
        }
        self._source = WordpieceSource(model_name, namespace, max_length, tokenizer_kwargs, verification_tokens)

    @overrides
    def count_vocab_items(self, token: Token, counter: dict[str, dict[str, int]]) -> None:
        """Count nothing: the transformer has its own vocabulary."""

    @overrides
    def tokens_to_indices(self, tokens: Sequence[Token], vocabulary: Vocabulary) -> IndexedTokenList:
        """Cut each word by itself.

        Raises:
            ValueError: A token has no text.
        """
        self._source.fill(vocabulary)
        special = self._source.special_tokens
        ids, word_of_wordpiece = encode_sentence(self._source.tokenizer, [token.ensure_text() for token in tokens])
        start, end = special.single_start, special.single_end
        offsets = word_offsets(word_of_wordpiece, len(tokens), len(start), none=(-1, -1))
        type_ids = [special.single_type_id] * len(ids)
        return self._source.fold(
            {
                "token_ids": [t.id for t in start] + ids + [t.id for t in end],
                "mask": [True] * len(tokens),
                "type_ids": [t.type_id for t in start] + type_ids + [t.type_id for t in end],
                "offsets": offsets,
                "wordpiece_mask": [True] * (len(ids) + special.num_single),
            }
        )

    @overrides
    def get_empty_token_list(self) -> IndexedTokenList:
        return {**self._source.empty(), "offsets": [], "wordpiece_mask": []}

    @overrides
    def as_padded_tensor_dict(
        self, tokens: IndexedTokenList, padding_lengths: dict[str, int]
    ) -> dict[str, torch.Tensor]:
        lists = {key: items for key, items in tokens.items() if key != "offsets"}
        offsets = np.array(pad_to(tokens["offsets"], padding_lengths["offsets"], (0, 0)), np.int64).reshape(-1, 2)
        return {**self._source.pad(lists, padding_lengths), "offsets": torch.from_numpy(offsets)}

    @overrides
    def _to_params(self) -> dict[str, Any]:
        return {"type": "pretrained_transformer_mismatched", **self._arguments}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PretrainedTransformerMismatchedIndexer):
            return NotImplemented
        return self._arguments == other._arguments

    __hash__ = None
