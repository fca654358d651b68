"""What tells the cached vectors of one document apart from all others."""

import hashlib
from importlib.metadata import version
from typing import Any

import torch
from transformers import PretrainedConfig, PreTrainedModel

from embedders.folded_batch import FoldedBatch
from foldformer.engine.probing import attention_of
from foldformer.engine.transformer_facts import dtype_of


def cache_keys(
    batch: FoldedBatch, transformer: PreTrainedModel, config: PretrainedConfig, weights: Any, folding: tuple[Any, ...]
) -> list[bytes]:
    """Return a key of each document: of its content, the weights, and how vectors are made.

    Args:
        batch: The documents.
        transformer: What runs.
        config: Of the whole transformer.
        weights: Tells weights apart.
        folding: Tells ways to fold and stitch apart.
    """
    device = batch.token_ids.device.type
    how = (
        weights,
        type(transformer).__name__,
        str(dtype_of(transformer)),
        {key: value for key, value in config.to_dict().items() if key != "_name_or_path"},
        attention_of(config),
        *folding,
        (device, torch.is_autocast_enabled(device) and str(torch.get_autocast_dtype(device))),
        [version(name) for name in ("foldformer", "torch", "transformers")],
    )
    prefix = hashlib.blake2b(repr(how).encode(), digest_size=16).digest()
    return [hashlib.blake2b(prefix + content, digest_size=16).digest() for content in batch.contents()]
