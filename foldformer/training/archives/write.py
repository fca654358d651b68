"""Pack a training folder into an archive."""

import json
import os
import tarfile
from collections.abc import Sequence
from pathlib import Path

import foldformer
from foldformer.config import ConfigurationError
from foldformer.config.nearest import one_of, show
from foldformer.text.atomic import atomic
from foldformer.training.archives.names import (
    ARCHIVE,
    BEST_WEIGHTS,
    CONFIG,
    META,
    PRETRAINED,
    RESERVED,
    VOCABULARY,
    WEIGHTS,
)
from foldformer.training.errors import wrong_at


def archive_model(
    serialization_dir: str | os.PathLike[str],
    weights: str = BEST_WEIGHTS,
    archive_path: str | os.PathLike[str] | None = None,
    include_in_archive: Sequence[str] | None = None,
) -> Path:
    """Pack configuration, weights, vocabulary and copies of what is pretrained into `model.tar.gz`.

    The archive is whole or, if this is interrupted, not there or the old one.

    Args:
        serialization_dir: The training folder.
        weights: The file of weights in it.
        archive_path: The archive, or the folder for it; the training folder by default.
        include_in_archive: More files to pack: names or globs below the training folder.

    Returns:
        The archive.

    Raises:
        ConfigurationError: There are no weights yet, or `include_in_archive` names something that is packed anyway or
            that lies elsewhere.
    """
    folder = Path(serialization_dir)
    check_include_in_archive(include_in_archive)
    if not (folder / weights).is_file():
        raise ConfigurationError(f"{folder}: got no {weights}; expected the weights of an epoch: train at least one")
    target = folder / ARCHIVE if archive_path is None else Path(archive_path)
    target = target / ARCHIVE if target.is_dir() else target
    with atomic(target) as part, tarfile.open(part, "w:gz", compresslevel=1, dereference=True) as archive:
        archive.add(folder / CONFIG, CONFIG)
        archive.add(folder / weights, WEIGHTS)
        for name in (VOCABULARY, PRETRAINED, META):
            if (folder / name).exists():
                archive.add(folder / name, name)
        for pattern in include_in_archive or ():
            for file in sorted(folder.glob(pattern)):
                archive.add(file, str(file.relative_to(folder)))
    return target


def write_meta(folder: Path) -> None:
    """Note in a training folder what made it."""
    (folder / META).write_text(json.dumps({"foldformer": foldformer.__version__}) + "\n", encoding="utf-8")


def check_include_in_archive(names: Sequence[str] | None) -> None:
    """Make sure that the extra files are no others than extra files.

    Raises:
        ConfigurationError: A name is packed anyway, or leaves the training folder.
    """
    for number, name in enumerate(names or ()):
        path = Path(name)
        if name in RESERVED or path.is_absolute() or ".." in path.parts:
            raise wrong_at(
                f"include_in_archive.{number}",
                f"got {show(name)}; expected a name or a glob below the output folder, "
                f"and none of {one_of(RESERVED)}, which are packed anyway",
            )
