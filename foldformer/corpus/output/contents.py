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
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from foldformer.config.nearest import join, one_of
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.manifest import Manifest, part_name
from foldformer.corpus.output.storage import METADATA_KEY
from foldformer.corpus.runs.plan import Shard

WHOLE_MANIFEST = "manifest.json"
WHOLE_ERRORS = "errors.jsonl"
_PART = re.compile(r"part-(\d{5,})\.parquet")
_LIST = re.compile(r"(?:manifest(-\d+-of-(\d+))?\.json|errors(-\d+-of-(\d+))?\.jsonl)")


@dataclass(frozen=True)
class FolderContents:
    """What is in an output folder, hidden files left out.

    Args:
        path: The folder.
        names: Of all files and folders in it.
        manifests: Those that can be read, by the names of their files. Of a shard, its own and the one that `merge`
            wrote: other shards look after their own files.
        shard: Of the run that asks.
    """

    path: Path
    names: Sequence[str]
    manifests: Mapping[str, Manifest]
    shard: Shard | None

    @classmethod
    def read(cls, path: Path, shard: Shard | None) -> "FolderContents":
        """Look into a folder."""
        # names before manifests: a run that is at work lists its manifest before it makes a part
        names = sorted(each.name for each in path.iterdir() if not each.name.startswith("."))
        wanted = [name for name in names if name.startswith("manifest") and _LIST.fullmatch(name)]
        if shard is not None:
            wanted = [name for name in wanted if name in (WHOLE_MANIFEST, shard.manifest_name)]
        found = {name: _read(path / name) for name in wanted}
        # another shard that is made anew may have removed what joined them all in this very moment
        there = [name for name in names if found.get(name, b"") is not None]
        manifests = {name: _parsed(content, name) for name, content in found.items() if content is not None}
        return cls(path, there, {name: each for name, each in manifests.items() if each is not None}, shard)

    def check_job(self) -> None:
        """Check that a shard has come to the folder of its own job.

        Raises:
            CorpusError: The folder is that of another number of shards, or of a run without shards.
        """
        if self.shard is None:
            return
        matches = [match for match in map(_LIST.fullmatch, self.names) if match is not None]
        counts = {int(count) for match in matches if (count := match[2] or match[4])}
        if counts - {self.shard.count}:
            said = join([str(count) for count in sorted(counts - {self.shard.count})], "and")
            raise CorpusError(
                f"--output: got {self.path} with --shard {self.shard}, which holds the shards of a job of {said}; "
                f"expected those of a job of {self.shard.count}; name another folder"
            )
        if WHOLE_MANIFEST in self.manifests and not self._is_merged:
            raise CorpusError(
                f"--output: got {self.path} with --shard {self.shard}, which holds {WHOLE_MANIFEST}, and that is not "
                "what joined the shards of this job; expected an empty folder, or that of this job; name another folder"
            )

    def strangers(self) -> list[str]:
        """Names of what no run has made."""
        return [name for name in self.names if not self._is_made(name)]

    def strangers_in_the_way(self) -> list[str]:
        """Names of what no run has made, but a run would replace."""
        return [name for name in self.strangers() if _PART.fullmatch(name) or _LIST.fullmatch(name)]

    def removable(self) -> list[str]:
        """Names of what starting anew removes, in an order that may be broken off: what tells whose they are is last.

        A shard removes its own files, and what joined all shards, as that is no longer true.
        """
        whole = [WHOLE_MANIFEST, WHOLE_ERRORS]
        if self.shard is None:
            made = [name for name in self.names if self._is_made(name)]
            return sorted(made, key=lambda name: (name.startswith("manifest"), not name.startswith("part"), name))
        parts = [name for name in self.names if self._is_own_part(name)]
        lists = [self.shard.errors_name, self.shard.manifest_name]
        joined = whole if self._is_merged else []
        return [name for name in [*joined, *parts, *lists] if name in self.names]

    @property
    def _is_merged(self) -> bool:
        """Whether there is a manifest that joined this shard with others."""
        whole = self.manifests.get(WHOLE_MANIFEST)
        own = None if self.shard is None else self.manifests.get(self.shard.manifest_name)
        return whole is not None and own is not None and whole.fingerprint == own.fingerprint

    @cached_property
    def _listed(self) -> set[str]:
        return {part.name for manifest in self.manifests.values() for part in manifest.parts.values()}

    def _is_made(self, name: str) -> bool:
        if _PART.fullmatch(name):
            if self.shard is not None and not self._is_own_part(name):
                return any(_LIST.fullmatch(each) for each in self.names)
            return name in self._listed or self._is_left_over(name)
        match = _LIST.fullmatch(name)
        if match is None:
            return False
        suffix = match[1] or match[3] or ""
        if self.shard is not None and suffix not in ("", self.shard.suffix):
            return True
        is_list_of_all = name == WHOLE_ERRORS and bool(self.manifests)  # of a merge that did not come to its end
        return f"manifest{suffix}.json" in self.manifests or is_list_of_all

    def _is_own_part(self, name: str) -> bool:
        match = _PART.fullmatch(name)
        return match is not None and (self.shard is None or self.shard.has(int(match[1])))

    def _is_left_over(self, name: str) -> bool:
        match = _PART.fullmatch(name)
        if match is None or name != part_name(int(match[1])):
            return False
        said = _metadata(self.path / name)
        return any(said == manifest.fingerprint["embedder"] for manifest in self.manifests.values())


def refuse_strangers(path: Path, names: Sequence[str]) -> None:
    """Refuse a folder where there is something in the way.

    Raises:
        CorpusError: There is.
    """
    if names:
        raise CorpusError(
            f"--output: got {path}, which holds {one_of(names, 'and')}, and no manifest there lists "
            f"{'it' if len(names) == 1 else 'them'}; expected an empty folder, or one with what runs made and nothing "
            "else; name another folder, or move away what is yours"
        )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:  # a folder, for instance
        return b""


def _parsed(content: bytes, name: str) -> Manifest | None:
    try:
        return Manifest.from_json(content, name)
    except CorpusError:
        return None


def _metadata(path: Path) -> Any:
    """What a part says of the run that made it; None where it is no part."""
    try:
        return json.loads(pq.read_schema(path).metadata[METADATA_KEY])
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
        return None
