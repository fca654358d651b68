"""Documents as texts that fit, for systems that cut off what is too long, and pooling of what comes back.

Cuts fall between words, so segments differ a little from folded ones; documents that fit into one segment do not.
"""

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from benchmarks.peers.protocol import Documents

CONTENT = 510


@dataclass(frozen=True)
class Chunks:
    """Texts of at most 510 wordpieces.

    Args:
        texts: Words joined by spaces.
        lengths: For each text the wordpieces of each word.
        counts: For each document its number of texts.
    """

    texts: list[str]
    lengths: list[list[int]]
    counts: list[int]

    def pool(self, hidden: list[np.ndarray]) -> list[np.ndarray]:
        """Average the wordpieces of each word, and join the texts of each document.

        Args:
            hidden: For each text the vectors of its wordpieces, special tokens left out. (wordpieces, dim)
        """
        words = [_averages(rows, lengths) for rows, lengths in zip(hidden, self.lengths, strict=True)]
        ends = np.cumsum(self.counts)
        spans = zip([0, *ends], ends, strict=False)
        return [np.concatenate(words[start:end]) for start, end in spans]


def cut(tokenizer: Any, documents: Documents) -> Chunks:
    """Cut documents with one call of a fast tokenizer."""
    fast = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())  # a copy: the original truncates and pads
    fast.no_truncation()
    fast.no_padding()
    encoded = fast.encode_batch(documents, is_pretokenized=True, add_special_tokens=False)
    parts = [
        list(_parts(words, np.bincount(encoding.word_ids, minlength=len(words)).tolist()))
        for words, encoding in zip(documents, encoded, strict=True)
    ]
    flat = list(chain.from_iterable(parts))
    return Chunks([" ".join(words) for words, _ in flat], [lengths for _, lengths in flat], [len(p) for p in parts])


def _parts(words: list[str], lengths: list[int]) -> Any:
    start = total = 0
    for i, length in enumerate(lengths):
        if total + length > CONTENT:
            yield words[start:i], lengths[start:i]
            start, total = i, 0
        total += length
    yield words[start:], lengths[start:]


def _averages(rows: np.ndarray, lengths: list[int]) -> np.ndarray:
    starts = np.cumsum([0, *lengths[:-1]])
    return np.add.reduceat(rows, starts) / np.array(lengths, dtype=rows.dtype)[:, None]
