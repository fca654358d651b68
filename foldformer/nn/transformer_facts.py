"""What an embedder must know of a transformer before it runs, whatever the architecture."""

from torch import nn
from transformers import PreTrainedModel

_POSITION_TABLES = ("position_embeddings", "embed_positions", "wpe", "position_embedding")


def position_limit(transformer: PreTrainedModel) -> int | None:
    """Return the longest sequence, in wordpieces, that absolute position embeddings allow; None: no such limit.

    Rotary and relative positions have no table and so no limit here. RoBERTa and its kin count positions from behind
    the padding id, BART from a fixed offset; those rows of the table are no positions.
    """
    for name, module in transformer.named_modules():
        if isinstance(module, nn.Embedding) and name.rsplit(".", 1)[-1] in _POSITION_TABLES:
            skipped = getattr(module, "offset", 0 if module.padding_idx is None else module.padding_idx + 1)
            return module.num_embeddings - int(skipped)
    return None


def num_type_ids(transformer: PreTrainedModel) -> int:
    """Return how many sentence types (A, B, ...) a transformer tells apart; 0 where it knows none."""
    config = transformer.config
    if config.model_type == "xlnet":
        return 3  # A, B and the class token; its relative segment encoding has no table to measure
    return int(getattr(config, "type_vocab_size", 0) or 0)
