"""Cut the input into parts before anything is embedded.

Every part is embedded by itself, so its bytes depend on its own documents only: not on where an earlier run stopped, on
which process made it, or on what was made before. Resuming, repairing, sharding and distributing all rest on this.

input     d0 d1 d2 | d3        | d4 d5 d6 | d7 ...
parts     0        | 1 (large) | 2        | 3
shard 1/2 *          .           *          .
"""

import hashlib
import json
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass

from foldformer.config import ConfigurationError
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.inputs import BadRecord, Record
from foldformer.corpus.output.shard import Shard

ROWS_PER_PART = 10_000
PART_BYTES = 256 * 2**20
BYTES_PER_WORDPIECE = 4
BYTES_PER_WORD = 6
BYTES_PER_SPAN = 100
"""Of UTF-8 text. Guesses: a part is cut before anybody knows its wordpieces."""


@dataclass(frozen=True)
class PartLimits:
    """Where a part ends. It holds at least one record, however large that is.

    Args:
        rows: Most records of the input in one part.
        bytes: About how large the vectors of one part may be before compression, guessed from the text.
        bytes_per_vector: Of the stored vectors.
        level: What has a vector: "wordpiece", "word", "span" or "document".

    Raises:
        ConfigurationError: A limit is not positive.
    """

    rows: int
    bytes: int
    bytes_per_vector: int
    level: str

    def __post_init__(self) -> None:
        """Check the numbers."""
        for option, value in (("rows_per_part", self.rows), ("part_bytes", self.bytes)):
            if value < 1:
                raise ConfigurationError(f"{option}: got {value}; expected a positive number")

    def guess_bytes(self, record: Record) -> int:
        """Guess how many bytes a record takes in a part."""
        if self.level == "document":
            num_pieces = 1
        elif self.level == "word" and isinstance(record.text, list):
            num_pieces = len(record.text)
        elif self.level == "span":
            num_pieces = record.num_bytes // BYTES_PER_SPAN if record.spans is None else len(record.spans)
        else:
            num_pieces = record.num_bytes // (BYTES_PER_WORD if self.level == "word" else BYTES_PER_WORDPIECE)
        return num_pieces * self.bytes_per_vector + record.num_bytes


@dataclass(frozen=True)
class PartTask:
    """A part to be made.

    Args:
        index: Counted from 0 over the whole input.
        first: Position of its first record.
        records: In order; those that cannot be read as well.
        digest: Checksum of all that was read for it.
        fractions: How much of the input had been read before and behind it, in [0, 1]; None where its size is unknown.
    """

    index: int
    first: int
    records: tuple[Record | BadRecord, ...]
    digest: str
    fractions: tuple[float, float] | None = None

    @property
    def last(self) -> int:
        """Position of its last record."""
        return self.first + len(self.records) - 1


@dataclass(frozen=True)
class PlanEnd:
    """What is known once the input has been read to its end.

    Args:
        num_parts: Parts of the whole input, over all shards.
        num_records: Records of the whole input, those that cannot be read included.
    """

    num_parts: int
    num_records: int


def plan_parts(records: Iterable[Record | BadRecord], limits: PartLimits) -> Generator[PartTask | PlanEnd, None, None]:
    """Cut a stream of records into parts; holds the text of one part at a time.

    Yields:
        The parts in order, and at last the end of the plan.
    """
    index = first = size = 0
    waiting: list[Record | BadRecord] = []
    before = _fraction(records)
    for record in records:
        own = limits.guess_bytes(record) if isinstance(record, Record) else 0
        if waiting and (len(waiting) == limits.rows or size + own > limits.bytes):
            after = _fraction(records)
            yield _task(index, first, waiting, before, after)
            index, first, size, before, waiting = index + 1, first + len(waiting), 0, after, []
        waiting.append(record)
        size += own
    if waiting:
        yield _task(index, first, waiting, before, _fraction(records))
        index, first = index + 1, first + len(waiting)
    yield PlanEnd(index, first)


def pending_parts(
    plan: Iterable[PartTask | PlanEnd], done: Mapping[int, str], shard: Shard | None = None
) -> Generator[PartTask | PlanEnd, None, None]:
    """Leave out the parts that are there already and those of other shards.

    Args:
        plan: From `plan_parts`.
        done: Digest of the input of every part that is there.
        shard: This run's; None makes all parts.

    Raises:
        CorpusError: What was read for a part that is there is not what it was made from.
    """
    for task in plan:
        if isinstance(task, PlanEnd):
            if done and max(done) >= task.num_parts:
                raise CorpusError(
                    f"INPUT: got {task.num_parts} parts; expected at least {max(done) + 1}, which the first run saw: "
                    "the input has become shorter; give the same input, or start anew with --force"
                )
            yield task
        elif task.index in done:
            if done[task.index] != task.digest:
                raise CorpusError(
                    f"INPUT: got other records at positions {task.first} to {task.last} than the run that made part "
                    f"{task.index}; expected the same input; restore it, or start anew with --force"
                )
        elif shard is None or shard.has(task.index):
            yield task


def _task(
    index: int, first: int, records: list[Record | BadRecord], before: float | None, after: float | None
) -> PartTask:
    fractions = None if before is None or after is None else (before, after)
    return PartTask(index, first, tuple(records), _digest(records), fractions)


def _digest(records: Iterable[Record | BadRecord]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for record in records:
        content = (
            [record.id, record.text, record.kept, *([] if record.spans is None else [record.spans])]
            if isinstance(record, Record)
            else {"bad": [record.place, record.reason]}
        )
        digest.update(json.dumps(content).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _fraction(records: Iterable[Record | BadRecord]) -> float | None:
    """How far an `Input` has been read; other streams do not tell."""
    meter = getattr(records, "meter", None)
    return None if meter is None else meter.fraction
