"""Read documents of any number of files as one numbered stream."""

import hashlib
import json
import logging
import lzma
import zlib
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import IO, Any, get_args

from foldformer.choices import ConlluUnit, InputFormat
from foldformer.config import ConfigurationError
from foldformer.config.choice import check_choice
from foldformer.config.nearest import show
from foldformer.corpus.inputs.compression import ENDINGS
from foldformer.corpus.inputs.conllu import read_conllu
from foldformer.corpus.inputs.fields import KeptWatch, Keys
from foldformer.corpus.inputs.json_lines import read_json_lines
from foldformer.corpus.inputs.lines import read_text_lines, read_whole_file
from foldformer.corpus.inputs.record import BadRecord, Found, Record, Refused
from foldformer.corpus.inputs.separated import read_csv, read_tsv
from foldformer.corpus.inputs.sources import Meter, Source, find_sources, total_size
from foldformer.corpus.inputs.unsupported import check_supported
from foldformer.text.archives import FileContentError
from foldformer.text.bounded_streams import BoundedReader

FILES_DESCRIBED = 20
LOOK_FOR_KEPT = 1000
"""Records after which a kept key that none of them has is warned of; the end of a shorter input will do."""
FORMATS: tuple[str, ...] = get_args(InputFormat)
_ENDINGS: dict[str, InputFormat] = {
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "json": "jsonl",
    "conllu": "conllu",
    "conll": "conllu",
    "parquet": "parquet",
    "pq": "parquet",
    "arrow": "arrow",
    "feather": "arrow",
    "ipc": "arrow",
    "csv": "csv",
    "tsv": "tsv",
}
_WITHOUT_FIELDS = ("text", "files", "conllu")
_READERS = {
    "jsonl": read_json_lines,
    "csv": read_csv,
    "tsv": read_tsv,
    "files": read_whole_file,
    "text": read_text_lines,
}
_DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, FileContentError)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class InputOptions:
    """How an input is read.

    Args:
        format: "text" has one document on each line, "files" one in each file. None goes by the ending of each file's
            name; then files of other endings are one document each where a folder was named, otherwise lines.
        keys: Fields of the records.
        conllu_unit: What a document is in CoNLL-U.

    Raises:
        ConfigurationError: There is no such format.
    """

    format: str | None = None
    keys: Keys = field(default_factory=Keys)
    conllu_unit: ConlluUnit = "auto"

    def __post_init__(self) -> None:
        """Check the choices."""
        check_choice("format", self.format or "text", FORMATS)
        check_choice("conllu_unit", self.conllu_unit, get_args(ConlluUnit))


class Input:
    """An input that is read from its beginning by each iteration.

    Args:
        inputs: Paths, folders, globs, archives, URLs, or `-` for standard input.
        options: How to read them.

    Raises:
        ConfigurationError: There is nothing of that name.
    """

    def __init__(self, inputs: Sequence[str], options: InputOptions | None = None) -> None:
        self.options = options or InputOptions()
        self.sources = find_sources(inputs)
        self.meter = Meter(total_size(self.sources))
        for source in self.sources:
            if source.is_stream and self.format_of(source) == "parquet":
                raise ConfigurationError(f"INPUT: got Parquet on {source.name}; expected a file, as it is no stream")
            if self.options.keys.spans is not None and self.format_of(source) in _WITHOUT_FIELDS:
                raise ConfigurationError(
                    f"spans_key: got {show(self.options.keys.spans)} and {source.name}, which is read as "
                    f"{self.format_of(source)}; expected records with fields, as in JSON Lines or Parquet"
                )

    def __iter__(self) -> Iterator[Record | BadRecord]:
        """Yield everything that the input holds, in order; warn of kept keys that no record has."""
        self.meter = Meter(self.meter.total)
        watch = KeptWatch(self.options.keys.keep)
        keys = replace(self.options.keys, watch=watch)
        positions = count()
        for source in self.sources:
            self.meter.start(source)
            for found in self._read(source, keys):
                yield _numbered(found, position := next(positions))
                if position == LOOK_FOR_KEPT:
                    _warn(watch)
        if next(positions) <= LOOK_FOR_KEPT:
            _warn(watch)

    def without(self, folder: str | Path) -> "Input":
        """The same input, but for what was found in a folder when one around it was searched: that of the output.

        Raises:
            ConfigurationError: Nothing is left.
        """
        kept = [source for source in self.sources if not source.is_under(folder)]
        if len(kept) == len(self.sources):
            return self
        if not kept:
            raise ConfigurationError(
                f"INPUT: got nothing but what is in {folder}, the folder of the output; expected documents elsewhere"
            )
        rest = copy(self)
        rest.sources, rest.meter = kept, Meter(total_size(kept))
        return rest

    def format_of(self, source: Source) -> str:
        """How a source is read."""
        if self.options.format is not None:
            return self.options.format
        name = source.name.lower()
        for ending in ENDINGS:
            name = name.removesuffix(ending)
        fallback = "files" if source.from_folder else "text"
        return _ENDINGS.get(name.rpartition(".")[2], fallback)

    def describe(self) -> dict[str, Any]:
        """What another run must share with this one to go on with its output."""
        keys = self.options.keys
        files = [
            {"name": source.name, "bytes": source.size, "format": self.format_of(source)} for source in self.sources
        ]
        checksum = hashlib.blake2b(json.dumps(files).encode(), digest_size=16)
        return {
            # not a million of them: what says this is written anew for every part
            "files": files[:FILES_DESCRIBED],
            "num_files": len(files),
            "files_checksum": checksum.hexdigest(),
            "text_key": keys.text,
            "id_key": keys.id,
            "keep": [f"{key.name}:{key.type}" for key in keys.keep],
            "conllu_unit": self.options.conllu_unit,
            **({} if keys.spans is None else {"spans_key": keys.spans}),
        }

    def _read(self, source: Source, keys: Keys) -> Iterator[Found | Refused]:
        """Read one source; what makes the rest of it unreadable is one more thing that was found in it."""
        num_found = 0
        try:
            with source.open(self.meter) as binary:
                for found in self._records(source, binary, keys):
                    num_found += 1
                    yield found
        except _DAMAGE as error:
            where = f"after {num_found} records" if num_found else "from its beginning"
            reason = str(error).removeprefix(f"{source.name}: ") or type(error).__name__
            yield Refused(source.name, f"the file cannot be read {where} ({reason})")

    def _records(self, source: Source, binary: IO[bytes], keys: Keys) -> Iterator[Found | Refused]:
        kind = self.format_of(source)
        if kind in ("parquet", "arrow"):
            # Not at the top: most inputs need no Arrow to be read.
            from foldformer.corpus.inputs.columns import read_arrow, read_parquet

            return (read_parquet if kind == "parquet" else read_arrow)(source, binary, keys)
        bounded = BoundedReader(binary, source.name)
        if kind == "conllu":
            return _each_bounded(read_conllu(source, bounded, keys, self.options.conllu_unit), bounded)
        if self.options.format is None:
            check_supported(source.name)
        return _each_bounded(_READERS[kind](source, bounded, keys), bounded)


def _each_bounded(records: Iterator[Found | Refused], bounded: BoundedReader) -> Iterator[Found | Refused]:
    for found in records:
        bounded.next_record()
        yield found


def _warn(watch: KeptWatch) -> None:
    for warning in watch.warnings():
        logger.warning(warning)


def _numbered(found: Found | Refused, position: int) -> Record | BadRecord:
    if isinstance(found, Refused):
        return BadRecord(position, found.place, found.reason)
    return Record(position, str(position) if found.id is None else found.id, found.text, found.kept, found.spans)
