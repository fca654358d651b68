"""The training folder: made new, emptied, or gone on with."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foldformer.config import ConfigurationError, Params
from foldformer.config.diff import ABSENT, diff
from foldformer.config.nearest import show
from foldformer.training.archives.names import CONFIG
from foldformer.training.distributed import is_primary

_MOST_DIFFERENCES = 10
# What may be added to a training that goes on, without making it another one.
_HARMLESS = ("trainer.num_epochs", "trainer.patience", "trainer.checkpointer", "trainer.callbacks", "evaluate_on_test")


def prepare_folder(folder: Path, config: Params, *, recover: bool, force: bool) -> None:
    """Make the training folder and write the evaluated configuration into it.

    In a run of several processes only the first one does anything.

    Args:
        folder: The folder.
        config: The experiment.
        recover: Go on with the training that is in the folder.
        force: Delete what is in the folder.

    Raises:
        ConfigurationError: The folder holds something and neither `recover` nor `force` is given, or both are, or
            there is nothing to go on with, or the folder is that of another experiment.
    """
    if recover and force:
        raise ConfigurationError("--recover and --force: got both; expected one: go on with a training, or delete it")
    if not is_primary():
        return
    is_filled = folder.is_dir() and any(folder.iterdir())
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(f"{folder}: got a file; expected a folder, or none yet")
    if recover:
        _check_same_experiment(folder, config)
    elif is_filled and not force:
        raise ConfigurationError(
            f"{folder}: got a folder that holds something; expected a new one: give another after -s, go on with what "
            "is in it (--recover), or delete it (--force)"
        )
    elif is_filled:
        _empty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    config.to_file(folder / CONFIG)


def _empty(folder: Path) -> None:
    home_or_root = folder.resolve() in (Path.home().resolve(), Path(folder.resolve().anchor), Path.cwd().resolve())
    if home_or_root or not (folder / CONFIG).is_file():
        raise ConfigurationError(
            f"{folder}: --force deletes training folders only, and this has no {CONFIG}; delete it yourself"
        )
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _check_same_experiment(folder: Path, config: Params) -> None:
    file = folder / CONFIG
    if not file.is_file():
        raise ConfigurationError(f"--recover: {folder} has no {CONFIG}; expected the folder of a training that stopped")
    old = json.loads(file.read_text(encoding="utf-8"))
    differences = [each for each in diff(old, _plain(config)) if not each.path.startswith(_HARMLESS)]
    if differences:
        lines = [f"  {each.path}: was {_shown(each.left)}, is {_shown(each.right)}" for each in differences]
        more = [f"  and {len(lines) - _MOST_DIFFERENCES} more"] if len(lines) > _MOST_DIFFERENCES else []
        raise ConfigurationError(
            "\n".join(
                [
                    f"--recover: {folder} is the training of another configuration:",
                    *lines[:_MOST_DIFFERENCES],
                    *more,
                    "Give the old configuration, or a new folder after -s.",
                ]
            )
        )


def _plain(config: Params) -> Mapping[str, Any]:
    plain: Mapping[str, Any] = json.loads(json.dumps(config.as_dict(quiet=True)))
    return plain


def _shown(value: Any) -> str:
    return "absent" if value is ABSENT else show(value)
