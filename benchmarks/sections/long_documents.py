"""Throughput against document length, and memory against corpus size; every figure from a fresh process."""

from dataclasses import replace
from typing import Any

from benchmarks import corpora, systems
from benchmarks.corpora import Corpus, Documents
from benchmarks.process import System, running
from benchmarks.settings import Settings
from foldformer.text.pretrained import load_tokenizer

DOCUMENT = 500
"""Wordpieces of each document where a corpus has many."""


def measure(settings: Settings) -> dict[str, Any]:
    """Run documents of growing length, then corpora of growing size."""
    million = settings.pick(1_000_000, 4_000)
    least = settings.pick(100_000, 2_000)
    lengths = [2_000, *(length for length in (10_000, 100_000) if length < million), million]
    tokenizer = load_tokenizer(str(settings.model))

    def of(length: int) -> Documents:
        words = corpora.wordpieces(length, tokenizer)
        return [words] * max(1, least // length)

    by_length = [_run(settings, systems.OWN_FLOAT32, length, of(length)) for length in lengths]
    sizes = [size for size in (10_000, 100_000) if size < million] + [million]
    one = [_run(settings, systems.OWN_FLOAT32, size, [corpora.wordpieces(size, tokenizer)]) for size in sizes[:-1]]
    part = corpora.wordpieces(DOCUMENT, tokenizer)
    many = [_run(settings, systems.OWN_FLOAT32, size, [part] * (size // DOCUMENT)) for size in sizes]
    words = corpora.words(million)
    return {
        "by_length": by_length,
        "one_document": [*one, by_length[-1]],
        "many_documents": many,
        "million_words": [_run(settings, systems.OWN_AUTO, million, [words])],
        "layers": _layers(settings),
    }


def _layers(settings: Settings) -> dict[str, Any]:
    """Peak memory of the last layer against that of a scalar mix of all."""
    documents = corpora.ragged(settings.pick(60, 2), settings.pick(12_000, 600))
    mixed = replace(systems.OWN_FLOAT32, options={"dtype": "float32", "layers": "mix"})
    return {
        "last": _run(settings, systems.OWN_FLOAT32, 0, documents),
        "mix": _run(settings, mixed, 0, documents),
    }


def _run(settings: Settings, system: System, size: int, documents: Documents) -> dict[str, Any]:
    corpus: Corpus = corpora.store("long documents", documents)
    with running([system], settings.model) as (process,):
        reply = process.request("time", corpus.path)
    print(f"  {system.name}: {len(documents)} x {len(documents[0])} words: {reply['seconds']:.2f} s", flush=True)
    about = {"name": system.name, "size": size, "documents": len(documents), "words": corpus.num_words}
    return about | reply | {"words_per_second": corpus.num_words / reply["seconds"]}
