"""Write a model's weights, and put weights from a file into a model."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from foldformer.config import ConfigurationError
from foldformer.text.atomic import atomic

# Buffers that transformers 4 kept in state dicts and transformers 5 derives.
_RETIRED = re.compile(r"(^|\.)(position_ids|attn\.bias|attn\.masked_bias|embeddings\.token_type_ids)$")
_MOST_KEYS = 6


def save_weights(state: Mapping[str, Tensor], file: Path) -> None:
    """Write a state dict as safetensors; the file is whole or, if this is interrupted, not there or the old one.

    Args:
        state: Tensors by name, on any device; several names of one tensor are written out each.
        file: Where to.
    """
    seen: set[int] = set()
    tensors = {}
    for name, tensor in state.items():
        plain = tensor.detach().cpu().contiguous()
        # safetensors refuses memory that two names share: tied weights.
        storage = plain.untyped_storage().data_ptr()
        tensors[name] = plain.clone() if storage in seen else plain
        seen.add(storage)
    with atomic(file) as part:
        save_file(tensors, part)


def put_weights(model: nn.Module, state: Mapping[str, Tensor], source: str) -> None:
    """Load a state dict into a model.

    Buffers that older versions of transformers saved are dropped. A key that is missing is forgiven where a module's
    `authorized_missing_keys`, regular expressions over the keys below it, say so.

    Args:
        model: What to load into.
        state: Tensors by name.
        source: Where they come from, for errors.

    Raises:
        ConfigurationError: The tensors are not those of the model; says which are missing, unknown, or of another
            shape.
    """
    own = model.state_dict()
    wanted = {key: tensor for key, tensor in state.items() if key in own or not _RETIRED.search(key)}
    missing = sorted(_unforgiven(model, own.keys() - wanted.keys()))
    unknown = sorted(wanted.keys() - own.keys())
    misfits = [
        f"{key} {tuple(wanted[key].shape)} for {tuple(tensor.shape)}"
        for key, tensor in own.items()
        if key in wanted and tensor.shape != wanted[key].shape
    ]
    if missing or unknown or misfits:
        raise ConfigurationError(
            f"{source}: the weights do not fit {type(model).__name__}: missing {_some(missing)}; "
            f"unknown {_some(unknown)}; of another shape {_some(misfits)}. "
            "Were they trained with this configuration and this vocabulary?"
        )
    with torch.no_grad():
        model.load_state_dict(dict(wanted), strict=False)


def _unforgiven(model: nn.Module, missing: Iterable[str]) -> set[str]:
    left = set(missing)
    for prefix, module in model.named_modules():
        for pattern in getattr(type(module), "authorized_missing_keys", None) or ():
            start = f"{prefix}." if prefix else ""
            left -= {key for key in left if key.startswith(start) and re.search(pattern, key.removeprefix(start))}
    return left


def _some(keys: Sequence[str]) -> str:
    rest = f" and {len(keys) - _MOST_KEYS} more" if len(keys) > _MOST_KEYS else ""
    return ", ".join(keys[:_MOST_KEYS]) + rest if keys else "none"
