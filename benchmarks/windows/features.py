"""Vectors of words under one rule, and what they cost."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.windows.rules import Rule
from foldformer.embedding import DocumentEmbedder
from foldformer.engine.windows.cuts import Windowing, cut_windows
from foldformer.text.pretrained import load_tokenizer
from foldformer.text.splitters import SentenceSplitter
from foldformer.text.splitters.cut_places import places_in_words
from foldformer.text.wordpieces import encode_words

NUM_SPECIAL = 2


@dataclass(frozen=True, eq=False)
class Features:
    """Of all words of some documents, one after the other.

    Args:
        vectors: float32 (words, dim)
        num_run: Wordpieces that ran, special tokens included.
        seconds: Of processors, to compute them; what else runs on the machine disturbs these less.
    """

    vectors: NDArray[np.float32]
    num_run: int
    seconds: float


def embed_words(model: Path, documents: list[list[str]], rule: Rule, **options: Any) -> Features:
    """Run the documents, in PyTorch and float32."""
    embedder = DocumentEmbedder(
        str(model),
        max_length=rule.size + NUM_SPECIAL,
        level="word",
        overlap=rule.overlap,
        overlap_mode=rule.mode,
        cut=rule.cut,
        backend="torch",
        **options,
    )
    start = time.process_time()
    vectors = np.concatenate([document.vectors for document in embedder.embed(documents)])
    seconds = time.process_time() - start
    return Features(vectors, num_run(model, documents, rule), seconds)


def word_lengths(model: Path, documents: list[list[str]]) -> list[NDArray[np.int64]]:
    """Return the wordpieces of each word of each document."""
    tokenizer = load_tokenizer(str(model))
    return [encode_words(tokenizer, [words]).word_lengths.astype(np.int64) for words in documents]


def num_run(model: Path, documents: list[list[str]], rule: Rule) -> int:
    """Count the wordpieces that run, special tokens included."""
    lengths = word_lengths(model, documents)
    splitter = SentenceSplitter() if rule.cut == "sentence" else None
    places = [places_in_words(words, own, splitter) for words, own in zip(documents, lengths, strict=True)]
    totals = np.array([own.sum() for own in lengths])
    windows = cut_windows(totals, Windowing(rule.size, rule.overlap, rule.cut), places)
    return windows.num_rows + len(windows) * NUM_SPECIAL


def edge_distances(model: Path, documents: list[list[str]], size: int) -> NDArray[np.int64]:
    """Return each word's wordpieces to the nearest place where plain windows cut its document, from 1.

    A word of a document that is one window has no such place, and the largest number there is.
    """
    found = []
    for own in word_lengths(model, documents):
        first = np.cumsum(own) - own
        window, total = first // size, int(own.sum())
        from_start = np.where(window > 0, first - window * size + 1, np.iinfo(np.int64).max)
        to_end = np.where((window + 1) * size < total, (window + 1) * size - first, np.iinfo(np.int64).max)
        found.append(np.minimum(from_start, to_end))
    return np.concatenate(found)
