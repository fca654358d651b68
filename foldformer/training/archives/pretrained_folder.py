"""Save the tokenizers and transformer configurations that an experiment names, and find them again."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from foldformer.config import ConfigurationError
from foldformer.text.files import cached_path
from foldformer.text.pretrained import load_config, load_tokenizer
from foldformer.text.pretrained_copies import COPIED_FILE, files_asked_for, names_asked_for
from foldformer.training.archives.names import PRETRAINED, PRETRAINED_NAMES

# The blocks from which a reader and a model are built again.
_BLOCKS = ("dataset_reader", "validation_dataset_reader", "model", "vocabulary")


def save_pretrained_copies(config: Mapping[str, Any], folder: Path) -> None:
    """Save a tokenizer and a configuration for every pretrained name in an experiment, and the small files it names.

    Names are those strings in the configuration from which this process has loaded something.

    Args:
        config: The experiment.
        folder: The training folder; the copies go below `pretrained/`.
    """
    asked_for, files = names_asked_for(), files_asked_for()
    strings = {text for block in _BLOCKS for text in _strings(config.get(block))}
    names = sorted(strings & (asked_for.keys() | files))
    root = folder / PRETRAINED
    for number, name in enumerate(names):
        if name in files:
            (root / str(number)).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(cached_path(name), root / str(number) / COPIED_FILE)
            continue
        source = asked_for[name]
        load_config(name, **source).save_pretrained(root / str(number))
        load_tokenizer(name, **source).save_pretrained(root / str(number))
    if names:
        numbers = {name: str(number) for number, name in enumerate(names)}
        (root / PRETRAINED_NAMES).write_text(json.dumps(numbers, indent=2), encoding="utf-8")


def find_pretrained_copies(folder: Path) -> dict[str, Path]:
    """List the copies in a training folder or an extracted archive by the name of what they are copies of.

    Raises:
        ConfigurationError: The list of copies is damaged.
    """
    index = folder / PRETRAINED / PRETRAINED_NAMES
    if not index.is_file():
        return {}
    try:
        numbers = json.loads(index.read_text(encoding="utf-8"))
        copies = {str(name): folder / PRETRAINED / str(int(number)) for name, number in numbers.items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigurationError(f"{index}: got no list of copies by name; the archive is damaged: {error}") from error
    return copies


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
