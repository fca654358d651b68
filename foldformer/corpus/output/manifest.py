"""What is in an output folder: `_manifest.json`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from foldformer.config import ConfigurationError
from foldformer.config.nearest import show
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.shard import Shard

FORMAT = 1
_MOST = 2**53
"""The largest number that every reader of JSON understands."""
_MOST_DIMENSIONS = 2**20
_KINDS: dict[str, Any] = {"seconds": (int, float), "tag": (str, type(None))}
DESCRIBED = (
    "model",
    "max_length",
    "level",
    "layers",
    "mode",
    "word_tokenizer",
    "dtype",
    "embedder",
    "dim",
    "storage_dtype",
)
"""What every manifest says of the embedder."""


def part_name(index: int) -> str:
    """Name of the file of a part."""
    return f"part-{index:05d}.parquet"


@dataclass(frozen=True)
class Part:
    """A part that is whole and on disk.

    Args:
        index: Counted from 0 over the whole input.
        rows: Documents in it.
        first: Position in the input of the first record it was made from.
        last: Position of the last one. Records that could not be embedded have positions too.
        skipped: How many of them could not be embedded.
        bytes: Size of the file.
        sha256: Checksum of the file.
        input_digest: Checksum of the records.
        num_wordpieces: Wordpieces of all documents.
        num_pieces: Vectors in it.
        num_segments: Segments that ran for it.
        seconds: Time to embed and write it.
        tag: What an object store calls this content; None where it lies in a folder.
    """

    index: int
    rows: int
    first: int
    last: int
    skipped: int
    bytes: int
    sha256: str
    input_digest: str
    num_wordpieces: int
    num_pieces: int
    num_segments: int
    seconds: float
    tag: str | None = None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Part":
        """Read what stands in a manifest.

        Raises:
            TypeError: Something is missing, is too much, or is not of its type.
        """
        part = cls(**{key: value for key, value in data.items() if key != "part"})
        for each in fields(cls):
            value = getattr(part, each.name)
            if each.type is int:  # a part of no records ends before it begins
                _whole(value, f"parts.{each.name}", at_least=-1 if each.name == "last" else 0)
            else:
                _of_type(value, _KINDS.get(each.name, each.type), f"parts.{each.name}")
        return part

    def to_data(self) -> dict[str, Any]:
        """What stands in a manifest."""
        data = {"part": self.name, **asdict(self)}
        return {key: value for key, value in data.items() if key != "tag" or value is not None}

    @property
    def name(self) -> str:
        """Name of the file."""
        return part_name(self.index)


@dataclass(frozen=True)
class Manifest:
    """The state of a run.

    Args:
        fingerprint: What another run must share to go on with this one.
        parts: By index.
        shard: `I/N`, where it is one of several that share the input.
        num_parts: Parts of the whole input; None as long as the input has not been read to its end.
        num_records: Records of the whole input; None as well.
    """

    fingerprint: Mapping[str, Any]
    parts: Mapping[int, Part] = field(default_factory=dict)
    shard: str | None = None
    num_parts: int | None = None
    num_records: int | None = None

    def to_json(self) -> bytes:
        """The file."""
        head = {
            "format": FORMAT,
            "shard": self.shard,
            "num_parts": self.num_parts,
            "num_records": self.num_records,
            "fingerprint": self.fingerprint,
        }
        # a line for each part: ten times as fast as with indentation, which json writes in Python
        parts = ",\n  ".join(json.dumps(part.to_data()) for _, part in sorted(self.parts.items()))
        listed = f"[\n  {parts}\n ]" if parts else "[]"
        return f'{json.dumps(head, indent=1)[:-2]},\n "parts": {listed}\n}}\n'.encode()

    @classmethod
    def from_json(cls, text: bytes, name: str) -> "Manifest":
        """Read the file.

        Raises:
            CorpusError: It is no manifest, or one of a later version.
        """
        try:
            return cls._parsed(json.loads(text), name)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CorpusError(
                f"{name}: got what is no manifest ({type(error).__name__}: {error}); expected the file as a run wrote "
                "it; name another folder, or move away what is in this one"
            ) from error

    @classmethod
    def _parsed(cls, data: dict[str, Any], name: str) -> "Manifest":
        if _of_type(data, dict, "all of it")["format"] != FORMAT:
            raise CorpusError(f"{name}: got format {data['format']}; expected {FORMAT}; a newer version wrote it")
        fingerprint = _of_type(data["fingerprint"], dict, "fingerprint")
        described = _of_type(fingerprint["embedder"], dict, "fingerprint.embedder")
        missing = [key for key in DESCRIBED if key not in described]
        if missing:
            raise KeyError(f"fingerprint.embedder.{missing[0]}")
        parts = [Part.from_data(_of_type(part, dict, "parts")) for part in _of_type(data["parts"], list, "parts")]
        by_index = {part.index: part for part in parts}
        _whole(described["dim"], "fingerprint.embedder.dim", at_least=1, at_most=_MOST_DIMENSIONS)
        num_parts, num_records = (data[key] for key in ("num_parts", "num_records"))
        if num_records is not None:
            _whole(num_records, "num_records")
        if num_parts is not None:  # no part is without records
            _whole(num_parts, "num_parts", at_least=max(by_index, default=-1) + 1, at_most=num_records or 0)
        if data["shard"] is not None:
            _check_shard(_of_type(data["shard"], str, "shard"))
        return cls(fingerprint, by_index, data["shard"], num_parts, num_records)


def _check_shard(shard: str) -> None:
    try:
        Shard.parse(shard)
    except ConfigurationError as error:
        raise TypeError(f"shard is {show(shard)}") from error


def _whole(value: Any, name: str, at_least: int = 0, at_most: int = _MOST) -> None:
    if type(value) is not int or not at_least <= value <= at_most:
        raise TypeError(f"{name} is {show(value)}, and not a whole number from {at_least} to {at_most}")


def _of_type(value: Any, kind: Any, name: str) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{name} is {show(value)}")
    return value
