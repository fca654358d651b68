"""Find a verse among those of its book: alone, or with a vector that has seen the book around it."""

import gzip
import re
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpora import TEXT
from benchmarks.windows.features import NUM_SPECIAL
from benchmarks.windows.rules import HALF, SIZES, WHOLE, Rule
from benchmarks.windows.store import Arrays, Store
from foldformer.embedding import DocumentEmbedder, Spanned

BOOKS = ("Ruth", "Est", "Jonah", "Dan", "Mark", "Gal", "Phi", "Jas")
NEAREST = 10
_VERSE = re.compile(r"(\d*[A-Za-z]+)(\d+):(\d+) (.*)")


class Book:
    """The verses of one book.

    Args:
        verses: Their texts.
        chapters: Chapter of each.
    """

    def __init__(self, verses: list[str], chapters: list[int]) -> None:
        self.verses = verses
        self.chapters = np.array(chapters)

    @property
    def spanned(self) -> Spanned:
        """The book as one text, with a span for each verse."""
        ends = np.cumsum([len(verse) + 1 for verse in self.verses])
        starts = ends - [len(verse) + 1 for verse in self.verses]
        return Spanned(" ".join(self.verses), list(zip(starts.tolist(), (ends - 1).tolist(), strict=True)))


def read_books(names: tuple[str, ...] = BOOKS) -> list[Book]:
    """Read some books of the King James text."""
    with gzip.open(TEXT, "rt", encoding="utf-8") as file:
        matches = [match for match in map(_VERSE.match, file) if match is not None and match[1] in names]
    books = []
    for _, group in groupby(matches, key=lambda match: match[1]):
        verses = list(group)
        books.append(Book([match[4].strip() for match in verses], [int(match[2]) for match in verses]))
    return books


def retrieval_rules() -> list[Rule | None]:
    """What is compared; None is every verse alone."""
    return [None, *(Rule(size, part) for size in (*SIZES, 254, WHOLE) for part in (0.0, HALF))]


def retrieve(store: Store, model: Path, name: str, rule: Rule | None, books: list[Book]) -> Arrays:
    """Search with every verse but the last of its book.

    Returns:
        `scores`, the reciprocal rank of the next verse, and how many of the nearest that are no neighbours are of its
        chapter, (queries, 2); `chapters`, a number for the chapter of each query, (queries,).
    """
    label = "alone" if rule is None else rule.name
    return store.get(f"retrieval {name} {label}", lambda: _retrieve(model, rule, books))


def _retrieve(model: Path, rule: Rule | None, books: list[Book]) -> Arrays:
    queries = _alone(model, books)
    passages = queries if rule is None else _in_context(model, books, rule)
    scores, chapters, before = [], [], 0
    for book, query, passage in zip(books, queries, passages, strict=True):
        scores.append(_scores(query @ passage.T, book.chapters))
        chapters.append(book.chapters[:-1] + before)
        before += int(book.chapters.max()) + 1
    return {"scores": np.concatenate(scores), "chapters": np.concatenate(chapters)}


def _scores(cosines: NDArray[np.float32], chapters: NDArray[np.int64]) -> NDArray[np.float64]:
    """Score queries against all verses of their book but themselves. (verses - 1, 2)"""
    scores = []
    for verse in range(len(cosines) - 1):
        row = cosines[verse].copy()
        row[verse] = -np.inf
        rank = 1 + int((row > row[verse + 1]).sum())
        row[max(0, verse - 1) : verse + 2] = -np.inf
        nearest = np.argsort(-row)[:NEAREST]
        scores.append((1 / rank, float((chapters[nearest] == chapters[verse]).mean())))
    return np.array(scores)


def _alone(model: Path, books: list[Book]) -> list[NDArray[np.float32]]:
    embedder = DocumentEmbedder(str(model), level="document", backend="torch", normalize=True)
    return [np.concatenate([each.vectors for each in embedder.embed(book.verses)]) for book in books]


def _in_context(model: Path, books: list[Book], rule: Rule) -> list[NDArray[np.float32]]:
    embedder = DocumentEmbedder(
        str(model),
        level="span",
        max_length=rule.size + NUM_SPECIAL,
        overlap=rule.overlap,
        overlap_mode=rule.mode,
        cut=rule.cut,
        backend="torch",
        normalize=True,
    )
    return [document.vectors for document in embedder.embed([book.spanned for book in books])]
