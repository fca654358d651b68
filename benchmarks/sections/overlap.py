"""Whether overlap costs the time of the wordpieces that it adds, and no more."""

import statistics
from typing import Any

from benchmarks import corpora
from benchmarks.settings import Settings
from benchmarks.windows.cost import rounds_of
from benchmarks.windows.rules import HALF, SIZES, WHOLE, Rule


def measure(settings: Settings) -> dict[str, Any]:
    """Embed ragged documents with half of each segment shared, and without, in turn."""
    documents = corpora.ragged(settings.pick(60, 4), settings.pick(6_000, 600))
    rows = []
    for size in settings.pick((*SIZES, WHOLE), SIZES[:1]):
        rule = Rule(size, HALF)
        measured = rounds_of(settings.model, documents, rule, settings.pick(5, 1))
        wordpieces, seconds = measured["wordpieces"], measured["seconds"]
        rows.append(
            {
                "size": size,
                "overlap": rule.overlap,
                "wordpieces": float(wordpieces[1] / wordpieces[0]),
                "time": statistics.median((seconds[:, 1] / seconds[:, 0]).tolist()),
                "rounds": len(seconds),
            }
        )
        print(f"  {rule.overlap} of {size}: {rows[-1]}", flush=True)
    return {"documents": len(documents), "words": sum(map(len, documents)), "rows": rows}
