"""What an embedder must know of a transformer before it runs, whatever the architecture."""

import sys
from collections.abc import Iterator
from inspect import signature
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

_POSITION_TABLES = ("position_embeddings", "embed_positions", "wpe", "position_embedding")


def weights_of(module: nn.Module) -> Iterator[Tensor]:
    """Yield the parameters of a module, or the copies that a replica of `DataParallel` has in their place."""
    for part in module.modules():
        copies = part.__dict__.get("_former_parameters", {})
        yield from (weight for weight in (*part._parameters.values(), *copies.values()) if weight is not None)


def is_trainable(module: nn.Module) -> bool:
    """Tell whether any weight of a module gets gradients."""
    return any(weight.requires_grad for weight in weights_of(module))


def dtype_of(transformer: nn.Module) -> torch.dtype:
    """Return the dtype that a transformer computes in."""
    return next(weight.dtype for weight in weights_of(transformer) if weight.is_floating_point())


def num_ids(transformer: PreTrainedModel) -> int:
    """Return how many wordpieces a transformer tells apart."""
    embeddings = embedding_matrix(transformer) or _table_of_vocabulary(transformer)
    if embeddings is None:
        return sys.maxunicode + 1
    # I-BERT's is no `nn.Embedding`
    return int(getattr(embeddings, "num_embeddings", None) or len(embeddings.weight))


def embedding_matrix(transformer: PreTrainedModel) -> Any | None:
    """Return the module that holds the wordpieces' vectors.

    None where there is none: CANINE hashes characters of all Unicode, and images have patches in its place.
    """
    try:
        found: Any = transformer.get_input_embeddings()
    except (NotImplementedError, AttributeError):
        return None
    return found if isinstance(getattr(found, "weight", None), Tensor) else None


def _table_of_vocabulary(transformer: PreTrainedModel) -> nn.Embedding | None:
    """Return the wordpieces' vectors where transformers does not know its own: SAM 3's light text encoder."""
    num_rows = getattr(transformer.config, "vocab_size", None)
    tables = (part for part in transformer.modules() if isinstance(part, nn.Embedding))
    return next((table for table in tables if table.num_embeddings == num_rows), None)


def positions_counted_from(transformer: PreTrainedModel) -> int | None:
    """Return the padding id from which RoBERTa and its kin count positions; None for those that start from 0."""
    table = _position_table(transformer)
    return None if table is None else table.padding_idx


def padding_id(transformer: PreTrainedModel) -> int:
    """Return the id that stands in the padding; 0, any id, where there is none."""
    return getattr(transformer.config, "pad_token_id", None) or 0


def num_type_ids(transformer: PreTrainedModel) -> int:
    """Return how many sentence types (A, B, ...) a transformer tells apart; 0 where it knows none."""
    config = transformer.config
    if "token_type_ids" not in signature(transformer.forward).parameters:
        return 0
    if config.model_type == "xlnet":
        return 3  # A, B and the class token; its relative segment encoding has no table to measure
    return int(getattr(config, "type_vocab_size", 0) or 0)


def _position_table(transformer: PreTrainedModel) -> nn.Embedding | None:
    for name, module in transformer.named_modules():
        if isinstance(module, nn.Embedding) and name.rsplit(".", 1)[-1] in _POSITION_TABLES:
            return module
    return None
