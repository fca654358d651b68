"""Make one part: embed its documents, write them, and give the file its name."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, get_args

from foldformer.choices import OnError
from foldformer.config.choice import check_choice
from foldformer.config.nearest import show
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.inputs import BadRecord, Record
from foldformer.corpus.output.folder import OutputFolder, file_checksum
from foldformer.corpus.output.manifest import Part, part_name
from foldformer.corpus.output.part_writer import PartWriter
from foldformer.corpus.output.storage import Storage
from foldformer.corpus.runs.plan import PartTask
from foldformer.embedding.cutting import Document
from foldformer.embedding.embedded_document import EmbeddedDocument

ON_ERROR: tuple[str, ...] = get_args(OnError)
DocumentCallback = Callable[[EmbeddedDocument], None]
_REFUSALS = (ValueError, TypeError)
"""What tokenizers raise for a text that they cannot take."""


class Embedder(Protocol):
    """What is used of `DocumentEmbedder`."""

    def embed(self, documents: Sequence[Document]) -> Iterator[EmbeddedDocument]:
        """Yield one result a document, in order."""


@dataclass(frozen=True)
class MadePart:
    """A part that has its name in the folder, but is not in the manifest yet.

    Args:
        part: What the manifest will say.
        skipped: Records that could not be embedded.
        fraction: How much of the input had been read for it; see `PartTask`.
    """

    part: Part
    skipped: tuple[BadRecord, ...]
    fraction: float | None = None


@dataclass(frozen=True)
class PartMaker:
    """Makes parts, in whatever process it is.

    Args:
        folder: Where they go.
        storage: Their columns.
        metadata: Stands in each file.
        on_error: Whether a record that cannot be embedded ends the run or is skipped.

    Raises:
        ConfigurationError: There is no such way to treat errors.
    """

    folder: OutputFolder
    storage: Storage
    metadata: Mapping[str, Any]
    on_error: str = "fail"

    def __post_init__(self) -> None:
        """Check the choice."""
        check_choice("on_error", self.on_error, ON_ERROR)

    def make(self, task: PartTask, embedder: Embedder, on_document: DocumentCallback = lambda _: None) -> MadePart:
        """Make a part: `prepare` it, and publish it."""
        return self.prepare(task, embedder, on_document).publish()

    def prepare(self, task: PartTask, embedder: Embedder, on_document: DocumentCallback) -> "PreparedPart":
        """Write a part to a file without a name.

        Args:
            task: What goes into it.
            embedder: Embeds its documents.
            on_document: Hears of every document that has been written.

        Raises:
            CorpusError: A record cannot be embedded, and errors are to end the run.
            OSError: The disk is full, for instance.
        """
        start = time.monotonic()
        skipped = [record for record in task.records if isinstance(record, BadRecord)]
        if skipped and self.on_error == "fail":
            raise CorpusError(f"{skipped[0]}; or go on without such records by --on-error skip")
        with ExitStack() as stack:
            path = stack.enter_context(self.folder.unfinished(part_name(task.index)))
            records = [record for record in task.records if isinstance(record, Record)]
            try:
                counts = self._write(path, records, embedder, on_document)
            except _REFUSALS as error:
                # The error does not say which document it was, so they are tried one by one.
                records, refused = self._without_refused(records, embedder, error)
                skipped += refused
                counts = self._write(path, records, embedder, on_document)
            part = Part(
                index=task.index,
                rows=len(records),
                first=task.first,
                last=task.last,
                skipped=len(skipped),
                bytes=path.stat().st_size,
                sha256=file_checksum(path),
                input_digest=task.digest,
                num_wordpieces=counts.num_wordpieces,
                num_pieces=counts.num_pieces,
                num_segments=counts.num_segments,
                seconds=round(time.monotonic() - start, 3),
            )
            in_order = tuple(sorted(skipped, key=lambda record: record.position))
            made = MadePart(part, in_order, task.fractions[1] if task.fractions else None)
            return PreparedPart(made, self.folder, path, stack.pop_all())

    def _write(
        self, path: Path, records: Sequence[Record], embedder: Embedder, on_document: DocumentCallback
    ) -> "_Counts":
        counts = _Counts()
        with PartWriter(path, self.storage, self.metadata) as writer:
            documents = embedder.embed([record.document for record in records])
            for record, document in zip(records, documents, strict=True):
                writer.add(record, document)
                counts.add(document)
                on_document(document)
        return counts

    def _without_refused(
        self, records: Sequence[Record], embedder: Embedder, error: Exception
    ) -> tuple[list[Record], list[BadRecord]]:
        """Find the documents that cannot be embedded; raise the error where there are none, or where it should end."""
        refused = [bad for bad in (_tried(record, embedder) for record in records) if bad is not None]
        if not refused:
            raise error
        if self.on_error == "fail":
            raise CorpusError(f"{refused[0]}; or go on without such records by --on-error skip") from error
        positions = {bad.position for bad in refused}
        return [record for record in records if record.position not in positions], refused


@dataclass(frozen=True)
class PreparedPart:
    """A part that is written, but has no name yet.

    Args:
        made: What it will be.
        folder: Where it goes.
        path: Where it is.
        stack: Removes what is left at the path.
    """

    made: MadePart
    folder: OutputFolder
    path: Path
    stack: ExitStack

    def publish(self) -> MadePart:
        """Give it its name; into a store this takes a while.

        Raises:
            CorpusError: The store refuses it.
            OSError: The disk is full, for instance.
        """
        with self.stack:
            tag = self.folder.publish(self.path, self.made.part.name)
        return replace(self.made, part=replace(self.made.part, tag=tag))


@dataclass
class _Counts:
    num_wordpieces: int = 0
    num_pieces: int = 0
    num_segments: int = 0

    def add(self, document: EmbeddedDocument) -> None:
        self.num_wordpieces += document.num_wordpieces
        self.num_pieces += len(document.pieces)
        self.num_segments += document.num_segments


def _tried(record: Record, embedder: Embedder) -> BadRecord | None:
    try:
        with suppress(StopIteration):
            next(iter(embedder.embed([record.document])))
    except _REFUSALS as error:
        reason = f"got a text that cannot be embedded ({type(error).__name__}: {error})"
        return BadRecord(record.position, f"record {record.position} (id {show(record.id)})", reason)
    return None
