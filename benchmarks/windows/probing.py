"""The linear probes, for every rule; results are kept, so that a run that was stopped goes on."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.windows.features import Features, embed_words
from benchmarks.windows.probe import entity_counts, predict
from benchmarks.windows.rules import Rule
from benchmarks.windows.store import Store
from benchmarks.windows.treebank import Treebank


def probe_rule(
    store: Store, model: Path, name: str, rule: Rule, parts: tuple[Treebank, Treebank], seeds: int, **options: Any
) -> dict[str, NDArray[Any]]:
    """Return what a rule's vectors say of the test words, from the store or anew.

    Returns:
        `tags`, whether the part of speech of each word is right, (seeds, words); `entities`, right, predicted and gold
        ones of each document, (seeds, documents, 3); `cost`, wordpieces that ran and seconds, for the test documents.
    """
    return store.get(f"probe {name} {rule.name}", lambda: _probe(model, rule, parts, seeds, options))


def _probe(
    model: Path, rule: Rule, parts: tuple[Treebank, Treebank], seeds: int, options: dict[str, Any]
) -> dict[str, NDArray[Any]]:
    train, test = parts
    own: list[Features] = [embed_words(model, part.documents, rule, **options) for part in parts]
    tags, entities = [], []
    for seed in range(seeds):
        predicted = [
            predict(own[0].vectors, labels, own[1].vectors, train.document_of_word, seed)
            for labels in (train.tags, train.entity_tags)
        ]
        tags.append(predicted[0] == test.tags)
        entities.append(entity_counts(predicted[1], test.entity_tags, test.document_of_word))
    cost = np.array([own[1].num_run, own[1].seconds])
    return {"tags": np.stack(tags), "entities": np.stack(entities), "cost": cost}
