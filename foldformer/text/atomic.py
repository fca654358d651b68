"""Write files that are there whole or not at all, and folders that are one's own."""

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foldformer.config import ConfigurationError

_PART = ".part"


@contextmanager
def atomic(target: Path) -> Iterator[Path]:
    """Give a path to write a file or folder to; it takes the target's place when the block ends well.

    The path lies beside the target, in a folder that only this user can open and whose name nobody can foresee, so that
    no link planted there is followed. A process that is killed leaves it behind, and the target as it was; the next one
    removes it.

    Args:
        target: Where the file belongs.
    """
    _remove_parts(target.parent, target.name)
    place = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=_PART, dir=target.parent))
    try:
        part = place / target.name
        yield part
        if target.is_dir():
            remove(target)
        part.replace(target)
    finally:
        remove(place)


def remove_parts(folder: Path) -> None:
    """Delete what processes that were killed have left in a folder."""
    for part in folder.glob(f".*{_PART}"):
        remove(part)


def remove(path: Path) -> None:
    """Delete a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def private_folder(folder: Path, option: str) -> Path:
    """Make a folder that only this user can open, or check that one is this user's.

    Args:
        folder: A cache, for example: what lies in it is believed.
        option: What names another folder, for errors.

    Raises:
        ConfigurationError: It belongs to somebody else, anybody may write to it, or it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.stat()
    except OSError as error:
        raise ConfigurationError(
            f"the cache folder {folder} cannot be made ({error}); set {option} to a folder that can be written"
        ) from error
    if os.name == "nt":  # which has other owners and rights
        return folder
    if state.st_uid not in (os.geteuid(), 0) or (state.st_mode & stat.S_IWOTH):
        raise ConfigurationError(
            f"the cache folder {folder} belongs to user {state.st_uid} and has the rights "
            f"{stat.filemode(state.st_mode)}; expected a folder of your own (user {os.geteuid()}), to which not "
            f"everybody may write; set {option} to one"
        )
    return folder


def _remove_parts(folder: Path, name: str) -> None:
    own = re.compile(rf"\.{re.escape(name)}\.[a-z0-9_]{{8}}\{_PART}")
    for part in folder.glob(f".*{_PART}"):
        if own.fullmatch(part.name):
            remove(part)
