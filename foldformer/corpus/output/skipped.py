"""The list of records that could not be embedded: `_errors.jsonl`."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from foldformer.config.nearest import show
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.inputs import BadRecord
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.manifest import part_name

_KEYS = {"part": int, "position": int, "place": str, "reason": str}


@dataclass(frozen=True)
class SkippedList:
    """The file in an output folder. The manifest decides which of its lines count.

    A part's lines are there before the part is in the manifest; lines of parts that never got there are dropped when
    the next run begins.

    Args:
        folder: Where it is.
    """

    folder: OutputFolder

    def add(self, part: int, records: Sequence[BadRecord]) -> None:
        """Append the records of a part."""
        if records:
            key = part_name(part).removesuffix(".parquet")
            self.folder.append(self.folder.names.errors, key, _lines([_entry(part, record) for record in records]))

    def tidy(self, parts: set[int]) -> None:
        """Keep the lines of these parts, in the order of the input."""
        self.replace([entry for entry in self.entries() if entry["part"] in parts])

    def replace(self, entries: Sequence[dict[str, Any]]) -> None:
        """Write these entries, in the order of the input, in place of what is there; no file where nothing was."""
        content = _lines(sorted(entries, key=lambda entry: entry["position"]))
        if content:
            self.folder.replace(self.folder.names.errors, content)
        elif self.folder.read(self.folder.names.errors) is not None:
            self.folder.remove([self.folder.names.errors])

    def entries(self) -> list[dict[str, Any]]:
        """What the file says: part, position, place and reason; a line that was torn by a crash is left out.

        Raises:
            CorpusError: A line is something else.
        """
        content = self.folder.read(self.folder.names.errors) or b""
        whole = content[: content.rfind(b"\n") + 1]
        found = [self._entry(line, number) for number, line in enumerate(whole.split(b"\n"), start=1) if line]
        # once each: a store from which a run was killed while it joined its lists has some of them twice
        return list({entry["position"]: entry for entry in found}.values())

    def _entry(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        if isinstance(entry, dict) and all(isinstance(entry.get(key), kind) for key, kind in _KEYS.items()):
            return entry
        raise CorpusError(
            f"{self.folder.path_of(self.folder.names.errors)}:{number}: got {show(line.decode(errors='replace'))}; "
            "expected an entry as a run wrote it; restore the file, or start anew with --force"
        )


def _entry(part: int, record: BadRecord) -> dict[str, Any]:
    return {"part": part, **asdict(record)}


def _lines(entries: Sequence[dict[str, Any]]) -> bytes:
    # ASCII, so that not even half of a surrogate pair in a file's name can stop it
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)
