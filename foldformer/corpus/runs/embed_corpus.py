"""Embed a whole input into a folder, going on where an earlier run stopped."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict, replace
from pathlib import Path

from foldformer.choices import BackendName
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.inputs import Input
from foldformer.corpus.inputs.sources import total_size
from foldformer.corpus.output.contents import check_own, check_unused, clear
from foldformer.corpus.output.fingerprint import check_same, fingerprint, part_metadata
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.ledger import Ledger, read_manifest
from foldformer.corpus.output.manifest import Manifest
from foldformer.corpus.output.places import output_folder
from foldformer.corpus.output.skipped import SkippedList
from foldformer.corpus.output.storage import Storage
from foldformer.corpus.reading.verify import damaged_parts
from foldformer.corpus.runs.monitor import Monitor, Quiet
from foldformer.corpus.runs.options import RunOptions
from foldformer.corpus.runs.part_maker import MadePart, PartMaker
from foldformer.corpus.runs.plan import PartLimits, PartTask, PlanEnd, pending_parts, plan_parts
from foldformer.corpus.runs.summary import Summary
from foldformer.corpus.runs.this_process import make_here
from foldformer.embedding.document_embedder import DocumentEmbedder
from foldformer.embedding.embedded_document import EmbeddedDocument
from foldformer.embedding.look_ahead import CHARACTERS_PER_WORDPIECE


def embed_corpus(
    documents: Input,
    output: str | Path,
    embedder: DocumentEmbedder,
    options: RunOptions | None = None,
    monitor: Monitor | None = None,
) -> Summary:
    """Embed an input into a folder of Parquet parts.

    A run that was stopped in any way is gone on with by the same call: no document is lost, none comes twice, and every
    part has the bytes that it would have had. Damaged parts are made again.

    Args:
        documents: The input. What a search of a folder has found in that of the output is left out.
        output: The folder, a path or a URL.
        embedder: The model and its options.
        options: How to go about it.
        monitor: Hears how it is going.

    Raises:
        CorpusError: The folder holds something else or a file of the input, another run is at work in it, a record
            cannot be embedded and errors are to end the run, or the disk is full.
    """
    options = options or RunOptions()
    folder = output_folder(output, options.shard, unsafe=options.unsafe_store)
    documents = documents.without(folder.location)
    _check_apart(documents, folder.location)
    run = _Run(documents, folder, embedder, options, monitor or Quiet())
    with folder.locked():
        return run.go()


def _check_apart(documents: Input, output: str | Path) -> None:
    """Check that no file of the input lies where a run replaces and removes files."""
    for source in documents.sources:
        if source.lies_in(output):
            raise CorpusError(
                f"--output: got {output}, in which the input {source.name} lies; expected a folder without input, as "
                "a run replaces files in it; name another folder"
            )


class _Run:
    """One run; see `embed_corpus`."""

    def __init__(
        self, documents: Input, folder: OutputFolder, embedder: DocumentEmbedder, options: RunOptions, monitor: Monitor
    ) -> None:
        storage = Storage(embedder.dim, options.storage_dtype, documents.options.keys.keep)
        level = embedder.description["level"]
        self._folder = folder
        size = total_size(documents.sources) or 0
        embedder = embedder.settled(size // CHARACTERS_PER_WORDPIECE, None if options.force else self._backend_before())
        self._documents = documents
        self._embedder = embedder
        self._options = options
        self._monitor = monitor
        self._limits = PartLimits(options.rows_per_part, options.part_bytes, storage.bytes_per_vector, level)
        self._maker = PartMaker(folder, storage, part_metadata(embedder, storage), options.on_error)
        self._skipped = SkippedList(folder)
        device = None if options.ray is None else options.ray.device_type
        shard = None if options.shard is None else str(options.shard)
        self._ledger = Ledger(
            folder, Manifest(fingerprint(embedder, documents, storage, self._limits, device), shard=shard)
        )

    def _backend_before(self) -> BackendName | None:
        try:
            before = read_manifest(self._folder)
        except OSError:
            return None  # what is wrong with the folder is said when it is locked
        if before is None:
            return None
        return "openvino" if before.fingerprint["embedder"].get("backend") == "openvino" else "torch"

    def go(self) -> Summary:
        """Make what is missing."""
        num_made = 0
        try:
            self._resume()
            try:
                num_made = self._make()
            finally:
                self._ledger.flush()
            self._skipped.tidy(set(self._ledger.parts))
        except OSError as error:
            raise CorpusError(
                f"{self._folder.location}: the run stopped ({error}); the {len(self._ledger.parts)} parts that are "
                "whole stay; when the cause is gone (a full disk, say), run the same command again to go on"
            ) from error
        return Summary.of(self._ledger.manifest, self._folder.location, num_made)

    def _make(self) -> int:
        """Make parts and write them down; how many they are."""
        num_made, counts = 0, {}
        with ExitStack() as inputs:
            for result in self._results(inputs):
                if isinstance(result, PlanEnd):  # not the last of all where one of many machines has read to the end
                    counts = asdict(result)
                else:
                    self._commit(result)
                    num_made += 1
        self._ledger.save(**counts)
        return num_made

    def _resume(self) -> None:
        """Find what is there already, and whole."""
        if self._options.force:
            clear(self._folder)
        before = read_manifest(self._folder)
        if before is None:
            check_unused(self._folder)
            self._ledger.save()
            return
        check_same(before.fingerprint, self._ledger.manifest.fingerprint, self._folder.location)
        check_own(self._folder)
        damage = {found.file for found in damaged_parts(self._folder, before.parts.values())}
        damaged = [part for part in before.parts.values() if part.name in damage]
        # removed before the manifest forgets them: what no manifest lists would be taken for somebody else's
        self._folder.remove([part.name for part in damaged])
        self._ledger = Ledger(self._folder, before)
        self._ledger.forget({part.index for part in damaged})
        self._ledger.save()
        self._skipped.tidy(set(self._ledger.parts))
        self._monitor.resumed(list(self._ledger.parts.values()), damaged)

    def _results(self, inputs: ExitStack) -> Iterator[MadePart | PlanEnd]:
        """Make parts; what is read for them is closed with `inputs`, also where an error holds on to it."""
        done = {index: part.input_digest for index, part in self._ledger.parts.items()}
        # Not at the top: one process needs neither.
        if self._options.ray is not None:
            from foldformer.corpus.runs.ray_cluster import make_on_ray
            from foldformer.corpus.runs.ray_plan import RayPlan

            plan = RayPlan(self._documents, self._limits, done, self._options.shard)
            parameters = {**self._options.ray.embedder, "backend": self._embedder.backend}
            return make_on_ray(plan, self._maker, replace(self._options.ray, embedder=parameters))
        planned = inputs.enter_context(closing(plan_parts(self._documents, self._limits)))
        tasks = inputs.enter_context(closing(pending_parts(planned, done, self._options.shard)))
        if self._options.workers > 1:
            from foldformer.corpus.runs.workers import make_in_workers

            return make_in_workers(tasks, self._maker, self._embedder, self._options.workers)
        return make_here(tasks, self._maker, self._embedder, lambda task: _Listener(self._monitor, task))

    def _commit(self, made: MadePart) -> None:
        self._skipped.add(made.part.index, made.skipped)
        self._ledger.add(made.part)
        self._monitor.part(made.part, made.fraction)


class _Listener:
    """Tells a monitor of documents, and how far in the input they are."""

    def __init__(self, monitor: Monitor, task: PartTask) -> None:
        self._monitor = monitor
        self._task = task
        self._heard = 0

    def __call__(self, document: EmbeddedDocument) -> None:
        self._heard += 1
        fraction = None
        if self._task.fractions is not None:
            before, after = self._task.fractions
            fraction = before + (after - before) * min(1.0, self._heard / len(self._task.records))
        self._monitor.document(document, fraction)
