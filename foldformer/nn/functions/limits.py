"""The smallest and largest numbers of a dtype."""

import torch

_TINY = {torch.float32: 1e-13, torch.float64: 1e-13, torch.float16: 1e-4, torch.bfloat16: 1e-13}


def info_value_of_dtype(dtype: torch.dtype) -> torch.finfo | torch.iinfo:
    """Give torch's facts about a dtype of numbers.

    Raises:
        TypeError: It is bool.
    """
    if dtype == torch.bool:
        raise TypeError("dtype: got torch.bool; expected one of numbers")
    return torch.finfo(dtype) if dtype.is_floating_point else torch.iinfo(dtype)


def min_value_of_dtype(dtype: torch.dtype) -> float:
    """Give the most negative finite number of a dtype.

    Raises:
        TypeError: It is bool.
    """
    return info_value_of_dtype(dtype).min


def max_value_of_dtype(dtype: torch.dtype) -> float:
    """Give the largest finite number of a dtype.

    Raises:
        TypeError: It is bool.
    """
    return info_value_of_dtype(dtype).max


def tiny_value_of_dtype(dtype: torch.dtype) -> float:
    """Give a number that is safe to divide by and too small to matter: 1e-13, for float16 1e-4.

    Raises:
        TypeError: The dtype is not one of floating point, or one that holds no such number.
    """
    if dtype not in _TINY:
        raise TypeError(f"dtype: got {dtype}; expected float64, float32, bfloat16 or float16")
    return _TINY[dtype]
