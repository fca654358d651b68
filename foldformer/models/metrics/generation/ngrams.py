"""Count n-grams."""

from collections import Counter
from collections.abc import Collection

import torch
from torch import Tensor

NGram = tuple[int, ...]


def ngrams(tensor: Tensor, ngram_size: int, exclude_indices: Collection[int]) -> Counter[NGram]:
    """Count the n-grams of a sequence, without those that have an excluded element.

    Args:
        tensor: Elements. (positions,)
        ngram_size: How many elements an n-gram has.
        exclude_indices: Excluded elements.
    """
    elements = tensor.tolist()
    grams = (tuple(elements[start : start + ngram_size]) for start in range(len(elements) - ngram_size + 1))
    return Counter(gram for gram in grams if not any(element in exclude_indices for element in gram))


def get_valid_tokens_mask(tensor: Tensor, exclude_indices: Collection[int]) -> Tensor:
    """Mark the elements that are not excluded.

    Args:
        tensor: Elements, of any shape.
        exclude_indices: Excluded elements.

    Returns:
        True where an element is not excluded, in the shape of `tensor`.
    """
    return ~torch.isin(tensor, torch.tensor(list(exclude_indices), dtype=tensor.dtype, device=tensor.device))
