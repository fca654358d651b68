"""Embed a whole input into a folder, going on where an earlier run stopped."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from foldformer.choices import BackendName
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.inputs import Input
from foldformer.corpus.inputs.sources import total_size
from foldformer.corpus.output.fingerprint import check_same, fingerprint, part_metadata
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.manifest import Manifest
from foldformer.corpus.output.skipped import SkippedList
from foldformer.corpus.output.storage import Storage
from foldformer.corpus.reading.verify import part_damage
from foldformer.corpus.runs.monitor import Monitor, Quiet
from foldformer.corpus.runs.options import RunOptions
from foldformer.corpus.runs.part_maker import MadePart, PartMaker
from foldformer.corpus.runs.plan import PartLimits, PartTask, PlanEnd, pending_parts, plan_parts
from foldformer.corpus.runs.summary import Summary
from foldformer.embedding.document_embedder import CHARACTERS_PER_WORDPIECE, DocumentEmbedder
from foldformer.embedding.embedded_document import EmbeddedDocument


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
        output: The folder.
        embedder: The model and its options.
        options: How to go about it.
        monitor: Hears how it is going.

    Raises:
        CorpusError: The folder holds something else or a file of the input, another run is at work in it, a record
            cannot be embedded and errors are to end the run, or the disk is full.
    """
    documents = documents.without(Path(output))
    _check_apart(documents, Path(output))
    run = _Run(documents, Path(output), embedder, options or RunOptions(), monitor or Quiet())
    with run.folder.locked():
        return run.go()


def _check_apart(documents: Input, output: Path) -> None:
    """Check that no file of the input lies where a run replaces and removes files."""
    folder = output.resolve()
    for source in documents.sources:
        if source.path is not None and folder in (source.path.parent.resolve(), source.path.resolve().parent):
            raise CorpusError(
                f"--output: got {output}, in which the input {source.name} lies; expected a folder without input, as "
                "a run replaces files in it; name another folder"
            )


class _Run:
    """One run; see `embed_corpus`."""

    def __init__(
        self, documents: Input, output: Path, embedder: DocumentEmbedder, options: RunOptions, monitor: Monitor
    ) -> None:
        storage = Storage(embedder.dim, options.storage_dtype, documents.options.keys.keep)
        level = embedder.description["level"]
        self.folder = OutputFolder(output, options.shard)
        size = total_size(documents.sources) or 0
        embedder = embedder.settled(size // CHARACTERS_PER_WORDPIECE, None if options.force else self._backend_before())
        self._documents = documents
        self._embedder = embedder
        self._options = options
        self._monitor = monitor
        self._limits = PartLimits(options.rows_per_part, options.part_bytes, storage.bytes_per_vector, level)
        self._maker = PartMaker(self.folder, storage, part_metadata(embedder, storage), options.on_error)
        self._skipped = SkippedList(self.folder)
        device = None if options.ray is None else options.ray.device_type
        shard = None if options.shard is None else str(options.shard)
        self._manifest = Manifest(fingerprint(embedder, documents, storage, self._limits, device), shard=shard)

    def _backend_before(self) -> BackendName | None:
        try:
            content = self.folder.read(self.folder.manifest_name)
        except OSError:
            return None  # what is wrong with the folder is said when it is locked
        if content is None:
            return None
        before = Manifest.from_json(content, str(self.folder.path / self.folder.manifest_name))
        return "openvino" if before.fingerprint["embedder"].get("backend") == "openvino" else "torch"

    def go(self) -> Summary:
        """Make what is missing."""
        num_made = 0
        try:
            self._resume()
            for result in self._results():
                if isinstance(result, PlanEnd):
                    counts = replace(self._manifest, num_parts=result.num_parts, num_records=result.num_records)
                    self._save(counts)
                else:
                    self._commit(result)
                    num_made += 1
            self._skipped.tidy(set(self._manifest.parts))
        except OSError as error:
            raise CorpusError(
                f"{self.folder.path}: the run stopped ({error}); the {len(self._manifest.parts)} parts that are whole "
                "stay; when the cause is gone (a full disk, say), run the same command again to go on"
            ) from error
        return Summary.of(self._manifest, self.folder.path, num_made)

    def _resume(self) -> None:
        """Find what is there already, and whole."""
        if self._options.force:
            self.folder.clear()
        content = self.folder.read(self.folder.manifest_name)
        if content is None:
            self.folder.check_unused()
            self._save(self._manifest)
            return
        before = Manifest.from_json(content, str(self.folder.path / self.folder.manifest_name))
        check_same(before.fingerprint, self._manifest.fingerprint, self.folder.path)
        self.folder.check_own()
        damaged = [part for part in before.parts.values() if part_damage(self.folder, part) is not None]
        if damaged:
            # removed before the manifest forgets them: what no manifest lists would be taken for somebody else's
            self.folder.remove([part.name for part in damaged])
            before = before.without({part.index for part in damaged})
            self._save(before)
        self._manifest = before
        self._skipped.tidy(set(before.parts))
        self._monitor.resumed(list(before.parts.values()), damaged)

    def _results(self) -> Iterator[MadePart | PlanEnd]:
        done = {index: part.input_digest for index, part in self._manifest.parts.items()}
        # Not at the top: one process needs neither.
        if self._options.ray is not None:
            from foldformer.corpus.runs.ray_cluster import RayPlan, make_on_ray

            plan = RayPlan(self._documents, self._limits, done, self._options.shard)
            parameters = {**self._options.ray.embedder, "backend": self._embedder.backend}
            return make_on_ray(plan, self._maker, replace(self._options.ray, embedder=parameters))
        tasks = pending_parts(plan_parts(self._documents, self._limits), done, self._options.shard)
        if self._options.workers > 1:
            from foldformer.corpus.runs.workers import make_in_workers

            return make_in_workers(tasks, self._maker, self._embedder, self._options.workers)
        return self._make_here(tasks)

    def _make_here(self, tasks: Iterator[PartTask | PlanEnd]) -> Iterator[MadePart | PlanEnd]:
        for task in tasks:
            if isinstance(task, PlanEnd):
                yield task
            else:
                yield self._maker.make(task, self._embedder, _Listener(self._monitor, task))

    def _commit(self, made: MadePart) -> None:
        self._skipped.add(made.part.index, made.skipped)
        self._save(self._manifest.with_part(made.part))
        self._monitor.part(made.part, made.fraction)

    def _save(self, manifest: Manifest) -> None:
        self.folder.replace(self.folder.manifest_name, manifest.to_json())
        self._manifest = manifest


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
