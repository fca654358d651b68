"""Documents of UD English EWT with a part of speech for every word, and runs of proper nouns as entities."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.sections.tagging import TREEBANK

NO_ENTITY, BEGINS, GOES_ON = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Treebank:
    """Documents of words.

    Args:
        documents: Words of each.
        tags: Part of speech of every word of every document, as a number.
        tag_names: What the numbers stand for.
        sentence_starts: Which words begin a sentence; a proper name does not go over it.
    """

    documents: list[list[str]]
    tags: NDArray[np.int64]
    tag_names: tuple[str, ...]
    sentence_starts: NDArray[np.bool_]

    @property
    def document_of_word(self) -> NDArray[np.int64]:
        """Document of every word. (words,)"""
        return np.repeat(np.arange(len(self.documents)), [len(words) for words in self.documents])

    @property
    def entity_tags(self) -> NDArray[np.int64]:
        """Names, as longest runs of proper nouns within a sentence: 1 begins one, 2 goes on with it."""
        is_name = self.tags == self.tag_names.index("PROPN")
        goes_on = np.zeros_like(is_name)
        goes_on[1:] = is_name[1:] & is_name[:-1] & ~self.sentence_starts[1:]
        return np.where(is_name, np.where(goes_on, GOES_ON, BEGINS), NO_ENTITY)


def read_treebank(part: str, most_documents: int, names: tuple[str, ...] = ()) -> Treebank:
    """Read one part, "dev" or "test"; names are those of another part, so that numbers agree."""
    documents: list[list[str]] = []
    tags, starts = [], []
    for sentence in _sentences(TREEBANK / f"en_ewt-ud-{part}.conllu"):
        if sentence[0] == "newdoc":
            if len(documents) == most_documents:
                break
            documents.append([])
            continue
        number, word, tag = sentence
        documents[-1].append(word)
        tags.append(tag)
        starts.append(number == "1")
    names = names or tuple(sorted(set(tags)))
    numbers = np.array([names.index(tag) for tag in tags])
    return Treebank(documents, numbers, names, np.array(starts))


def _sentences(path: Path) -> Iterator[tuple[str, ...]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            columns = line.rstrip("\n").split("\t")
            if line.startswith("# newdoc"):
                yield ("newdoc",)
            elif len(columns) > 3 and columns[0].isdigit():
                yield columns[0], columns[1], columns[3]
