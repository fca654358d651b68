"""Find the kind of place that a path or URL names."""

import re
from os import PathLike, fspath
from pathlib import Path

from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.local import LocalFolder
from foldformer.corpus.output.object_store import ObjectStoreFolder
from foldformer.corpus.output.shard import Shard
from foldformer.corpus.output.store_access import SCHEMES

_URL = re.compile(r"(?!file:)[a-zA-Z][a-zA-Z0-9+.-]+:/")


def is_url(location: str | PathLike[str]) -> bool:
    """Whether this is no path on this machine."""
    return _URL.match(fspath(location)) is not None


def output_folder(location: str | PathLike[str], shard: Shard | None = None, *, unsafe: bool = False) -> OutputFolder:
    """Open the output of a run.

    Args:
        location: Path or URL.
        shard: The run's shard.
        unsafe: See `ObjectStoreFolder`.

    Raises:
        CorpusError: It is a URL that cannot be written to.
    """
    if is_url(location):
        url = fspath(location)
        if url.partition("://")[0] not in SCHEMES or not url.partition("://")[2]:
            raise CorpusError(f"{url}: got a URL of no store; expected a folder, or s3://, gs:// or az:// and a prefix")
        return ObjectStoreFolder(url, shard, unsafe=unsafe)
    return LocalFolder(Path(fspath(location).removeprefix("file://")), shard)
