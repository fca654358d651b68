"""The HDF5 file of an ELMo's weights, as TensorFlow stored them: read, measured, and turned into torch's order."""

import os
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from foldformer.config import ConfigurationError
from foldformer.config.nearest import show
from foldformer.config.optional import import_optional
from foldformer.nn.elmo.files import local_file
from foldformer.nn.elmo.options import ElmoOptions

Shapes = dict[str, tuple[int, ...]]
"""By name in the file."""


def character_shapes(options: ElmoOptions) -> Shapes:
    """Say what the file has of the character encoder."""
    width = options.num_filters
    shapes: Shapes = {"char_embed": (options.num_characters - 1, options.character_dim)}
    for number, (reach, count) in enumerate(options.filters):
        shapes[f"CNN/W_cnn_{number}"] = (1, reach, options.character_dim, count)
        shapes[f"CNN/b_cnn_{number}"] = (count,)
    for number in range(options.num_highways):
        for part in ("transform", "carry"):
            shapes[f"CNN_high_{number}/W_{part}"] = (width, width)
            shapes[f"CNN_high_{number}/b_{part}"] = (width,)
    return shapes | {"CNN_proj/W_proj": (width, options.projection_dim), "CNN_proj/b_proj": (options.projection_dim,)}


def cell_name(direction: int, layer: int) -> str:
    """Name the group of an LSTM's weights: direction 0 reads forwards, 1 backwards."""
    return f"RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell"


def lstm_shapes(input_dim: int, hidden_dim: int, cell_dim: int, num_layers: int) -> Shapes:
    """Say what the file has of the recurrent layers."""
    shapes: Shapes = {}
    for direction in range(2):
        for layer in range(num_layers):
            name = cell_name(direction, layer)
            width = hidden_dim + (hidden_dim if layer else input_dim)
            shapes |= {f"{name}/W_0": (width, 4 * cell_dim), f"{name}/B": (4 * cell_dim,)}
            shapes[f"{name}/W_P_0"] = (cell_dim, hidden_dim)
    return shapes


def check_weights(weight_file: str | os.PathLike[str], shapes: Shapes) -> None:
    """Check that a file has weights of these names and shapes, before room is made for them.

    Raises:
        ConfigurationError: As `read_weights`.
    """
    with _Opened(weight_file) as opened:
        for name, shape in shapes.items():
            opened.find(name, shape)


def read_weights(weight_file: str | os.PathLike[str], shapes: Shapes) -> dict[str, Tensor]:
    """Read weights.

    Args:
        weight_file: An HDF5 file: path or URL.
        shapes: What to read, and how large it must be.

    Returns:
        float32, by name.

    Raises:
        ConfigurationError: There is no such file, it is no HDF5, or it lacks something, or has it in another shape.
        MissingPackageError: h5py is not installed.
    """
    with _Opened(weight_file) as opened:
        return {name: torch.from_numpy(opened.find(name, shape)[...]).float() for name, shape in shapes.items()}


def torch_gates(values: Tensor) -> Tensor:
    """Put the gates of an LSTM into torch's order: input, forget, memory, output, where TensorFlow has memory second.

    Args:
        values: (4 * cell_dim, ...)
    """
    entering, memory, forget, leaving = values.chunk(4)
    return torch.cat([entering, forget, memory, leaving])


@torch.no_grad()
def put(parameters: Mapping[str, Tensor], module: torch.nn.Module) -> None:
    """Copy weights into parameters of a module, by their names there."""
    for name, values in parameters.items():
        module.get_parameter(name).copy_(values)


class _Opened:
    """An open file of weights."""

    def __init__(self, weight_file: str | os.PathLike[str]) -> None:
        self._h5py: Any = import_optional("h5py", extra="elmo")
        self._name = os.fspath(weight_file)
        path = local_file("weight_file", self._name)
        try:
            self._file = self._h5py.File(path, "r")
        except OSError as error:
            raise ConfigurationError(
                f'weight_file: got "{self._name}"; expected an HDF5 file of ELMo weights: {error}'
            ) from error

    def __enter__(self) -> "_Opened":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def find(self, name: str, shape: tuple[int, ...]) -> Any:
        """Find an array of the file itself: links to others would read whatever the file's author likes."""
        found = self._file
        for part in name.split("/"):
            link = found.get(part, getlink=True) if isinstance(found, self._h5py.Group) else None
            found = found[part] if isinstance(link, self._h5py.HardLink) else None
        what = f"an array of shape {shape}, as the options say"
        if not isinstance(found, self._h5py.Dataset) or found.is_virtual or found.external:
            raise self._error(f"got no {show(name)}", what)
        if found.shape != shape or found.dtype.kind != "f":
            raise self._error(f"{name}: got {found.dtype} of shape {found.shape}", what)
        return found

    def _error(self, got: str, expected: str) -> ConfigurationError:
        return ConfigurationError(f"weight_file: {self._name}: {got}; expected {expected}")
