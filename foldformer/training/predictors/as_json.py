"""What a model gives, as JSON."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from foldformer.text import Token


def as_json(value: Any) -> Any:
    """Turn arrays, tensors and tokens into lists, numbers and strings, all the way down.

    Numbers that JSON does not have, NaN and the infinities, become null.
    """
    if isinstance(value, torch.Tensor):
        return as_json(value.detach().cpu().float().numpy() if value.is_floating_point() else value.cpu().numpy())
    if isinstance(value, (np.ndarray, np.generic)):
        return as_json(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_json(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (str, bool, int)):
        return value
    return value.text if isinstance(value, Token) else str(value)
