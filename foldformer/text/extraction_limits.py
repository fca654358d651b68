"""How much may come out of an archive, and how large one record of a file may be."""

import os
import shutil
from pathlib import Path

from foldformer.config import ConfigurationError

VARIABLE = "FOLDFORMER_MAX_EXTRACTED_GB"
_MEMBERS = 1_000_000
_BYTES = 64 * 10**9
_RATIO = 250
_UNCHECKED_BYTES = 256 * 10**6
"""Below this size nobody minds how well something was compressed."""
RECORD_VARIABLE = "FOLDFORMER_MAX_RECORD_MB"
_RECORD_BYTES = 128 * 10**6


class FileContentError(ValueError):
    """A file does not hold what it should; the message begins with its path, and with the line where there is one."""


class ExtractionLimits:
    """Counts what comes out of one archive, and stops it where that is too much.

    By default an archive may hold a million members and 64 GB, and beyond 256 MB no more than 250 times its own size.
    `FOLDFORMER_MAX_EXTRACTED_GB` in the environment sets the bytes, and takes the place of the ratio.

    Args:
        archive: The archive, for errors.
        max_bytes: Bytes that may come out of it.
        because: What the bound comes from.
    """

    def __init__(self, archive: Path, max_bytes: int, because: str) -> None:
        self._archive = archive
        self._max_bytes = max_bytes
        self._because = because
        self._bytes = 0
        self._members = 0

    @classmethod
    def of(cls, archive: Path) -> "ExtractionLimits":
        """The limits of one archive.

        Raises:
            ConfigurationError: The environment variable holds no number above 0.
        """
        asked = _asked(VARIABLE, "gigabytes")
        if asked is None:
            by_ratio = max(_UNCHECKED_BYTES, _RATIO * archive.stat().st_size)
            why = f"{_RATIO} times its own size" if by_ratio < _BYTES else "the default"
            return cls(archive, min(_BYTES, by_ratio), why)
        return cls(archive, int(asked * 1e9), VARIABLE)

    def count_member(self) -> None:
        """Count one more member."""
        self._members += 1
        if self._members > _MEMBERS:
            raise FileContentError(f"{self._archive}: got more than {_MEMBERS:,} members; unpack it yourself")

    def count_bytes(self, count: int) -> None:
        """Count bytes that came out."""
        self.check_next(count)
        self._bytes += count

    def check_next(self, size: int) -> None:
        """Check a size before it is believed."""
        if self._bytes + size > self._max_bytes:
            raise FileContentError(
                f"{self._archive}: got more than {self._max_bytes / 1e9:.3g} GB in it; expected no more "
                f"({self._because}); if you trust it, set {VARIABLE}"
            )

    def check_room(self, size: int, folder: Path) -> None:
        """Check that the disk has room for a member."""
        free = shutil.disk_usage(folder).free
        if size > free:
            raise FileContentError(
                f"{self._archive}: holds {size / 1e9:.1f} GB more, and {folder} has {free / 1e9:.1f} GB left; "
                "make room, or set TMPDIR to another disk"
            )


def max_record_bytes() -> int:
    """The most that one record may hold: a line, a row, a page of a Parquet file, or a file that is one document.

    128 MB, or the megabytes in `FOLDFORMER_MAX_RECORD_MB`.

    Raises:
        ConfigurationError: The environment variable holds no number above 0.
    """
    asked = _asked(RECORD_VARIABLE, "megabytes")
    return _RECORD_BYTES if asked is None else max(1, int(asked * 1e6))


def max_unfolded_bytes(stored: int) -> int:
    """The most that may come out of so many compressed bytes of a file."""
    return max(max_record_bytes(), _RATIO * stored)


def too_large(place: str, what: str) -> FileContentError:
    """The error of a record that is larger than `max_record_bytes`."""
    return FileContentError(
        f"{place}: got {what} of more than {max_record_bytes() / 1e6:.6g} MB; expected no more in one record; "
        f"if you trust the file, set {RECORD_VARIABLE}"
    )


def _asked(variable: str, unit: str) -> float | None:
    asked = os.environ.get(variable)
    if asked is None:
        return None
    try:
        size = float(asked)
    except ValueError:
        size = 0.0
    if not 0 < size < 1e9:
        raise ConfigurationError(f'{variable}: got "{asked}"; expected a number of {unit} above 0')
    return size
