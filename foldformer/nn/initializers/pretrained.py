"""Take values from the weights of another model."""

import tempfile
from pathlib import Path
from typing import Any

import torch
from overrides import overrides
from torch import Tensor

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean
from foldformer.nn.initializers.initializer import Initializer
from foldformer.text.archives import extract_archive
from foldformer.text.tar_members import is_tar
from foldformer.text.weight_files import read_state_dict

ARCHIVED_WEIGHTS = ("weights.safetensors", "weights.th")


@Initializer.register("pretrained")
class PretrainedModelInitializer(Initializer):
    """Copy a parameter of the same name, or of the name given for it, from a file of weights or a model archive."""

    def __init__(self, weights_file_path: str, parameter_name_overrides: dict[str, str] | None = None) -> None:
        """Read the weights.

        Args:
            weights_file_path: A state dict, or a `model.tar.gz`.
            parameter_name_overrides: Name in the file by name in the new model, where they differ.

        Raises:
            ConfigurationError: The file does not exist or holds no weights.
        """
        self._file = weights_file_path
        self._names = parameter_name_overrides or {}
        self._weights = _read_weights(Path(weights_file_path))

    @torch.no_grad()
    @overrides
    def __call__(self, tensor: Tensor, parameter_name: str = "", **_: Any) -> None:
        """Copy one parameter.

        Raises:
            ConfigurationError: The file has no such parameter, or one of another shape.
        """
        name = self._names.get(parameter_name, parameter_name)
        if name not in self._weights:
            raise ConfigurationError(
                f'initializer of {parameter_name}: {self._file} has no "{name}"; '
                f"it has {', '.join(sorted(self._weights)[:8])}{did_you_mean(name, self._weights)}"
            )
        source = self._weights[name]
        if source.shape != tensor.shape:
            raise ConfigurationError(
                f'initializer of {parameter_name}: "{name}" in {self._file} has shape {tuple(source.shape)}; '
                f"expected {tuple(tensor.shape)}"
            )
        tensor.copy_(source)


def _read_weights(path: Path) -> dict[str, Tensor]:
    try:
        return _read_archived_weights(path) if path.is_file() and is_tar(path) else read_state_dict(path)
    except (FileNotFoundError, ValueError) as error:
        raise ConfigurationError(f"weights_file_path: {error}") from error


def _read_archived_weights(path: Path) -> dict[str, Tensor]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "archive"
        extract_archive(path, folder)
        for name in ARCHIVED_WEIGHTS:
            if (folder / name).is_file():
                return read_state_dict(folder / name)
    raise ValueError(f"{path} is an archive without {' or '.join(ARCHIVED_WEIGHTS)}")
