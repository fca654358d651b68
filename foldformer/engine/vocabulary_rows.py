"""One row of a transformer's embedding matrix for each id of its tokenizer."""

import logging

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from foldformer.engine.transformer_facts import embedding_matrix, num_ids
from foldformer.text.pretrained_copies import weights_follow

logger = logging.getLogger(__name__)

_SEED = 13
_MOST_NAMED = 8


def fit_vocabulary(transformer: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, *, warns: bool = True) -> None:
    """Give the embedding matrix as many rows as the tokenizer has ids, as AllenNLP's archives have it.

    A tokenizer with gaps among its ids keeps the rows up to the largest one. Rows that are added are random, and the
    same each time.

    Args:
        transformer: Changed in place.
        tokenizer: Its own.
        warns: Name the tokens whose rows are added, since nobody has trained them. Not said where weights come later.
    """
    if embedding_matrix(transformer) is None:
        return
    vocabulary = tokenizer.get_vocab()
    wanted = max(len(tokenizer), max(vocabulary.values(), default=-1) + 1)
    present = num_ids(transformer)
    if present == wanted:
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        transformer.resize_token_embeddings(wanted, mean_resizing=False)
    new = sorted((token_id, token) for token, token_id in vocabulary.items() if token_id >= present)
    if new and warns and not weights_follow():
        named = ", ".join(token for _, token in new[:_MOST_NAMED]) + (", ..." if len(new) > _MOST_NAMED else "")
        logger.warning(
            "%s has no vectors for %d tokens of its tokenizer, which get random ones until they are trained: %s",
            type(transformer).__name__,
            len(new),
            named,
        )
