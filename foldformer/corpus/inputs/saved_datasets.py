"""Folders that Hugging Face datasets made by `save_to_disk`: Arrow files, and what says which of them count.

state.json          lists the files of a dataset; others beside them are caches
dataset_info.json
data-00000-of-00001.arrow
"""

import json
from collections.abc import Sequence
from pathlib import Path

_STATE = "state.json"
_INFO = "dataset_info.json"
_SPLITS = "dataset_dict.json"


def without_state_of_datasets(paths: Sequence[Path]) -> list[Path]:
    """Leave out the files of saved datasets that hold no rows of theirs.

    Args:
        paths: All files below a folder.
    """
    here = set(paths)
    states = {path.parent: _data_files(path) for path in paths if path.name == _STATE and path.parent / _INFO in here}
    lists = {folder.parent / _SPLITS for folder in states}
    return [
        path for path in paths if (path.name in states[path.parent] if path.parent in states else path not in lists)
    ]


def _data_files(state: Path) -> set[str]:
    try:
        data = json.loads(state.read_bytes())
        return {str(each["filename"]) for each in data["_data_files"]}
    except (ValueError, KeyError, TypeError, OSError):  # somebody else's file of that name
        return {path.name for path in state.parent.iterdir()}
