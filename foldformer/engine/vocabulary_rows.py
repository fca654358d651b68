"""One row of a transformer's embedding matrix for each id of its tokenizer."""

import logging

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from foldformer.engine.transformer_facts import embedding_matrix, num_ids
from foldformer.engine.trial_run import runs_on_text
from foldformer.text.pretrained_copies import weights_follow

logger = logging.getLogger(__name__)

_SEED = 13
_MOST_NAMED = 8


def fit_vocabulary(transformer: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, *, warns: bool = True) -> None:
    """Give the embedding matrix as many rows as the tokenizer has ids, as AllenNLP's archives have it.

    A tokenizer with gaps among its ids keeps the rows up to the largest one, and a transformer that reads rows of its
    own behind those of the tokenizer keeps all. Rows that are added are random, and the same each time.

    Args:
        transformer: Changed in place.
        tokenizer: Its own.
        warns: Name the tokens whose rows are added, since nobody has trained them. Not said where weights come later.
    """
    matrix = embedding_matrix(transformer)
    if matrix is None:
        return
    vocabulary = tokenizer.get_vocab()
    wanted = max(len(tokenizer), max(vocabulary.values(), default=-1) + 1)
    present = num_ids(transformer)
    if present == wanted:
        return
    config = transformer.config.get_text_config()
    rows, vocab_size = matrix.weight.data, getattr(config, "vocab_size", None)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        transformer.resize_token_embeddings(wanted, mean_resizing=False)
    if wanted < present and not runs_on_text(transformer):
        transformer.resize_token_embeddings(present, mean_resizing=False)
        matrix.weight.data = rows
        transformer.vocab_size = config.vocab_size = vocab_size
        return
    new = sorted((token_id, token) for token, token_id in vocabulary.items() if token_id >= present)
    if new and warns and not weights_follow():
        named = ", ".join(token for _, token in new[:_MOST_NAMED]) + (", ..." if len(new) > _MOST_NAMED else "")
        logger.warning(
            "%s has no vectors for %d tokens of its tokenizer, which get random ones until they are trained: %s",
            type(transformer).__name__,
            len(new),
            named,
        )
