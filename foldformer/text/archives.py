"""Zip and tar archives, taken apart without trusting them."""

import lzma
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from foldformer.text.extraction_limits import ExtractionLimits, FileContentError
from foldformer.text.tar_members import is_tar, read_tar, refusal

__all__ = ["FileContentError", "extract_archive", "is_archive", "list_members"]

_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)
_ENCRYPTED = 1
"""A flag of the members of a zip archive."""
_LONGEST_NAME = 255
_DEEPEST = 64


def is_archive(path: Path) -> bool:
    """Tell by its content whether a file is a zip or a tar archive, compressed or not."""
    return zipfile.is_zipfile(path) or is_tar(path)


def extract_archive(archive: Path, folder: Path) -> None:
    """Extract a whole zip or tar archive; all of it or, where anything is wrong with it, nothing.

    Only regular files and folders come out, with the rights that new files have. How much may come out is said by
    `ExtractionLimits`.

    Args:
        archive: The archive.
        folder: Where its members go; must not exist yet.

    Raises:
        FileContentError: The file is no archive, is damaged or too large, or holds a member that would leave `folder`
            (by an absolute name or by `..`) or that is a link or a device.
    """
    folder.mkdir(parents=True)
    try:
        with _damage_named(archive):
            if zipfile.is_zipfile(archive):
                _extract_zip(archive, folder)
            else:
                _extract_tar(archive, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def list_members(archive: Path) -> list[str]:
    """List the names of the regular files in an archive, in its own order.

    Raises:
        FileContentError: The file is no archive, or is damaged.
    """
    with _damage_named(archive):
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened:
                return [entry.filename for entry in opened.infolist() if not entry.is_dir()]
        return [member.name for member in read_tar(archive) if not member.is_folder]


@contextmanager
def _damage_named(archive: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise FileContentError(
            f"{archive}: got a damaged file or no archive at all ({error}); "
            "expected a zip or tar archive; fetch it again"
        ) from error


def _extract_zip(archive: Path, folder: Path) -> None:
    limits = ExtractionLimits.of(archive)
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            limits.count_member()
            target = _target(entry.filename, folder, archive)
            kind = stat.S_IFMT(entry.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise refusal(entry.filename, archive)
            if entry.flag_bits & _ENCRYPTED:
                raise FileContentError(
                    f'{archive}: got the member "{entry.filename}" behind a password; expected an archive without; '
                    "unpack it yourself"
                )
            if entry.is_dir():
                _make_folder(target, archive)
                continue
            limits.check_next(entry.file_size)
            limits.check_room(entry.file_size, folder)
            with opened.open(entry) as content:
                _write(_counted(content, limits), target, archive)


def _counted(file: IO[bytes], limits: ExtractionLimits) -> Iterator[bytes]:
    while piece := file.read(1 << 20):
        limits.count_bytes(len(piece))
        yield piece


def _extract_tar(archive: Path, folder: Path) -> None:
    limits = ExtractionLimits.of(archive)
    for member in read_tar(archive):
        target = _target(member.name, folder, archive)
        if member.is_folder:
            _make_folder(target, archive)
        else:
            limits.check_room(member.size, folder)
            _write(member.content, target, archive)


def _make_folder(folder: Path, archive: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise refusal(folder.name, archive) from error


def _write(content: Iterable[bytes], target: Path, archive: Path) -> None:
    _make_folder(target.parent, archive)
    if target.is_dir():
        raise refusal(target.name, archive)
    with target.open("wb") as file:
        file.writelines(content)


def _target(name: str, folder: Path, archive: Path) -> Path:
    """Where a member goes, its name checked as text."""
    # Both kinds of path: an archive made on one system is opened on another.
    parts = {*PurePosixPath(name).parts, *PureWindowsPath(name).parts}
    leaves = ".." in parts or PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor
    is_odd = any(ord(each) < 32 or 0xD800 <= ord(each) < 0xE000 for each in name)
    own = PurePosixPath(name).parts
    too_long = len(own) > _DEEPEST or any(len(part.encode(errors="replace")) > _LONGEST_NAME for part in own)
    if leaves or is_odd or too_long:
        raise refusal(name, archive)
    return folder.joinpath(*own)
