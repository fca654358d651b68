"""Which files in an output folder runs have made, and which are somebody else's.

A run replaces files, and `--force` removes them. Names alone do not tell whose they are, so that a file counts as made
by a run only if a manifest in the folder says so. Beside the parts that a manifest lists, that is what a run that was
killed has left: a part gets its name a moment before the manifest knows it. Such a part says in its metadata what the
manifest says too.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from foldformer.config.nearest import join, one_of
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.ledger import read_manifest
from foldformer.corpus.output.manifest import Manifest, part_name
from foldformer.corpus.output.shard import ListNames, Shard
from foldformer.corpus.output.storage import METADATA_KEY

_PART = re.compile(r"part-(\d{5,})\.parquet")
_LIST = re.compile(r"(_?)(manifest(?=[^.]*\.json$)|(?:journal|errors)(?=[^.]*\.jsonl$))(-(\d+)-of-(\d+))?\.jsonl?")
"""Version 0.1 wrote them without `_`."""


def check_unused(folder: OutputFolder) -> None:
    """Check that no run has left anything in a folder, but for those of other shards.

    Raises:
        CorpusError: There are files in it, or another job's shards.
    """
    contents = FolderContents.read(folder)
    contents.check_job()
    if folder.shard is not None:
        contents.refuse(contents.strangers())
    elif contents.names:
        raise CorpusError(
            f"--output: got {folder.location}, which holds {one_of(contents.names, 'and')}, and no "
            f"{folder.names.manifest} to go on with; expected an empty folder, or one that a run with the same options "
            "began; name another folder"
        )


def check_own(folder: OutputFolder) -> None:
    """Check, before a run goes on, that it will not replace what no run has made.

    Raises:
        CorpusError: It would, or the folder is that of another job.
    """
    contents = FolderContents.read(folder)
    contents.check_job()
    contents.refuse([name for name in contents.strangers() if _PART.fullmatch(name) or _LIST.fullmatch(name)])


def clear(folder: OutputFolder) -> None:
    """Remove what runs have made; a shard removes its own files only.

    Raises:
        CorpusError: There is something else in the folder; nothing is removed then.
    """
    contents = FolderContents.read(folder)
    contents.check_job()
    contents.refuse(contents.strangers())
    folder.remove(contents.removable())


def shards_in(folder: OutputFolder) -> list[Shard]:
    """The shards that have begun, whatever job they are of."""
    matches = [match for match in map(_LIST.fullmatch, folder.files()) if match is not None]
    found = {(int(match[5]), int(match[4])) for match in matches if match[3] and match[2] == "manifest"}
    return [Shard(number, count) for count, number in sorted(found) if 1 <= number <= count]


@dataclass(frozen=True)
class FolderContents:
    """What is in an output folder, hidden files left out.

    Args:
        folder: The folder, as the run that asks sees it.
        names: Of all files and folders in it.
        manifests: Those that can be read, by the suffix of their names. Of a shard, its own and the one that `merge`
            wrote: other shards look after their own files.
    """

    folder: OutputFolder
    names: Sequence[str]
    manifests: Mapping[str, Manifest]

    @classmethod
    def read(cls, folder: OutputFolder) -> "FolderContents":
        """Look into a folder."""
        # names before manifests: a run that is at work lists its manifest before it makes a part
        names = list(folder.files())
        shards = [None, folder.shard] if folder.shard is not None else [None, *shards_in(folder)]
        found = {ListNames(shard).suffix: _manifest_of(folder.of_shard(shard)) for shard in shards}
        return cls(folder, names, {suffix: each for suffix, each in found.items() if each is not None})

    def check_job(self) -> None:
        """Check that a shard has come to the folder of its own job.

        Raises:
            CorpusError: The folder is that of another number of shards, or of a run without shards.
        """
        shard = self.folder.shard
        if shard is None:
            return
        matches = [match for match in map(_LIST.fullmatch, self.names) if match is not None]
        others = {int(match[5]) for match in matches if match[5]} - {shard.count}
        if others:
            said = join([str(count) for count in sorted(others)], "and")
            raise CorpusError(
                f"--output: got {self.folder.location} with --shard {shard}, which holds the shards of a job of "
                f"{said}; expected those of a job of {shard.count}; name another folder"
            )
        if "" in self.manifests and not self._is_merged:
            raise CorpusError(
                f"--output: got {self.folder.location} with --shard {shard}, which holds {ListNames().manifest}, and "
                "that is not what joined the shards of this job; expected an empty folder, or that of this job; name "
                "another folder"
            )

    def strangers(self) -> list[str]:
        """Names of what no run has made."""
        return [name for name in self.names if not self._is_made(name)]

    def refuse(self, strangers: Sequence[str]) -> None:
        """Refuse a folder where there is something in the way.

        Raises:
            CorpusError: There is.
        """
        if strangers:
            raise CorpusError(
                f"--output: got {self.folder.location}, which holds {one_of(strangers, 'and')}, and no manifest there "
                f"lists {'it' if len(strangers) == 1 else 'them'}; expected an empty folder, or one with what runs "
                "made and nothing else; name another folder, or move away what is yours"
            )

    def removable(self) -> list[str]:
        """Names of what starting anew removes, in an order that may be broken off: what tells whose they are is last.

        A shard removes its own files, and what joined all shards, as that is no longer true.
        """
        whole, own = ListNames(), self.folder.names
        if self.folder.shard is None:
            made = [name for name in self.names if self._is_made(name)]
            return sorted(made, key=lambda name: ("manifest" in name, not name.startswith("part"), name))
        parts = [name for name in self.names if self._is_own_part(name)]
        joined = [whole.manifest, whole.errors] if self._is_merged else []
        return [name for name in [*joined, *parts, own.errors, own.journal, own.manifest] if name in self.names]

    @property
    def _is_merged(self) -> bool:
        """Whether there is a manifest that joined this shard with others."""
        whole = self.manifests.get("")
        own = self.manifests.get(self.folder.names.suffix) if self.folder.shard is not None else None
        return whole is not None and own is not None and whole.fingerprint == own.fingerprint

    @cached_property
    def _listed(self) -> set[str]:
        return {part.name for manifest in self.manifests.values() for part in manifest.parts.values()}

    def _is_made(self, name: str) -> bool:
        shard = self.folder.shard
        if _PART.fullmatch(name):
            if shard is not None and not self._is_own_part(name):
                return any(_LIST.fullmatch(each) for each in self.names)
            return name in self._listed or self._is_left_over(name)
        match = _LIST.fullmatch(name)
        if match is None:
            return False
        suffix = match[3] or ""
        if shard is not None and suffix not in ("", self.folder.names.suffix):
            return True
        if not match[1]:  # a run has renamed its own
            return False
        # a merge writes its list of errors before its manifest
        return suffix in self.manifests or (name == ListNames().errors and bool(self.manifests))

    def _is_own_part(self, name: str) -> bool:
        match = _PART.fullmatch(name)
        shard = self.folder.shard
        return match is not None and (shard is None or shard.has(int(match[1])))

    def _is_left_over(self, name: str) -> bool:
        match = _PART.fullmatch(name)
        if match is None or name != part_name(int(match[1])):
            return False
        said = _metadata(self.folder, name)
        return any(said == manifest.fingerprint["embedder"] for manifest in self.manifests.values())


def _manifest_of(folder: OutputFolder) -> Manifest | None:
    try:
        return read_manifest(folder)
    except (CorpusError, OSError):  # no manifest, or a folder of that name
        return None


def _metadata(folder: OutputFolder, name: str) -> Any:
    """What a part says of the run that made it; None where it is no part."""
    try:
        return json.loads(pq.read_schema(folder.open(name)).metadata[METADATA_KEY])
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
        return None
