"""Find the kind of place that a path or URL names."""

import re
from os import PathLike, fspath
from pathlib import Path

from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.output.folder import OutputFolder
from foldformer.corpus.output.local import LocalFolder
from foldformer.corpus.output.shard import Shard

_URL = re.compile(r"(?!file:)[a-zA-Z][a-zA-Z0-9+.-]+:/")


def is_url(location: str | PathLike[str]) -> bool:
    """Whether this is no path on this machine."""
    return _URL.match(fspath(location)) is not None


def output_folder(location: str | PathLike[str], shard: Shard | None = None) -> OutputFolder:
    """Open the output of a run.

    Args:
        location: Path or URL.
        shard: The run's shard.

    Raises:
        CorpusError: It is a URL that cannot be written to.
    """
    if is_url(location):
        raise CorpusError(
            f"--output: got {fspath(location)}; expected a folder on this machine, mounted perhaps, as files must be "
            "renamed in one step; copy the parts to the bucket when they are made"
        )
    return LocalFolder(Path(fspath(location).removeprefix("file://")), shard)
