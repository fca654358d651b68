"""A vocabulary as files: one token a line, one file a namespace.

The format is that of AllenNLP 2, whose archives are read and which reads ours. Line numbers are indices; those of a
padded namespace start from 1, since 0 is padding and not written. `non_padded_namespaces.txt` lists the patterns of the
other namespaces.
"""

import errno
import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from filelock import FileLock

from foldformer.config import ConfigurationError
from foldformer.text.files import cached_path
from foldformer.text.tar_members import is_tar, read_tar

logger = logging.getLogger(__name__)

NAMESPACE_PADDING_FILE = "non_padded_namespaces.txt"
_NEWLINE = "@@NEWLINE@@"
_CARRIAGE_RETURN = "@@CARRIAGE_RETURN@@"
"""For a token that ends in one: at the end of a line it would be taken for part of the line break."""
_LINE_END = re.compile(r"\r?\n")
_READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True)
class SavedVocabulary:
    """What the files of a vocabulary hold.

    Args:
        non_padded_namespaces: Names, or `*` and a suffix.
        tokens: The lines of each namespace's file.
    """

    non_padded_namespaces: list[str]
    tokens: dict[str, list[str]]


def write_vocabulary(
    directory: str | os.PathLike[str],
    non_padded_namespaces: Iterable[str],
    index_to_token: Mapping[str, Mapping[int, str]],
    padding_token: str,
) -> None:
    """Write a vocabulary; a file that is there already is replaced.

    Raises:
        ConfigurationError: A namespace's name cannot be a file name.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    if any(not path.name.startswith(".") for path in folder.iterdir()):
        logger.warning("the vocabulary folder %s is not empty; files of other namespaces stay in it", folder)
    with _locked(folder):
        _write_lines(folder / NAMESPACE_PADDING_FILE, sorted(non_padded_namespaces))
        for namespace, tokens in index_to_token.items():
            if "/" in namespace or namespace.startswith("."):
                raise ConfigurationError(
                    f'vocabulary: got the namespace "{namespace}"; expected a name that can be a file name'
                )
            first = 1 if tokens.get(0) == padding_token else 0
            # Transformers leave holes in their ids; a line for each keeps line number and index together.
            size = max(tokens, default=-1) + 1
            _write_lines(folder / f"{namespace}.txt", (tokens.get(i, f"@@UNUSED{i}@@") for i in range(first, size)))


def read_vocabulary(location: str | os.PathLike[str]) -> SavedVocabulary:
    """Read a vocabulary from its folder, or from an archive that holds it at the top or under `vocabulary/`.

    Nothing of an archive is written to disk.

    Args:
        location: Path or URL of either.

    Raises:
        FileNotFoundError: There is nothing at the location.
        ConfigurationError: It holds no vocabulary.
    """
    path = cached_path(location)
    if path.is_dir():
        files = _read_folder(path)
    elif is_tar(path):
        files = _read_archive(path)
    else:
        raise ConfigurationError(
            f'directory: got "{location}", a file that is no tar archive; expected a saved vocabulary'
        )
    if NAMESPACE_PADDING_FILE not in files:
        raise ConfigurationError(
            f'directory: got "{location}", which holds {", ".join(sorted(files)) or "no files"}; '
            f"expected a vocabulary's files, {NAMESPACE_PADDING_FILE} among them"
        )
    patterns = [line.strip() for line in split_lines(files.pop(NAMESPACE_PADDING_FILE))]
    return SavedVocabulary(patterns, {name.removesuffix(".txt"): read_tokens(text) for name, text in files.items()})


def read_tokens(text: str) -> list[str]:
    """Turn the text of one namespace's file into its tokens."""
    return [line.replace(_NEWLINE, "\n").replace(_CARRIAGE_RETURN, "\r") for line in split_lines(text)]


def split_lines(text: str) -> list[str]:
    """Split at line breaks alone: the separators that `str.splitlines` knows besides may be tokens."""
    lines = _LINE_END.split(text)
    return lines[:-1] if lines[-1] == "" else lines


def _write_lines(path: Path, tokens: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for token in tokens:
            line = token.replace("\n", _NEWLINE)
            file.write((line[:-1] + _CARRIAGE_RETURN if line.endswith("\r") else line) + "\n")


def _read_folder(folder: Path) -> dict[str, str]:
    with _locked(folder):
        return {path.name: _decode(path.read_bytes(), path) for path in sorted(folder.iterdir()) if _is_ours(path)}


def _is_ours(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".")


def _read_archive(archive: Path) -> dict[str, str]:
    by_folder: dict[str, dict[str, str]] = {}
    for member in read_tar(archive):
        path = PurePosixPath(member.name)
        if not member.is_folder and path.suffix == ".txt" and not path.name.startswith("."):
            files = by_folder.setdefault(str(path.parent), {})
            files[path.name] = _decode(b"".join(member.content), archive / path)
    return by_folder.get("vocabulary") or by_folder.get(".", {})


def _decode(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: expected UTF-8 text: {error}") from error


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other processes from reading half of what one of them writes; a read-only folder needs no lock."""
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire()
    except OSError as error:
        if error.errno not in _READ_ONLY:
            raise
        logger.info("%s is read-only; reading it without a lock", folder)
        yield
        return
    try:
        yield
    finally:
        lock.release()
