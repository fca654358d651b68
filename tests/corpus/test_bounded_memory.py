"""A long document costs its output, and nothing that grows with it."""

import subprocess
import sys
from collections.abc import Callable

# A process of its own, since a peak once reached is never forgotten.
PROGRAM = """
import resource, sys
from foldformer.corpus import DocumentEmbedder

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

embedder = DocumentEmbedder.from_model(sys.argv[1], max_length=32, level="word")
words = ("The quick brown fox jumps over the lazy dog and never stops . " * 20_000).split()[: int(sys.argv[2])]
list(embedder.embed([words[:5_000]]))
before = peak()
(document,) = embedder.embed([words])
print(len(document.pieces), document.vectors.nbytes / 2**20, peak() - before)
"""


def grown(folder: str, num_words: int) -> tuple[int, float, float]:
    """Return vectors made, their size, and how much the peak grew, both in MiB."""
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, folder, str(num_words)], capture_output=True, text=True, check=True
    )
    pieces, output, growth = map(float, finished.stdout.split())
    return int(pieces), output, growth


def test_a_document_of_200_000_words_costs_little_more_than_its_output(tiny_model: Callable[[str], str]) -> None:
    num_pieces, output, growth = grown(tiny_model("bert"), 200_000)
    assert num_pieces == 200_000
    assert output > 20
    # ids, targets and the tokenizer's results of one window; a padded batch of whole documents would take gigabytes
    assert growth - output < 96, f"{growth:.0f} MiB for an output of {output:.0f} MiB"
