"""Files under AllenNLP's names for reading them: paths are texts."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec

from foldformer.text import files
from foldformer.text.text_files import read_lines

PathOrStr = str | os.PathLike[str]

CACHE_DIRECTORY = CACHE_ROOT = str(files.cache_folder())


def cached_path(
    url_or_filename: PathOrStr,
    cache_dir: PathOrStr | None = None,
    extract_archive: bool = False,
    force_extract: bool = False,  # noqa: ARG001
) -> str:
    """Find a file or folder on the local disk, downloaded or extracted first where it must be.

    Args:
        url_or_filename: A path or URL.
        cache_dir: The cache.
        extract_archive: Extract an archive, and give the folder of its members.
        force_extract: Accepted and ignored: an archive that changed is extracted anew.

    Raises:
        FileNotFoundError: There is no such file.
    """
    return str(files.cached_path(url_or_filename, cache_dir, extract_archive))


def is_url_or_existing_file(url_or_filename: PathOrStr | None) -> bool:
    """Whether something is a URL, or the path of a file."""
    if url_or_filename is None:
        return False
    name = os.path.expanduser(url_or_filename)  # noqa: PTH111  (a URL is no path)
    return "://" in str(name) or Path(name).exists()


def open_compressed(filename: PathOrStr, mode: str = "rt", encoding: str | None = "UTF-8", **kwargs: Any) -> Any:
    """Open a file, compressed (.gz, .bz2, .xz) or not, or a URL.

    Args:
        filename: A path or URL.
        mode: As that of `open`.
        encoding: Of a text.
        **kwargs: As those of `open`.

    Raises:
        FileNotFoundError: There is no such file.
    """
    texts = {} if "b" in mode else {"encoding": encoding}
    return fsspec.open(cached_path(filename), mode, compression="infer", **texts, **kwargs).open()


def text_lines_from_file(filename: PathOrStr, strip_lines: bool = True) -> Iterator[str]:
    """Read the lines of a file, compressed or not.

    Args:
        filename: A path or URL.
        strip_lines: Take white space off both ends; otherwise a line keeps its end.

    Raises:
        FileNotFoundError: There is no such file.
        FileContentError: A line is not UTF-8.
    """
    for line in read_lines(filename):
        yield line.text.strip() if strip_lines else f"{line.text}\n"


def json_lines_from_file(filename: PathOrStr) -> Iterator[Any]:
    """Read a JSON value from each line of a file, compressed or not.

    Raises:
        FileNotFoundError: There is no such file.
    """
    return map(json.loads, text_lines_from_file(filename))


def read_set_from_file(filename: PathOrStr) -> set[str]:
    """Read the different lines of a file, without white space at their end."""
    return {line.rstrip() for line in text_lines_from_file(filename, strip_lines=False)}


def get_file_extension(path: str, dot: bool = True, lower: bool = True) -> str:
    """Give the ending of a file's name.

    Args:
        path: The path.
        dot: With the dot.
        lower: In lower case.
    """
    ending = Path(path).suffix if dot else Path(path).suffix[1:]
    return ending.lower() if lower else ending


def hardlink_or_copy(source: PathOrStr, dest: PathOrStr) -> None:
    """Give a file a second name; copy it where the disk does not allow that."""
    try:
        os.link(source, dest)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.ENOTSUP, errno.EPERM):
            raise
        shutil.copy(source, dest)
