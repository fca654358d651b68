"""Training steps on ragged documents, all weights, float32: forward, backward, AdamW."""

import math
from typing import Any

from benchmarks import corpora, systems
from benchmarks.corpora import Corpus
from benchmarks.measuring import DisagreementError, interleave, require
from benchmarks.process import Process, running
from benchmarks.settings import Settings

BATCH = 8
TOLERANCE = 1e-3
"""Relative, of the loss and the norm of the word embeddings' gradient."""
BUDGETS = (512, 1024, 2048, 4096)


def measure(settings: Settings) -> dict[str, Any]:
    """Check that gradients agree, then time all batches of the corpus as they come."""
    count = settings.pick(16, 2)
    corpus = corpora.store("ragged documents for training", corpora.ragged(120)[:count])
    checked = corpora.store("agreement of gradients", corpora.agreeing()["folded"][:2])
    measured = [systems.OWN_MODULE, *systems.hand_packed("float32", BUDGETS), systems.ALLENNLP]
    with running([systems.NAIVE, *measured], settings.model) as processes:
        oracle = require(processes, systems.NAIVE.name)
        others = [process for process in processes if process is not oracle]
        expected = oracle.request("gradients", checked.path)
        for process in others:
            _check(process, checked, expected)
            process.request("train", checked.path, batch_size=BATCH)  # the first steps are slower
        rows = interleave(others, "train", corpus, settings.repeats, batch_size=BATCH)
    return {"documents": corpus.num_documents, "words": corpus.num_words, "rows": rows}


def _check(process: Process, corpus: Corpus, expected: dict[str, float]) -> None:
    got = process.request("gradients", corpus.path)
    if any(not math.isclose(got[key], value, rel_tol=TOLERANCE) for key, value in expected.items()):
        raise DisagreementError(f"{process.system.name}: got {got}; expected {expected}")
