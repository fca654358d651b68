"""Join the manifests of shards that were made in one folder."""

from dataclasses import replace
from itertools import islice
from os import PathLike

from foldformer.config.nearest import join
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.contents import shards_in
from foldformer.corpus.output.fingerprint import check_same
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.ledger import Ledger, read_manifest
from foldformer.corpus.output.manifest import Manifest
from foldformer.corpus.output.places import output_folder
from foldformer.corpus.output.shard import Shard
from foldformer.corpus.output.skipped import SkippedList
from foldformer.corpus.reading.verify import find_damage
from foldformer.corpus.runs.summary import Summary

MOST_DAMAGES = 6


def merge_shards(location: str | PathLike[str]) -> Summary:
    """Check that nothing is missing, and write one manifest for all shards.

    The shards' own manifests stay, so that a shard that is repaired later can be merged again.

    Raises:
        CorpusError: There are no shards, one has not come to its end, they are not of the same job, or a part is
            damaged.
    """
    folder = output_folder(location)
    with_shards = [folder.of_shard(shard) for shard in _find_shards(folder)]
    manifests = [_read(each) for each in with_shards]
    first = manifests[0]
    for manifest in manifests[1:]:
        check_same(first.fingerprint, manifest.fingerprint, f"{location}, shards {first.shard} and {manifest.shard}")
    _check_ends(folder, manifests)
    parts = {index: part for manifest in manifests for index, part in manifest.parts.items()}
    merged = replace(first, parts=parts, shard=None)
    with folder.locked():
        read_manifest(folder)  # what is there and is no manifest may be somebody's: it is not replaced
        entries = [entry for each in with_shards for entry in SkippedList(each).entries()]
        damages = find_damage(folder, merged, entries)
        if damages:
            listed = "; ".join(str(damage) for damage in damages[:MOST_DAMAGES])
            raise CorpusError(f"{location}: {len(damages)} things are wrong: {listed}; run their shards again")
        SkippedList(folder).replace(entries)
        Ledger(folder, merged).save()
    return Summary.of(merged, folder.location)


def _find_shards(folder: OutputFolder) -> list[Shard]:
    path = folder.location
    found = shards_in(folder)
    if not found:
        raise CorpusError(f"{path}: got no shards; expected what `foldformer embed --shard I/N` writes")
    counts = {shard.count for shard in found}
    if len(counts) > 1:
        said = join([str(count) for count in sorted(counts)], "and")
        raise CorpusError(f"{path}: got shards of jobs of {said} shards; expected those of one job; remove the others")
    count = counts.pop()
    numbers = {shard.number for shard in found}
    num_missing = count - len(numbers)
    if num_missing:
        missing = islice((number for number in range(1, count + 1) if number not in numbers), MOST_DAMAGES)
        more = f" and {num_missing - MOST_DAMAGES} more" if num_missing > MOST_DAMAGES else ""
        raise CorpusError(f"{path}: shards {_shards(list(missing), count)}{more} have not begun; run them")
    return found


def _read(folder: OutputFolder) -> Manifest:
    manifest = read_manifest(folder)
    assert manifest is not None, "was found by its name"
    return manifest


def _check_ends(folder: OutputFolder, manifests: list[Manifest]) -> None:
    unfinished = [str(manifest.shard) for manifest in manifests if manifest.num_parts is None]
    if unfinished:
        raise CorpusError(
            f"{folder.location}: shards {join(unfinished, 'and')} have not come to their end; run them again"
        )
    sizes = {(manifest.num_parts, manifest.num_records) for manifest in manifests}
    if len(sizes) > 1:
        raise CorpusError(
            f"{folder.location}: the shards did not read the same input: they counted {sizes} parts and records"
        )


def _shards(numbers: list[int], count: int) -> str:
    return join([f"{number}/{count}" for number in numbers], "and")
