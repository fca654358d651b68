"""Zip and tar archives, taken apart without trusting them."""

import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

_DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError)


_ENCRYPTED = 1
"""A flag of the members of a zip archive."""


class FileContentError(ValueError):
    """A file does not hold what it should; the message begins with its path, and with the line where there is one."""


def is_archive(path: Path) -> bool:
    """Tell by its content whether a file is a zip or a tar archive, compressed or not."""
    return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)


def extract_archive(archive: Path, folder: Path) -> None:
    """Extract a whole zip or tar archive; all of it or, where anything is wrong with it, nothing.

    Args:
        archive: The archive.
        folder: Where its members go; must not exist yet.

    Raises:
        FileContentError: The file is no archive, is damaged, or holds a member that would leave `folder` (by an
            absolute name, by `..`, or by a link) or that is a device.
    """
    folder.mkdir(parents=True)
    try:
        with _damage_named(archive):
            if zipfile.is_zipfile(archive):
                _extract_zip(archive, folder)
            else:
                _extract_tar(archive, folder)
    except (FileContentError, OSError):
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
        with tarfile.open(archive) as tar:
            return [member.name for member in tar if member.isfile()]


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
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            _check_name(entry.filename, archive)
            if entry.flag_bits & _ENCRYPTED:
                raise FileContentError(
                    f'{archive}: got the member "{entry.filename}" behind a password; expected an archive without; '
                    "unpack it yourself"
                )
        opened.extractall(folder)


def _extract_tar(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as opened:
        members = opened.getmembers()
        for member in members:
            _check_name(member.name, archive)
            try:
                tarfile.data_filter(member, str(folder))
            except tarfile.FilterError as error:
                raise _refusal(member.name, archive) from error
        opened.extractall(folder, members, filter="data")


def _check_name(name: str, archive: Path) -> None:
    # Both kinds of path: an archive made on one system is opened on another.
    parts = {*PurePosixPath(name).parts, *PureWindowsPath(name).parts}
    if ".." in parts or PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor:
        raise _refusal(name, archive)


def _refusal(name: str, archive: Path) -> FileContentError:
    return FileContentError(
        f'{archive}: got the member "{name}", which would leave the extraction folder or is no ordinary file; '
        "expected files and folders below it; nothing was extracted, the archive may be hostile"
    )
