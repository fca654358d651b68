"""What a model gives, in plain Python."""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from foldformer.text import Token


def sanitize(x: Any) -> Any:
    """Turn arrays, tensors and tokens into lists, numbers and strings, all the way down; None becomes "None".

    Unlike `as_json`, it leaves NaN and the keys of dictionaries as they are.

    Args:
        x: Anything of these; an object of another kind has a method `to_json`.

    Raises:
        ValueError: Something in it is of none of these kinds.
    """
    if isinstance(x, str | float | int):
        return x
    if isinstance(x, torch.Tensor):
        return x.detach().cpu().tolist()
    if isinstance(x, np.ndarray | np.generic):
        return x.tolist()
    if isinstance(x, Mapping):
        return {key: sanitize(value) for key, value in x.items()}
    if isinstance(x, Token) or _is_of_spacy(x):
        return x.text
    if isinstance(x, list | tuple | set):
        return [sanitize(item) for item in x]
    if x is None:
        return "None"
    if hasattr(x, "to_json"):
        return x.to_json()
    raise ValueError(f"sanitize: got {type(x).__name__}; expected plain data, arrays, tokens, or a method to_json")


def _is_of_spacy(x: Any) -> bool:
    spacy = sys.modules.get("spacy")
    return spacy is not None and isinstance(x, spacy.tokens.Token)
