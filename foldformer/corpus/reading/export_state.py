"""How far an export is: `_export.json`."""

import json
from dataclasses import asdict, dataclass, fields, replace

from foldformer.choices import ExportLevel, ExportTarget
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.folder import OutputFolder

_NAME = "_export.json"


@dataclass(frozen=True)
class ExportState:
    """What is exported, and how much of it is there.

    Args:
        corpus: Checksum of the corpus.
        to: What for.
        level: What has a row.
        total: Rows of all of it.
        parts: Parts that are there.
        rows: Rows that are there.
    """

    corpus: str
    to: ExportTarget
    level: ExportLevel
    total: int
    parts: int = 0
    rows: int = 0

    def grown(self, rows: int) -> "ExportState":
        """The state when one more part is there."""
        return replace(self, parts=self.parts + 1, rows=self.rows + rows)

    def is_of_same_job(self, other: "ExportState") -> bool:
        """Whether two states differ in nothing but how far they are."""
        return replace(self, parts=0, rows=0) == replace(other, parts=0, rows=0)


def read_state(folder: OutputFolder) -> ExportState | None:
    """What is in a folder; None where no export is.

    Raises:
        CorpusError: It is no state.
    """
    content = folder.read(_NAME)
    if content is None:
        return None
    try:
        said = json.loads(content)
        state = ExportState(**said)
        if any(type(said[each.name]) is not (int if each.type is int else str) for each in fields(state)):
            raise TypeError
        if min(state.total, state.parts, state.rows) < 0:
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CorpusError(f"{folder.path_of(_NAME)}: got what no export wrote; name another folder") from error
    return state


def save_state(folder: OutputFolder, state: ExportState) -> None:
    """Write it, in one step."""
    folder.replace(_NAME, json.dumps(asdict(state)).encode())
