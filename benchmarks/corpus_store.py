"""What an object store costs a run: against the same run into a folder, and a finished run that is given again.

    python -m benchmarks.corpus_store MODEL TEXT_FILE [overhead] [resume]

Without names it measures both. The store is moto's server on this machine (`pip install 'moto[s3,server]'`).
"""

import importlib.util
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import torch

from foldformer.corpus import DocumentEmbedder, Input, RunOptions, embed_corpus

ROUNDS = 3
PARTS_TO_RESUME = 1000
print = partial(print, flush=True)
STORES = Path(__file__).parents[1] / "tests" / "corpus" / "stores.py"


def overhead(embedder: DocumentEmbedder, lines: list[str], folder: Path, url: str) -> None:
    """Compare runs into a folder and into the store, in turns that begin with one and with the other.

    By the clock, which counts what else the machine does, and by the processor time of this process, which does not.
    """
    texts = [" ".join(lines[i : i + 20]) for i in range(0, 1200, 20)]
    documents = Input([write_lines(folder / "in.txt", texts)])
    options = RunOptions("float32", rows_per_part=5)
    list(embedder.embed(texts[:20]))
    ratios: list[tuple[float, float]] = []
    for number in range(ROUNDS):
        outputs = {"folder": str(folder / f"out{number}"), "store": f"{url}/out{number}"}
        order = list(outputs) if number % 2 else list(reversed(outputs))
        run = lambda place, outputs=outputs: embed_corpus(documents, outputs[place], embedder, options)  # noqa: E731
        seconds = {place: seconds_of(partial(run, place)) for place in order}
        by_clock, by_processor = (b / a for a, b in zip(seconds["folder"], seconds["store"], strict=True))
        ratios.append((by_clock, by_processor))
        print(f"overhead {number}: {seconds}, {by_clock:.3f} by the clock, {by_processor:.3f} by the processor")
    medians = [statistics.median(each) for each in zip(*ratios, strict=True)]
    print(
        f"overhead: a store takes {medians[0]:.3f} times as long as a folder, and {medians[1]:.3f} times the processor"
    )


def resume(embedder: DocumentEmbedder, lines: list[str], folder: Path, url: str) -> None:
    """Give the command of a finished run of many parts again."""
    texts = [" ".join(line.split()[:4]) for line in lines[:PARTS_TO_RESUME]]
    documents = Input([write_lines(folder / "short.txt", texts)])
    options = RunOptions(rows_per_part=1)
    for place, output in (("folder", str(folder / "many")), ("store", f"{url}/many")):
        made = embed_corpus(documents, output, embedder, options).num_made
        again: list[int] = []
        run = lambda o=output, a=again: a.append(embed_corpus(documents, o, embedder, options).num_made)  # noqa: E731
        seconds, _ = seconds_of(run)
        assert (made, again) == (PARTS_TO_RESUME, [0]), (made, again)
        print(f"resume: {made:,} parts in a {place} are found whole in {seconds:.2f} s")


def write_lines(path: Path, texts: list[str]) -> str:
    path.write_text("".join(text + "\n" for text in texts))
    return str(path)


def seconds_of(action: Callable[[], object]) -> tuple[float, float]:
    """By the clock, and of this process's processor time."""
    start = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - start[0], time.process_time() - start[1]


def stores() -> ModuleType:
    """The stores of the tests."""
    spec = importlib.util.spec_from_file_location("stores", STORES)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SECTIONS = {"overhead": overhead, "resume": resume}


def main() -> None:
    """Measure."""
    model, text, *names = sys.argv[1:]
    lines = [record.text for record in Input([text]) if isinstance(record.text, str)]
    embedder = DocumentEmbedder.from_model(model)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {os.cpu_count()} processors")
    module = stores()
    with module.moto() as endpoint, tempfile.TemporaryDirectory() as folder:
        os.environ.update(module.environment(endpoint))
        for name in names or SECTIONS:
            SECTIONS[name](embedder, lines, Path(folder), f"s3://{module.BUCKET}/benchmark")


if __name__ == "__main__":
    main()
