"""The documents: words of the King James text, cut into the shapes that matter."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.environments import ROOT, UnavailableError
from foldformer.text.wordpieces import encode_words

TEXT = ROOT / ".." / "shared" / "data" / "kjv" / "kjv.txt.gz"
CACHE = ROOT / ".cache" / "benchmarks" / "documents"
SEED = 13
MEDIAN_WORDS = 350
SPREAD = 0.8
"""Standard deviation of the logarithm of a ragged document's length."""
ONE_SEGMENT_WORDS = 300

Documents = list[list[str]]


@dataclass(frozen=True)
class Corpus:
    """Documents in a file, one list of words a line.

    Args:
        name: In tables.
        path: The file.
        num_documents: How many.
        num_words: Of all documents.
    """

    name: str
    path: Path
    num_documents: int
    num_words: int


def store(name: str, documents: Documents) -> Corpus:
    """Write documents where peers read them."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"{name.replace(' ', '_')}.jsonl"
    path.write_text("".join(json.dumps(words) + "\n" for words in documents))
    return Corpus(name, path, len(documents), sum(map(len, documents)))


def short_sentences(num_documents: int) -> Documents:
    """Sentences of 8 to 30 words, evenly."""
    return _cut(np.random.default_rng(SEED).integers(8, 31, num_documents).tolist())


def ragged(num_documents: int, longest: int = 12_000) -> Documents:
    """Documents of lognormal length, median 350 words; the one in the middle is the longest."""
    lengths = np.random.default_rng(SEED).lognormal(np.log(MEDIAN_WORDS), SPREAD, num_documents)
    lengths[num_documents // 2] = longest
    return _cut(np.clip(lengths, 5, longest).astype(int).tolist())


def others(num_documents: int, length: int) -> Documents:
    """Return documents of one length from the end of the text, which sentences and ragged documents do not reach."""
    words = _text()[-num_documents * length :]
    return [words[i : i + length] for i in range(0, len(words), length)]


def agreeing() -> dict[str, Documents]:
    """Documents to compare vectors on: some that fit into one segment, and some that do not."""
    return {"one segment": _cut([5, 17, 1, ONE_SEGMENT_WORDS, 40]), "folded": _cut([900, 3])}


def wordpieces(num_wordpieces: int, tokenizer: Any) -> list[str]:
    """Words that make up that many wordpieces, the text repeated as often as it takes."""
    words = list(islice(_words(), num_wordpieces))
    encoded = encode_words(tokenizer, [words])
    return words[: int(np.searchsorted(np.cumsum(encoded.word_lengths), num_wordpieces, side="right"))]


def words(num_words: int) -> list[str]:
    """Words, the text repeated as often as it takes."""
    return list(islice(_words(), num_words))


def _cut(lengths: list[int]) -> Documents:
    stream = _words()
    return [list(islice(stream, length)) for length in lengths]


def _words() -> Iterator[str]:
    text = _text()
    while True:
        yield from text


def _text() -> list[str]:
    if not TEXT.exists():
        raise UnavailableError(f"there is no {TEXT.relative_to(ROOT)}")
    with gzip.open(TEXT, "rt") as lines:
        return [word for line in lines for word in line.split()[1:]]
