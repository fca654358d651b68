"""What an embedder must know of a transformer before it runs, whatever the architecture."""

from torch import nn
from transformers import PreTrainedModel

_POSITION_TABLES = ("position_embeddings", "embed_positions", "wpe", "position_embedding")


def position_limit(transformer: PreTrainedModel) -> int | None:
    """Return the longest sequence, in wordpieces, that absolute position embeddings allow; None: no such limit.

    Rotary and relative positions have no table and so no limit here. RoBERTa and its kin count positions from behind
    the padding id, BART from a fixed offset; those rows of the table are no positions.
    """
    table = _position_table(transformer)
    if table is None:
        return None
    skipped = getattr(table, "offset", 0 if table.padding_idx is None else table.padding_idx + 1)
    return table.num_embeddings - int(skipped)


def positions_counted_from(transformer: PreTrainedModel) -> int | None:
    """Return the padding id from which RoBERTa and its kin count positions; None for those that start from 0."""
    table = _position_table(transformer)
    return None if table is None else table.padding_idx


def num_type_ids(transformer: PreTrainedModel) -> int:
    """Return how many sentence types (A, B, ...) a transformer tells apart; 0 where it knows none."""
    config = transformer.config
    if config.model_type == "xlnet":
        return 3  # A, B and the class token; its relative segment encoding has no table to measure
    return int(getattr(config, "type_vocab_size", 0) or 0)


def _position_table(transformer: PreTrainedModel) -> nn.Embedding | None:
    for name, module in transformer.named_modules():
        if isinstance(module, nn.Embedding) and name.rsplit(".", 1)[-1] in _POSITION_TABLES:
            return module
    return None
