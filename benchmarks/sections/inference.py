"""Words to word vectors: this project, its peers, and the practical limit, on short sentences and ragged documents."""

from typing import Any

from benchmarks import corpora, systems
from benchmarks.measuring import compare, interleave, require
from benchmarks.process import Process, running
from benchmarks.settings import Settings


def measure(settings: Settings) -> dict[str, Any]:
    """Check that vectors agree, then time both corpora."""
    ragged = corpora.store("ragged documents", corpora.ragged(settings.pick(120, 6), settings.pick(12_000, 600)))
    short = corpora.store("short sentences", corpora.short_sentences(settings.pick(1000, 40)))
    by_hand = [*systems.hand_packed("float32"), *systems.hand_packed("bfloat16"), *systems.loops()]
    measured = [*systems.own(), *by_hand, *systems.peers()]
    with running([systems.NAIVE, *measured], settings.model) as processes:
        oracle = require(processes, systems.NAIVE.name)
        others = [process for process in processes if process is not oracle]
        agreement = compare(others, oracle)
        for process in others:
            if process.system.module == "foldformer":  # compiled kernels are to be warm
                process.request("time", ragged.path)
        return {
            "agreement": agreement,
            "versions": {process.system.group: process.versions for process in others},
            "corpora": {
                corpus.name: {
                    "documents": corpus.num_documents,
                    "words": corpus.num_words,
                    "rows": interleave(others, "time", corpus, settings.repeats),
                    "tokenizing": _tokenizing(others, corpus, settings.repeats),
                }
                for corpus in (ragged, short)
            },
        }


def _tokenizing(processes: list[Process], corpus: corpora.Corpus, repeats: int) -> dict[str, float]:
    """Seconds for tokenizing and indexing by themselves, the least of several rounds."""
    own = [process for process in processes if process.system in systems.own()]
    return {
        process.system.name: min(process.request("prepare", corpus.path)["seconds"] for _ in range(repeats))
        for process in own
    }
