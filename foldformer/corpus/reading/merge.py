"""Join the manifests of shards that were made in one folder."""

import re
from dataclasses import replace
from pathlib import Path

from foldformer.config.nearest import join
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.fingerprint import check_same
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.manifest import Manifest
from foldformer.corpus.output.skipped import SkippedList
from foldformer.corpus.reading.verify import find_damage
from foldformer.corpus.runs.plan import Shard
from foldformer.corpus.runs.summary import Summary

_NAME = re.compile(r"manifest-(\d+)-of-(\d+)\.json")
MOST_DAMAGES = 6


def merge_shards(path: Path) -> Summary:
    """Check that nothing is missing, and write one manifest for all shards.

    The shards' own manifests stay, so that a shard that is repaired later can be merged again.

    Raises:
        CorpusError: There are no shards, one has not come to its end, they are not of the same job, or a part is
            damaged.
    """
    shards = _find_shards(path)
    manifests = [_read(path, shard) for shard in shards]
    first = manifests[0]
    for manifest in manifests[1:]:
        check_same(first.fingerprint, manifest.fingerprint, f"{path}, shards {first.shard} and {manifest.shard}")
    _check_ends(path, manifests)
    parts = {index: part for manifest in manifests for index, part in manifest.parts.items()}
    merged = replace(first, parts=parts, shard=None)
    folder = OutputFolder(path)
    with folder.locked():
        _check_replaceable(folder)
        entries = [entry for shard in shards for entry in SkippedList(OutputFolder(path, shard)).entries()]
        damages = find_damage(folder, merged, entries)
        if damages:
            listed = "; ".join(str(damage) for damage in damages[:MOST_DAMAGES])
            raise CorpusError(f"{path}: {len(damages)} things are wrong: {listed}; run their shards again")
        SkippedList(folder).replace(entries)
        folder.replace(folder.manifest_name, merged.to_json())
    return Summary.of(merged, path)


def _find_shards(path: Path) -> list[Shard]:
    matches = [_NAME.fullmatch(each.name) for each in path.glob("manifest-*-of-*.json")]
    found = sorted((int(match[2]), int(match[1])) for match in matches if match is not None)
    if not found:
        raise CorpusError(f"{path}: got no shards; expected what `foldformer embed --shard I/N` writes")
    counts = {count for count, _ in found}
    if len(counts) > 1:
        said = join([str(count) for count in sorted(counts)], "and")
        raise CorpusError(f"{path}: got shards of jobs of {said} shards; expected those of one job; remove the others")
    count = counts.pop()
    missing = sorted(set(range(1, count + 1)) - {number for _, number in found})
    if missing:
        raise CorpusError(f"{path}: shards {_shards(missing, count)} have not begun; run them")
    return [Shard(number, count) for _, number in found]


def _check_replaceable(folder: OutputFolder) -> None:
    """Check that what will be replaced is what an earlier merge wrote; what is there and cannot be read may be not."""
    content = folder.read(folder.manifest_name)
    if content is not None:
        Manifest.from_json(content, str(folder.path / folder.manifest_name))


def _read(path: Path, shard: Shard) -> Manifest:
    folder = OutputFolder(path, shard)
    content = folder.read(folder.manifest_name)
    assert content is not None, "was found by its name"
    return Manifest.from_json(content, str(path / folder.manifest_name))


def _check_ends(path: Path, manifests: list[Manifest]) -> None:
    unfinished = [str(manifest.shard) for manifest in manifests if manifest.num_parts is None]
    if unfinished:
        raise CorpusError(f"{path}: shards {join(unfinished, 'and')} have not come to their end; run them again")
    sizes = {(manifest.num_parts, manifest.num_records) for manifest in manifests}
    if len(sizes) > 1:
        raise CorpusError(f"{path}: the shards did not read the same input: they counted {sizes} parts and records")


def _shards(numbers: list[int], count: int) -> str:
    return join([f"{number}/{count}" for number in numbers], "and")
