"""Read state dicts from the files that people keep them in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor


def read_state_dict(file: str | Path, strip_prefix: str | None = None) -> dict[str, Tensor]:
    """Read tensors by name from a state dict on disk, onto the CPU.

    Understood are `.safetensors`, whatever `torch.save` wrote (with `weights_only=True`, so no code in the file runs),
    and Lightning checkpoints (the entry `state_dict`). The prefix `module.` that (Distributed)DataParallel puts before
    every key is cut off.

    Args:
        file: Path of the file.
        strip_prefix: Keep only keys with this prefix, and cut it off.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file holds no state dict, or no key has the prefix.
    """
    path = Path(file)
    if not path.is_file():
        raise FileNotFoundError(f"weights file: got {path}; expected an existing .safetensors, .pt, .bin, .th or .ckpt")
    content = load_file(path) if path.suffix == ".safetensors" else torch.load(path, "cpu", weights_only=True)
    tensors = _state_dict_of(content, path)
    if strip_prefix is not None:
        tensors = _with_prefix(tensors, strip_prefix, path)
    if tensors and all(key.startswith("module.") for key in tensors):
        tensors = {key.removeprefix("module."): tensor for key, tensor in tensors.items()}
    return tensors


def _state_dict_of(content: Any, path: Path) -> dict[str, Tensor]:
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not all(isinstance(tensor, Tensor) for tensor in content.values()):
        raise ValueError(
            f"weights file: {path} holds {type(content).__name__}; expected tensors by name (a state dict)"
        )
    return dict(content)


def _with_prefix(tensors: Mapping[str, Tensor], prefix: str, path: Path) -> dict[str, Tensor]:
    kept = {key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)}
    if not kept:
        found = sorted({key.split(".", 1)[0] + "." for key in tensors})
        raise ValueError(
            f'override_weights_strip_prefix: got "{prefix}", but no key in {path} starts with it; '
            f"its keys start with {', '.join(found[:8])}"
        )
    return kept
