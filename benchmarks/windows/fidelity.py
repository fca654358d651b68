"""How near folded vectors come to those of the unfolded run, where a document fits."""

from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.windows.features import edge_distances, embed_words, word_lengths
from benchmarks.windows.rules import WHOLE, Rule
from benchmarks.windows.store import Arrays, Store
from benchmarks.windows.treebank import Treebank


def fidelity(store: Store, model: Path, name: str, rules: list[Rule], test: Treebank) -> dict[str, Arrays]:
    """Return, for each rule, the cosine of every word of documents that are cut, but fit; by the rule's name.

    Returns:
        `cosines` and `distances` from the nearest place where plain windows cut, (words,), and `documents`, (words,).
    """
    fitting = [words for words in test.documents if _length(model, words) <= WHOLE]
    unfolded = cache(lambda: embed_words(model, fitting, Rule(WHOLE)).vectors)  # once, and only if something is missing
    return {
        rule.name: store.get(
            f"fidelity {name} {rule.name}", lambda rule=rule: _compare(model, fitting, rule, unfolded())
        )
        for rule in rules
    }


def _length(model: Path, words: list[str]) -> int:
    return int(word_lengths(model, [words])[0].sum())


def _compare(model: Path, documents: list[list[str]], rule: Rule, whole: np.ndarray) -> Arrays:
    folded = embed_words(model, documents, rule).vectors
    norms = np.linalg.norm(folded, axis=1) * np.linalg.norm(whole, axis=1)
    cosines = (folded * whole).sum(1) / np.maximum(norms, 1e-9)
    distances = edge_distances(model, documents, rule.size)
    numbers = np.repeat(np.arange(len(documents)), [len(words) for words in documents])
    cut = distances < np.iinfo(np.int64).max
    return {"cosines": cosines[cut], "distances": distances[cut], "documents": numbers[cut]}
