"""Open an archive: a configuration, a model with its weights, and the readers of its data."""

import json
import os
import pickle
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from foldformer.config import ConfigurationError, Params
from foldformer.config.nearest import show
from foldformer.config.trust import archives_trusted, built_from
from foldformer.data import DatasetReader
from foldformer.models import Model
from foldformer.text import Vocabulary
from foldformer.text.archives import FileContentError, extract_archive
from foldformer.text.files import cached_path
from foldformer.text.pretrained_copies import copies_in_use
from foldformer.text.weight_files import read_state_dict
from foldformer.training.archives.names import (
    ARCHIVE,
    BEST_WEIGHTS,
    CONFIG,
    LEGACY_WEIGHTS,
    META,
    VOCABULARY,
    WEIGHTS,
)
from foldformer.training.archives.pretrained_folder import find_pretrained_copies
from foldformer.training.archives.weights import put_weights

# What a training needs and a trained model has no use for.
_TRAINING_ONLY = ("pretrained_file", "initializer")


@dataclass(frozen=True)
class Archive:
    """A trained model and the experiment it comes from.

    Args:
        model: In evaluation mode.
        config: The experiment.
        dataset_reader: Reads training data.
        validation_dataset_reader: Reads validation data; often the same.
        meta: What made the archive.
    """

    model: Model
    config: Params
    dataset_reader: DatasetReader
    validation_dataset_reader: DatasetReader
    meta: Mapping[str, Any]

    def extract_module(self, path: str, freeze: bool = True) -> torch.nn.Module:
        """Take a module out of the model.

        Args:
            path: Its name, for instance `_text_field_embedder`.
            freeze: Whether its parameters are not trained any more.

        Raises:
            ConfigurationError: The model has no such module.
        """
        modules = dict(self.model.named_modules())
        if path not in modules:
            top = ", ".join(name for name, _ in self.model.named_children())
            raise ConfigurationError(f"path: got {path!r}; expected the name of a module, beginning with one of {top}")
        module: torch.nn.Module = modules[path]
        for parameter in module.parameters():
            parameter.requires_grad_(not freeze)
        return module


def load_archive(
    archive_file: str | os.PathLike[str],
    cuda_device: int = -1,
    overrides: str | Mapping[str, Any] = "",
    weights_file: str | os.PathLike[str] | None = None,
    *,
    trust: bool = False,
) -> Archive:
    """Load an archive of ours or of AllenNLP 2, or a training folder.

    Neither the hub nor original weights are asked for, unless the archive is AllenNLP's: that has no tokenizer, so that
    its pretrained names must be found here.

    Args:
        archive_file: Path or URL of `model.tar.gz`, or a training folder.
        cuda_device: Number of the GPU to put the model on; -1 is the processor.
        overrides: Changes to the configuration: dotted keys and new values.
        weights_file: Weights to load in place of those in the archive.
        trust: Whether the archive may ask for remote code, other archives, URLs, and classes of packages that nobody
            included.

    Raises:
        ConfigurationError: The archive is damaged, hostile or incomplete, or its weights do not fit its configuration.
    """
    trusted = archives_trusted(trust=trust)
    with trusted, opened_archive(archive_file) as folder, copies_in_use(find_pretrained_copies(folder)):
        archive = build_archive(folder, overrides, weights_file, str(archive_file))
    archive.model.to(torch.device("cpu" if cuda_device < 0 else f"cuda:{cuda_device}"))
    return archive


def build_archive(
    folder: Path, overrides: str | Mapping[str, Any], weights_file: str | os.PathLike[str] | None, source: str
) -> Archive:
    """Build what an opened archive describes, on the processor and with its weights.

    Args:
        folder: The files of the archive.
        overrides: Changes to the configuration: dotted keys and new values.
        weights_file: Weights to load in place of those in the archive.
        source: The archive, for errors.

    Raises:
        ConfigurationError: The archive is incomplete, or its weights do not fit its configuration.
    """
    config = _read_config(folder, overrides)
    readers = _build_readers(config, folder)
    model = _build_model(config, folder)
    weights = _find_weights(folder) if weights_file is None else Path(weights_file)
    put_weights(model, _read_weights(weights), f"{source}: {weights.name}")
    return Archive(model.eval(), config, *readers, _read_meta(folder))


@contextmanager
def opened_archive(archive_file: str | os.PathLike[str]) -> Iterator[Path]:
    """Give the folder of an archive's files: a temporary one, or the training folder itself.

    Raises:
        ConfigurationError: The archive is damaged or hostile.
    """
    try:
        path = Path(cached_path(archive_file))
    except (FileNotFoundError, FileContentError) as error:
        raise ConfigurationError(f"archive: {error}") from error
    packed = path / ARCHIVE if path.is_dir() else path
    if path.is_dir() and (not packed.exists() or ((path / CONFIG).exists() and _has_weights(path))):
        with built_from(str(archive_file)):
            yield path
        return
    with tempfile.TemporaryDirectory(prefix="foldformer-archive-") as temporary:
        try:
            extract_archive(packed, Path(temporary) / "archive")
        except FileContentError as error:
            raise ConfigurationError(f"archive: {error}; expected a whole {ARCHIVE}: {packed}") from error
        with built_from(str(archive_file)):
            yield Path(temporary) / "archive"


def _read_config(folder: Path, overrides: str | Mapping[str, Any]) -> Params:
    if not (folder / CONFIG).is_file():
        names = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
        raise ConfigurationError(f"archive: got {names}; expected {CONFIG}, {WEIGHTS} and {VOCABULARY}/")
    # A configuration was evaluated before it was written; what is Jsonnet in it now was put there to read local files.
    return Params.from_plain_json(folder / CONFIG, overrides)


def _build_readers(config: Params, folder: Path) -> tuple[DatasetReader, DatasetReader]:
    if "dataset_reader" not in config:
        raise ConfigurationError("archive: config.json has no dataset_reader, so its data cannot be read")
    block = config["dataset_reader"]
    validation_block = config.get("validation_dataset_reader")
    reader = DatasetReader.from_params(block, serialization_dir=str(folder))
    if validation_block is None:
        return reader, reader
    return reader, DatasetReader.from_params(validation_block, serialization_dir=str(folder))


def _build_model(config: Params, folder: Path) -> Model:
    block = config.get("model")
    if block is None:
        raise ConfigurationError("archive: config.json has no model")
    if isinstance(block, Params):
        block = Params(_without(block.as_dict(quiet=True), _TRAINING_ONLY), block.history)
    return Model.from_params(block, vocab=_load_vocabulary(config, folder), serialization_dir=str(folder))


def _load_vocabulary(config: Params, folder: Path) -> Vocabulary:
    block = config.get("vocabulary")
    options = block if isinstance(block, Params) else Params({})
    name = options.get("type") or Vocabulary.list_available()[0]
    kind = Vocabulary.resolve_class_name(name)[0] if isinstance(name, str) else type(name)
    if not issubclass(kind, Vocabulary):
        raise ConfigurationError(f"vocabulary.type: got {show(name)}; expected a vocabulary")
    tokens = {key: options[key] for key in ("padding_token", "oov_token") if key in options}
    for key, token in tokens.items():
        if not isinstance(token, str):
            raise ConfigurationError(f"vocabulary.{key}: got {show(token)}; expected a string")
    return kind.from_files(folder / VOCABULARY, **tokens)


def _without(value: Any, keys: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _without(item, keys) for key, item in value.items() if key not in keys}
    return value


def _has_weights(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (WEIGHTS, BEST_WEIGHTS, *LEGACY_WEIGHTS))


def _find_weights(folder: Path) -> Path:
    for name in (WEIGHTS, BEST_WEIGHTS, *LEGACY_WEIGHTS):
        if (folder / name).is_file():
            return folder / name
    raise ConfigurationError(f"archive: got no weights; expected {WEIGHTS}, or {LEGACY_WEIGHTS[0]} in an older one")


def _read_weights(file: Path) -> dict[str, torch.Tensor]:
    try:
        return read_state_dict(file)
    except (OSError, ValueError, RuntimeError, EOFError, pickle.UnpicklingError, SafetensorError) as error:
        first = str(error).strip().split("\n", 1)[0]
        raise ConfigurationError(
            f"archive: {file.name} cannot be read: {first}; expected tensors by name and nothing else; "
            "the file is damaged, or holds code, which is never run"
        ) from error


def _read_meta(folder: Path) -> dict[str, Any]:
    if not (folder / META).is_file():
        return {}
    try:
        meta = json.loads((folder / META).read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return {}
    return meta if isinstance(meta, dict) else {}
