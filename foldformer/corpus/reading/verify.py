"""Check that an output folder holds what its manifest says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from foldformer.corpus.output.folder import OutputFolder, StoredFile
from foldformer.corpus.output.manifest import Manifest, Part, part_name
from foldformer.corpus.output.skipped import SkippedList

MOST_NAMED = 1000
"""Parts that were never made, by their names."""


@dataclass(frozen=True)
class Damage:
    """Something that is not as the manifest says.

    Args:
        file: Name in the folder.
        reason: What is wrong.
    """

    file: str
    reason: str

    def __str__(self) -> str:
        """The line a user reads."""
        return f"{self.file}: {self.reason}"


def damaged_parts(folder: OutputFolder, parts: Iterable[Part]) -> list[Damage]:
    """Compare parts with what a manifest says, without reading those that the place knows by a tag of their content."""
    files = folder.files()
    return [found for part in parts if (found := _damage(folder, part, files.get(part.name))) is not None]


def _damage(folder: OutputFolder, part: Part, file: StoredFile | None, *, by_tag: bool = True) -> Damage | None:
    if file is None:
        return Damage(part.name, "is not there")
    if file.size != part.bytes:
        return Damage(part.name, f"has {file.size} bytes instead of {part.bytes}")
    if by_tag and part.tag is not None and part.tag == file.tag:
        return None
    if folder.checksum(part.name) != part.sha256:
        return Damage(part.name, "has another checksum than when it was written")
    return None


def find_damage(
    folder: OutputFolder, manifest: Manifest, skipped: Sequence[Mapping[str, Any]] | None = None
) -> list[Damage]:
    """Check every checksum, row count and position, and that nothing is missing.

    Args:
        folder: Where the parts are.
        manifest: What should be there.
        skipped: The records that could not be embedded; None takes those of the folder's own list.
    """
    found: list[Damage] = []
    files = folder.files()
    for part in manifest.parts.values():
        damage = _damage(folder, part, files.get(part.name), by_tag=False) or _wrong_rows(folder, part)
        if damage is not None:
            found.append(damage)
    return found + _position_damage(folder, manifest) + _skipped_damage(folder, manifest, skipped)


def _wrong_rows(folder: OutputFolder, part: Part) -> Damage | None:
    try:
        metadata = pq.read_metadata(folder.open(part.name))
    except (pa.ArrowException, OSError) as error:
        return Damage(part.name, f"is no Parquet file ({error})")
    if metadata.num_rows != part.rows:
        return Damage(part.name, f"has {metadata.num_rows} rows instead of {part.rows}")
    if part.rows + part.skipped != part.last - part.first + 1:
        return Damage(part.name, f"has {part.rows} rows for the positions {part.first} to {part.last}")
    return None


def _position_damage(folder: OutputFolder, manifest: Manifest) -> list[Damage]:
    """Find parts and positions that are in no part."""
    if manifest.shard is not None:
        return [] if manifest.num_parts is not None else [_unfinished(folder)]
    parts = sorted(manifest.parts.values(), key=lambda part: part.index)
    found = [
        Damage(part.name, f"begins at position {part.first}, but the part before it ends at {before.last}")
        for before, part in pairwise(parts)
        if part.index == before.index + 1 and part.first != before.last + 1
    ]
    if manifest.num_parts is None:
        return [*found, _unfinished(folder)]
    num_missing = manifest.num_parts - len(manifest.parts)
    missing = (index for index in range(manifest.num_parts) if index not in manifest.parts)
    found += [Damage(part_name(index), "was never made") for index in islice(missing, min(num_missing, MOST_NAMED))]
    if num_missing > MOST_NAMED:
        found.append(Damage(folder.names.manifest, f"says that {num_missing - MOST_NAMED:,} parts more were made"))
    return found


def _skipped_damage(
    folder: OutputFolder, manifest: Manifest, skipped: Sequence[Mapping[str, Any]] | None
) -> list[Damage]:
    listed: dict[int, int] = {}
    for entry in SkippedList(folder).entries() if skipped is None else skipped:
        listed[entry["part"]] = listed.get(entry["part"], 0) + 1
    return [
        Damage(
            folder.names.errors, f"lists {listed.get(part.index, 0)} records of {part.name} instead of {part.skipped}"
        )
        for part in manifest.parts.values()
        if listed.get(part.index, 0) != part.skipped
    ]


def _unfinished(folder: OutputFolder) -> Damage:
    return Damage(folder.names.manifest, "belongs to a run that has not come to its end; run the same command again")
