"""The manifest of a run while it grows.

Every part is a line in a journal. Now and then, and when the run ends, the journal is folded into the manifest:

    _manifest.json   part 0 ... part 999          what is written in all grows as the number of parts does,
    _journal.jsonl   part 1000, part 1001         and not as its square

The manifest is replaced before the journal is removed, so that a part may stand in both. A part that took longer than a
second has its line at once; those of shorter ones are written together, so that many of them do not wait for a slow
disk. A run that is killed makes the parts of its last second again.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.manifest import Manifest, Part

SHORTEST_FOLD = 1000
"""Parts in a journal before it is folded, at the least."""
SHARE_FOLDED = 4
"""A journal is folded when it has a quarter as many parts as the manifest."""
WRITTEN_EVERY = 1.0
"""Seconds between two writes to a journal, at the least."""


def read_manifest(folder: OutputFolder) -> Manifest | None:
    """What is in a folder: the manifest, and what the journal adds to it; None where there is none.

    Raises:
        CorpusError: One of them is something else.
    """
    content = folder.read(folder.names.manifest)
    if content is None:
        return None
    manifest = Manifest.from_json(content, folder.path_of(folder.names.manifest))
    journal = folder.read(folder.names.journal)
    if journal is None:
        return manifest
    return replace(manifest, parts={**manifest.parts, **_parts(journal, folder.path_of(folder.names.journal))})


class Ledger:
    """Keeps the manifest of one run.

    Args:
        folder: Where it is.
        manifest: What is there already; see `save`.
    """

    def __init__(self, folder: OutputFolder, manifest: Manifest) -> None:
        self._folder = folder
        self._parts = dict(manifest.parts)
        self._manifest = replace(manifest, parts=self._parts)
        self._in_journal = 0
        self._unwritten: list[Part] = []
        self._written = float("-inf")

    @property
    def parts(self) -> Mapping[int, Part]:
        """All parts so far, by index."""
        return self._parts

    @property
    def manifest(self) -> Manifest:
        """What is known so far."""
        return self._manifest

    def add(self, part: Part) -> None:
        """Write down that a part is there, at once or with those of the same second; see `flush`."""
        self._parts[part.index] = part
        self._unwritten.append(part)
        self._in_journal += 1
        if self._in_journal >= max(SHORTEST_FOLD, len(self._parts) // SHARE_FOLDED):
            self.save()
        elif time.monotonic() - self._written >= WRITTEN_EVERY:
            self.flush()

    def flush(self) -> None:
        """Write down what is not yet written."""
        if self._unwritten:
            lines = b"".join(json.dumps(part.to_data()).encode() + b"\n" for part in self._unwritten)
            self._folder.append(self._folder.names.journal, self._unwritten[-1].name.removesuffix(".parquet"), lines)
        self._wrote()

    def forget(self, indices: set[int]) -> None:
        """Take parts out; see `save`."""
        for index in indices:
            del self._parts[index]

    def save(self, **counts: Any) -> None:
        """Write the manifest, and begin the journal anew.

        Args:
            counts: Fields of the manifest to change.
        """
        self._manifest = replace(self._manifest, **counts)
        self._folder.replace(self._folder.names.manifest, self._manifest.to_json())
        self._folder.remove([self._folder.names.journal])
        self._in_journal = 0
        self._wrote()

    def _wrote(self) -> None:
        self._unwritten = []
        self._written = time.monotonic()


def _parts(journal: bytes, name: str) -> dict[int, Part]:
    """Read a journal; a last line that was torn by a crash does not count."""
    whole = journal[: journal.rfind(b"\n") + 1]
    parts = {}
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            part = Part.from_data(json.loads(line))
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise CorpusError(
                f"{name}:{number}: got what is no part ({error}); expected a line as a run wrote it; restore the file, "
                "or start anew with --force"
            ) from error
        parts[part.index] = part
    return parts
