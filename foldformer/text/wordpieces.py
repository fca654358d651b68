"""Words and texts to wordpiece ids in as few tokenizer calls as possible; no object per wordpiece.

A list of words handed to the fast tokenizer as one pre-split input is normalized, cut and looked up word by word, so
its ids are those of one call a word. It is several times faster than a batch with one input a word: there is one result
object a document, and the word of each wordpiece comes with it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from foldformer.text.private_backend import private_backend
from foldformer.text.special_tokens import call_tokenizer

_WORDS_PER_INPUT = 1024
"""Longest pre-split input; longer documents are cut between words, so that several threads may share one."""
_INPUTS_PER_CALL = 16
"""Bounds the result objects that live at the same time."""


@dataclass(frozen=True, slots=True)
class EncodedWords:
    """Wordpieces of many words, one after the other, without special tokens.

    Args:
        ids: Wordpiece ids, int32. (wordpieces,)
        word_lengths: Wordpieces of each word, int32; 0 for a word that the tokenizer drops. (words,)
    """

    ids: NDArray[np.int32]
    word_lengths: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class EncodedText:
    """Wordpieces of one text, without special tokens.

    Args:
        ids: Wordpiece ids, int32. (wordpieces,)
        offsets: Half-open character span of each wordpiece, int32; None where the tokenizer gives none. (wordpieces, 2)
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int32] | None


@dataclass(frozen=True, slots=True)
class FramedText:
    """Wordpieces of one text, with special tokens if these were wanted, in plain lists.

    Args:
        ids: Wordpiece ids.
        type_ids: Their sentence A/B ids, 0 where the tokenizer has none.
        offsets: Their half-open character spans, (0, 0) where the tokenizer gives none.
    """

    ids: list[int]
    type_ids: list[int]
    offsets: list[tuple[int, int]]


def encode_framed(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, add_special_tokens: bool
) -> list[FramedText]:
    """Cut running texts into wordpieces as the tokenizer's own call does, without truncation.

    Raises:
        TypeError: A text is no string.
        UnicodeEncodeError: A text holds half a surrogate pair.
    """
    backend = private_backend(tokenizer)
    if backend is not None:
        encodings = backend.encode_batch(list(texts), add_special_tokens=add_special_tokens)
        return [FramedText(encoding.ids, encoding.type_ids, encoding.offsets) for encoding in encodings]
    encoded = call_tokenizer(
        tokenizer,
        list(texts),
        add_special_tokens=add_special_tokens,
        return_offsets_mapping=tokenizer.is_fast,
        return_token_type_ids=True,
    )
    ids = encoded["input_ids"]
    type_ids = encoded.get("token_type_ids") or [[0] * len(of_text) for of_text in ids]
    offsets = encoded.get("offset_mapping") or [[(0, 0)] * len(of_text) for of_text in ids]
    return [FramedText(*of_text) for of_text in zip(ids, type_ids, offsets, strict=True)]


def encode_words(tokenizer: PreTrainedTokenizerBase, documents: Sequence[Sequence[str]]) -> EncodedWords:
    """Cut every word of every document into wordpieces, each word by itself.

    Returns:
        All words of all documents, in order; the ids are those of one tokenizer call a word.

    Raises:
        ValueError: A word is no string, or holds half a surrogate pair.
    """
    backend = private_backend(tokenizer)
    if backend is None:
        return _encode_words_through_call(tokenizer, list(chain.from_iterable(documents)))
    ids, word_lengths = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    inputs = (words[i : i + _WORDS_PER_INPUT] for words in documents for i in range(0, len(words), _WORDS_PER_INPUT))
    while window := list(islice(inputs, _INPUTS_PER_CALL)):
        for words, encoding in zip(
            window, _encode_batch(backend.encode_batch, window, is_pretokenized=True), strict=True
        ):
            ids.append(np.array(encoding.ids, np.int32))
            word_lengths.append(_count(encoding.word_ids, len(words)))
    return EncodedWords(np.concatenate(ids), np.concatenate(word_lengths))


def encode_sentence(tokenizer: PreTrainedTokenizerBase, words: Sequence[str]) -> tuple[list[int], list[int]]:
    """Cut the words of one sentence into wordpieces, each word by itself.

    The same as `encode_words`, in plain lists, for the short inputs where arrays cost more than they save.

    Returns:
        Wordpiece ids, and the index of each wordpiece's word.

    Raises:
        ValueError: A word is no string, or holds half a surrogate pair.
    """
    if not words:
        return [], []
    backend = private_backend(tokenizer)
    if backend is None:
        encoded = _encode_words_through_call(tokenizer, list(words))
        return encoded.ids.tolist(), np.repeat(np.arange(len(words)), encoded.word_lengths).tolist()
    (encoding,) = _encode_batch(backend.encode_batch, [words], is_pretokenized=True)
    return encoding.ids, encoding.word_ids


def word_offsets(
    word_of_wordpiece: Sequence[int], num_words: int, position: int, none: tuple[int, int] | None
) -> list[Any]:
    """Turn the word of each wordpiece into inclusive first and last wordpiece of each word.

    Args:
        word_of_wordpiece: Index of the word that each wordpiece belongs to, ascending.
        num_words: How many words there are, words without wordpieces included.
        position: Of the first wordpiece among all wordpieces.
        none: Stands for a word without wordpieces.
    """
    offsets: list[Any] = [none] * num_words
    for word, wordpieces in groupby(word_of_wordpiece):
        length = len(list(wordpieces))
        offsets[word] = (position, position + length - 1)
        position += length
    return offsets


def encode_texts(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, with_offsets: bool = True
) -> list[EncodedText]:
    """Cut running texts into wordpieces, without special tokens, whatever their length.

    Args:
        tokenizer: Fast or not.
        texts: To cut.
        with_offsets: False may leave the offsets out, which takes two thirds of the time.

    Raises:
        ValueError: A text is no string, or holds half a surrogate pair.
    """
    backend = private_backend(tokenizer)
    if backend is None:
        return [_encode_text_through_call(tokenizer, text) for text in texts]
    if not with_offsets:
        encodings = _encode_batch(backend.encode_batch_fast, texts, is_pretokenized=False)
        return [EncodedText(np.array(encoding.ids, np.int32), None) for encoding in encodings]
    return [
        EncodedText(np.array(encoding.ids, np.int32), np.array(encoding.offsets, np.int32).reshape(-1, 2))
        for encoding in _encode_batch(backend.encode_batch, texts, is_pretokenized=False)
    ]


def _encode_batch(
    encode: Callable[..., list[Any]], inputs: Sequence[str] | Sequence[Sequence[str]], *, is_pretokenized: bool
) -> list[Any]:
    try:
        return encode(inputs, is_pretokenized=is_pretokenized, add_special_tokens=False)
    except (TypeError, UnicodeEncodeError) as error:
        flat = chain.from_iterable(inputs) if is_pretokenized else inputs
        raise ValueError(f"{first_bad(flat)}; expected text that can be written as UTF-8") from error


def first_bad(texts: Iterator[Any] | Sequence[Any]) -> str:
    """Say what is wrong with the first of the texts that a tokenizer does not take."""
    for text in texts:
        if not isinstance(text, str):
            return f"got {text!r} ({type(text).__name__}) among the words"
        if any("\ud800" <= character <= "\udfff" for character in text):
            return f"got {text[:80]!r}, which holds half a surrogate pair"
    return "got words that the tokenizer does not take"


def _count(word_of_wordpiece: list[int], num_words: int) -> NDArray[np.int32]:
    return np.bincount(np.array(word_of_wordpiece, np.int64), minlength=num_words).astype(np.int32)


def _encode_words_through_call(tokenizer: PreTrainedTokenizerBase, words: list[str]) -> EncodedWords:
    if not words:
        return EncodedWords(np.empty(0, np.int32), np.empty(0, np.int32))
    ids_by_word = call_tokenizer(tokenizer, words, add_special_tokens=False)["input_ids"]
    word_lengths = np.array([len(ids) for ids in ids_by_word], np.int32)
    return EncodedWords(np.array(list(chain.from_iterable(ids_by_word)), np.int32), word_lengths)


def _encode_text_through_call(tokenizer: PreTrainedTokenizerBase, text: str) -> EncodedText:
    encoded = call_tokenizer(tokenizer, text, add_special_tokens=False, return_offsets_mapping=tokenizer.is_fast)
    offsets = encoded.get("offset_mapping")
    return EncodedText(
        np.array(encoded["input_ids"], np.int32),
        None if offsets is None else np.array(offsets, np.int32).reshape(-1, 2),
    )


_MARKS = ("##", "Ġ", "▁")  # WordPiece's within a word; those of byte-level BPE and SentencePiece before one


def sanitize_wordpiece(wordpiece: str) -> str:
    """Take off the mark by which tokenizers say that a wordpiece begins, or does not begin, a word."""
    return wordpiece.removeprefix(next((mark for mark in _MARKS if wordpiece.startswith(mark)), ""))
