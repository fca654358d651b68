"""Word vectors out of a text file, arranged by a vocabulary."""

import logging

import torch
from torch import Tensor

from foldformer.config import ConfigurationError
from foldformer.text import Vocabulary
from foldformer.text.embedding_files import read_embedding_lines

logger = logging.getLogger(__name__)

HDF5_ENDINGS = (".h5", ".hdf5")


def read_pretrained_vectors(uri: str, embedding_dim: int, vocab: Vocabulary, namespace: str) -> Tensor:
    """Read the vectors of a vocabulary's tokens.

    Tokens that are not in the file get random vectors, drawn with the mean and the deviation of all values that were
    found. Lines of another width are left out, and counted in a warning.

    Args:
        uri: Text file, also compressed, or `(archive)#path/inside`.
        embedding_dim: Width of the vectors.
        vocab: The vocabulary.
        namespace: Namespace of the tokens.

    Returns:
        (tokens of the namespace, embedding_dim)

    Raises:
        FileNotFoundError: There is no such file.
        ConfigurationError: No vector of that width belongs to a token of the vocabulary, or a value is no number.
    """
    if uri.endswith(HDF5_ENDINGS):
        raise ConfigurationError(
            f'pretrained_file: got "{uri}"; expected a text file with a word and its vector in each line; '
            "write the matrix of the HDF5 file as one"
        )
    indices = vocab.get_token_to_index_vocabulary(namespace)
    found = _found_vectors(uri, embedding_dim, indices)
    if not found:
        raise ConfigurationError(
            f'pretrained_file: "{uri}" has no vector of width {embedding_dim} for any of the {len(indices)} tokens in '
            f"namespace {namespace!r}; check embedding_dim and vocab_namespace"
        )
    values = torch.stack(list(found.values()))
    vectors = torch.empty(vocab.get_vocab_size(namespace), embedding_dim)
    vectors.normal_(values.mean().item(), values.std(correction=0).item())
    vectors[list(found)] = values
    logger.info("%s has vectors for %d of %d tokens", uri, len(found), len(indices))
    return vectors


def _found_vectors(uri: str, embedding_dim: int, indices: dict[str, int]) -> dict[int, Tensor]:
    found: dict[int, Tensor] = {}
    num_of_other_width = 0
    for line in read_embedding_lines(uri):
        token, _, numbers = line.text.rstrip().partition(" ")
        index = indices.get(token)
        if index is None:
            continue
        fields = numbers.split(" ")
        if len(fields) != embedding_dim:
            num_of_other_width += 1
            continue
        try:
            found[index] = torch.tensor([float(field) for field in fields])
        except ValueError as error:
            raise ConfigurationError(f"pretrained_file: {uri}, line {line.number}: {error}") from error
    if num_of_other_width:
        logger.warning("%s: %d lines have no vector of width %d, left out", uri, num_of_other_width, embedding_dim)
    return found
