"""The list of records that could not be embedded: `errors.jsonl`."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from foldformer.config.nearest import show
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.inputs import BadRecord
from foldformer.corpus.output.folder import OutputFolder

_KEYS = {"part": int, "position": int, "place": str, "reason": str}


@dataclass(frozen=True)
class SkippedList:
    """The file in an output folder. The manifest decides which of its lines count.

    A part's lines are on the disk before the part is in the manifest; lines of parts that never got there are dropped
    when the next run begins.

    Args:
        folder: Where it is.
    """

    folder: OutputFolder

    def add(self, part: int, records: Sequence[BadRecord]) -> None:
        """Append the records of a part."""
        if records:
            self.folder.append(self.folder.errors_name, _lines([_entry(part, record) for record in records]))

    def tidy(self, parts: set[int]) -> None:
        """Keep the lines of these parts, in the order of the input."""
        self.replace([entry for entry in self.entries() if entry["part"] in parts])

    def replace(self, entries: Sequence[dict[str, Any]]) -> None:
        """Write these entries, in the order of the input, in place of what is there; no file where nothing was."""
        content = _lines(sorted(entries, key=lambda entry: entry["position"]))
        if content:
            self.folder.replace(self.folder.errors_name, content)
        elif self.folder.size(self.folder.errors_name) is not None:
            self.folder.remove([self.folder.errors_name])

    def entries(self) -> list[dict[str, Any]]:
        """What the file says: part, position, place and reason; a line that was torn by a crash is left out.

        Raises:
            CorpusError: A line is something else.
        """
        content = self.folder.read(self.folder.errors_name) or b""
        whole = content[: content.rfind(b"\n") + 1]
        return [self._entry(line, number) for number, line in enumerate(whole.split(b"\n"), start=1) if line]

    def _entry(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if isinstance(entry, dict) and all(isinstance(entry.get(key), kind) for key, kind in _KEYS.items()):
            return entry
        path = self.folder.path / self.folder.errors_name
        raise CorpusError(
            f"{path}:{number}: got {show(line.decode(errors='replace'))}; expected an entry as a run wrote it; restore "
            "the file, or start anew with --force"
        )


def _entry(part: int, record: BadRecord) -> dict[str, Any]:
    return {"part": part, **asdict(record)}


def _lines(entries: Sequence[dict[str, Any]]) -> bytes:
    # ASCII, so that not even half of a surrogate pair in a file's name can stop it
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)
