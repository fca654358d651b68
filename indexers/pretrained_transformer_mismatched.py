"""Words that a transformer's tokenizer cuts further."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from overrides import overrides

from foldformer.choices import Cut
from foldformer.config import AtLeastOne, NotNegative
from foldformer.data.token_indexer import IndexedTokenList, TokenIndexer
from foldformer.text import Token, Vocabulary
from foldformer.text.splitters import Splitter
from foldformer.text.splitters.cut_places import places_in_words, sentence_splitter_of
from foldformer.text.wordpieces import encode_sentence, word_offsets
from indexers.wordpiece_source import WordpieceSource


@TokenIndexer.register("pretrained_transformer_mismatched")
class PretrainedTransformerMismatchedIndexer(TokenIndexer):
    """Cut words into wordpieces, remember which belong to which word, and fold a long text into segments.

    The tokens are words, from any tokenizer or corpus. Gives `token_ids`, `type_ids`, `mask` (one entry a word),
    `offsets` (inclusive first and last wordpiece of each word, (-1, -1) for a word without any), `wordpiece_mask`, and
    with `max_length` also `segment_concat_mask`; with `overlap`, and with another `cut`, also `segment_spans`.

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
        overlap: Content wordpieces that neighbouring segments share; the embedder needs the same value.
        cut: Where segments may end: at any "wordpiece"; at a "word"; at a "sentence" where that leaves a segment at
            least half full, else at a word; or at any, with segments that are "even" instead of a short last one.
        sentence_splitter: Finds sentences for that cut; by a rule unless given.

    Raises:
        ConfigurationError: No such model, `max_length` is not above the number of special tokens, or `overlap` not
            below the content of a segment.
    """

    def __init__(
        self,
        model_name: str,
        namespace: str = "tags",
        max_length: AtLeastOne | None = None,
        tokenizer_kwargs: Mapping[str, Any] | None = None,
        token_min_padding_length: NotNegative = 0,
        verification_tokens: tuple[str, str] | None = None,
        overlap: NotNegative = 0,
        cut: Cut = "wordpiece",
        sentence_splitter: Splitter | None = None,
    ) -> None:
        super().__init__(token_min_padding_length)
        self._arguments = {
            "model_name": model_name,
            "namespace": namespace,
            "max_length": max_length,
            "tokenizer_kwargs": dict(tokenizer_kwargs or {}),
            "token_min_padding_length": token_min_padding_length,
            "verification_tokens": verification_tokens,
            "overlap": overlap,
            "cut": cut,
            "sentence_splitter": sentence_splitter,
        }
        self._splitter = sentence_splitter_of(cut, sentence_splitter)
        self._source = WordpieceSource(
            model_name, namespace, max_length, tokenizer_kwargs, verification_tokens, overlap, cut
        )

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
        words = [token.ensure_text() for token in tokens]
        ids, word_of_wordpiece = encode_sentence(self._source.tokenizer, words)
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
            },
            lambda: places_in_words(words, np.bincount(word_of_wordpiece, minlength=len(words)), self._splitter),
        )

    @overrides
    def get_empty_token_list(self) -> IndexedTokenList:
        return {**self._source.empty(), "offsets": [], "wordpiece_mask": []}

    @overrides
    def as_padded_tensor_dict(
        self, tokens: IndexedTokenList, padding_lengths: dict[str, int]
    ) -> dict[str, torch.Tensor]:
        return self._source.pad(tokens, padding_lengths)

    @overrides
    def _to_params(self) -> dict[str, Any]:
        return {"type": "pretrained_transformer_mismatched", **self._arguments}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PretrainedTransformerMismatchedIndexer):
            return NotImplemented
        return self._arguments == other._arguments

    __hash__ = None
