"""Wordpieces that a transformer's own tokenizer made."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from overrides import overrides

from foldformer.choices import Cut
from foldformer.config import AtLeastOne, NotNegative
from foldformer.data.token_indexer import IndexedTokenList, TokenIndexer
from foldformer.text import Token, Vocabulary
from foldformer.text.splitters import CutPlaces, Splitter
from foldformer.text.splitters.cut_places import places_in_tokens, sentence_splitter_of
from indexers.wordpiece_source import WordpieceSource


@TokenIndexer.register("pretrained_transformer")
class PretrainedTransformerIndexer(TokenIndexer):
    """Index wordpieces, and fold a long text into segments.

    The tokens come from a `PretrainedTransformerTokenizer` of the same model, which has put their ids and the special
    tokens there. Gives `token_ids`, `type_ids`, `mask`, and with `max_length` also `segment_concat_mask`;
    with `overlap`, and with another `cut`, also `segment_spans`, the content of each segment.

        tokens          [CLS] a b c d [SEP]
        token_ids       [CLS] a b c [SEP] [CLS] d [SEP]         max_length 5
        mask            6 x True: what the embedder gives back, one vector a token

    Args:
        model_name: Folder or name of the transformer.
        namespace: The vocabulary's namespace for its wordpieces. A non-padded one, so that ids stay what they are.
        max_length: Longest segment, in wordpieces, special tokens included; the embedder needs the same value.
        tokenizer_kwargs: Handed to the loading of the tokenizer.
        token_min_padding_length: Pad to at least this many wordpieces.
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
        """Take the ids from the tokens; a token without one is looked up by its text.

        Raises:
            ValueError: With `max_length`, the tokens lack the special tokens; or a token has neither id nor text.
        """
        self._source.fill(vocabulary)
        ids = [token.text_id if token.text_id is not None else self._look_up(token) for token in tokens]
        type_ids = [token.type_id or 0 for token in tokens]
        indexed: IndexedTokenList = {"token_ids": ids, "mask": [True] * len(ids), "type_ids": type_ids}
        return self._source.fold(indexed, lambda: self._places(tokens))

    @overrides
    def indices_to_tokens(self, indexed_tokens: IndexedTokenList, vocabulary: Vocabulary) -> list[Token]:
        """Turn ids back into tokens; folded ones keep the special tokens of every segment."""
        self._source.fill(vocabulary)
        ids = indexed_tokens["token_ids"]
        type_ids = indexed_tokens.get("type_ids") or [None] * len(ids)
        return [
            Token(self._source.text(token_id, vocabulary), text_id=token_id, type_id=type_id)
            for token_id, type_id in zip(ids, type_ids, strict=True)
        ]

    @overrides
    def get_empty_token_list(self) -> IndexedTokenList:
        return self._source.empty()

    @overrides
    def as_padded_tensor_dict(
        self, tokens: IndexedTokenList, padding_lengths: dict[str, int]
    ) -> dict[str, torch.Tensor]:
        return self._source.pad(tokens, padding_lengths)

    def _places(self, tokens: Sequence[Token]) -> CutPlaces:
        special = self._source.special_tokens
        return places_in_tokens(
            tokens[len(special.single_start) : len(tokens) - len(special.single_end)], self._splitter
        )

    def _look_up(self, token: Token) -> int:
        return self._source.look_up(token.ensure_text())

    @overrides
    def _to_params(self) -> dict[str, Any]:
        return {"type": "pretrained_transformer", **self._arguments}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PretrainedTransformerIndexer):
            return NotImplemented
        return self._arguments == other._arguments

    __hash__ = None
