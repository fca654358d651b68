"""What it costs to keep account of a corpus: planning and committing parts, resuming, and looking documents up by id.

    python -m benchmarks.corpus_bookkeeping [--parts 1000 10000 100000] [--ids 1000 1000000]

The plan reads records of one word, so that the time is that of the book-keeping. All of it must grow as the number of
parts does, and a look-up must take the same time among a million ids as among a thousand. The store is one in memory: a
request takes no time there, so that what is measured is our own work, and the requests are counted.
"""

import argparse
import random
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from obstore.store import MemoryStore

from foldformer.corpus.inputs import Record
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.ledger import Ledger, read_manifest
from foldformer.corpus.output.local import LocalFolder
from foldformer.corpus.output.manifest import DESCRIBED, Manifest, Part
from foldformer.corpus.output.object_store import ObjectStoreFolder
from foldformer.corpus.reading.id_index import IdIndex
from foldformer.corpus.runs.plan import PartLimits, PartTask, pending_parts, plan_parts

ROWS = 10
LOOK_UPS = 1000


def records(num_parts: int) -> Iterator[Record]:
    """As many as make the parts."""
    return (Record(position, str(position), "word") for position in range(ROWS * num_parts))


def part_of(task: PartTask) -> Part:
    """What the manifest says of a part that nobody made."""
    return Part(task.index, ROWS, task.first, task.last, 0, 10**8, "0" * 64, task.digest, 10, 10, 10, 1.0)


class CountedStore:
    """A store in memory that counts requests.

    Args:
        store: The store.
    """

    def __init__(self, store: Any) -> None:
        self._store = store
        self.requests: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        """Count a request and pass it on; a thousand deletions are one, as they are to S3."""
        method = getattr(self._store, name)

        def call(*arguments: Any, **options: Any) -> Any:
            many = name == "delete" and not isinstance(arguments[0], str)
            self.requests[name] += -(-len(arguments[0]) // 1000) if many else 1
            return method(*arguments, **options)

        return call


def store_in_memory() -> tuple[ObjectStoreFolder, CountedStore]:
    """A prefix in a store that answers at once."""
    folder, store = ObjectStoreFolder("s3://bucket/vectors"), CountedStore(MemoryStore())
    folder.__dict__["_store"] = store
    return folder, store


def keep_account(num_parts: int, folder: OutputFolder) -> dict[str, float]:
    """Plan, commit and resume; seconds of each."""
    limits = PartLimits(ROWS, 2**30, 768, "word")
    ledger = Ledger(folder, Manifest({"embedder": dict.fromkeys(DESCRIBED)}))
    ledger.save()
    start = time.perf_counter()
    tasks = [task for task in plan_parts(records(num_parts), limits) if isinstance(task, PartTask)]
    planned = time.perf_counter()
    for task in tasks:
        ledger.add(part_of(task))
    ledger.save(num_parts=num_parts, num_records=ROWS * num_parts)
    committed = time.perf_counter()
    manifest = read_manifest(folder)
    assert manifest is not None
    read = time.perf_counter()
    done = {index: part.input_digest for index, part in manifest.parts.items()}
    left = list(pending_parts(plan_parts(records(num_parts), limits), done))
    assert len(manifest.parts) == num_parts, "equal results before anything is timed"
    assert len(left) == 1, "only the end of the plan is left"
    resumed = time.perf_counter()
    return {"plan": planned - start, "commit": committed - planned, "resume": read - committed, "skip": resumed - read}


def look_up(num_ids: int) -> float:
    """Median microseconds of one look-up."""
    ids = [f"document-{i}" for i in range(num_ids)]
    random.Random(0).shuffle(ids)
    index = IdIndex([pa.chunked_array([ids])])
    times = []
    for row in random.Random(1).choices(range(num_ids), k=LOOK_UPS):
        start = time.perf_counter()
        found = index.rows(ids[row])
        times.append(time.perf_counter() - start)
        assert found == [row]
    return 1e6 * statistics.median(times)


def report(place: str, num_parts: int, folder: OutputFolder) -> None:
    """Print a row."""
    seconds = keep_account(num_parts, folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shown = " | ".join(f"{each:.2f}" for each in seconds.values())
    print(f"| {place} | {num_parts:,} | {shown} | {peak:,.0f} |", flush=True)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--parts", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--ids", type=int, nargs="+", default=[1_000, 1_000_000])
    arguments = parser.parse_args()
    print("| place | parts | plan, s | commit, s | read the manifest, s | skip what is there, s | peak memory, MiB |")
    print("|---|---|---|---|---|---|---|")
    for num_parts in arguments.parts:
        with tempfile.TemporaryDirectory() as path:
            report("folder", num_parts, LocalFolder(Path(path)))
    for num_parts in arguments.parts:
        folder, store = store_in_memory()
        report("store", num_parts, folder)
        print(f"requests for {num_parts:,} parts: {dict(store.requests)}", file=sys.stderr)
    print("\n| ids | a look-up, microseconds |\n|---|---|")
    for num_ids in arguments.ids:
        print(f"| {num_ids:,} | {look_up(num_ids):.1f} |")


if __name__ == "__main__":
    main()
