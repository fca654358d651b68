"""Write files that are there whole or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic(target: Path) -> Iterator[Path]:
    """Give a path beside a file, or folder, to write to; it takes the target's place when the block ends well.

    A process that is killed leaves the path behind and the target as it was.

    Args:
        target: Where the file belongs.
    """
    part = part_of(target)
    remove(part)
    try:
        yield part
        if target.is_dir():
            remove(target)
        part.replace(target)
    finally:
        remove(part)


def part_of(target: Path) -> Path:
    """Where `atomic` has a file written."""
    return target.with_name(f".{target.name}.part")


def remove_parts(folder: Path) -> None:
    """Delete what processes that were killed have left in a folder."""
    for part in folder.glob(".*.part"):
        remove(part)


def remove(path: Path) -> None:
    """Delete a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
