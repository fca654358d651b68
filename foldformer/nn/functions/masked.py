"""Softmax, maximum, mean and choice of the largest, over the positions that a mask marks."""

import torch
from torch import Tensor

from foldformer.nn.functions.limits import min_value_of_dtype, tiny_value_of_dtype


def masked_softmax(vector: Tensor, mask: Tensor | None, dim: int = -1, memory_efficient: bool = False) -> Tensor:
    """Compute the softmax over the positions that are real.

    Args:
        vector: Scores, of any shape.
        mask: True where real; missing dimensions are put in after the first. None: everywhere.
        dim: Dimension of the softmax.
        memory_efficient: Give rows without a real position equal weights, rather than zeros.

    Returns:
        Weights, zero where padded, in the shape of `vector`.
    """
    if mask is None:
        return vector.softmax(dim=dim)
    real = _as_wide(mask, vector).bool()
    if memory_efficient:
        return vector.masked_fill(~real, min_value_of_dtype(vector.dtype)).softmax(dim=dim)
    # Padded scores become 0, not minus infinity, so that rows without a real position stay finite.
    weights = (vector * real).softmax(dim=dim) * real
    return weights / (weights.sum(dim=dim, keepdim=True) + tiny_value_of_dtype(weights.dtype))


def masked_log_softmax(vector: Tensor, mask: Tensor | None, dim: int = -1) -> Tensor:
    """Compute the logarithm of the softmax over the positions that are real.

    Args:
        vector: Scores, of any shape.
        mask: True where real; missing dimensions are put in after the first. None: everywhere.
        dim: Dimension of the softmax.

    Returns:
        Log weights, very small but finite where padded, in the shape of `vector`.
    """
    if mask is not None:
        vector = vector + (_as_wide(mask, vector) + tiny_value_of_dtype(vector.dtype)).log()
    return vector.log_softmax(dim=dim)


def masked_max(vector: Tensor, mask: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """Find the largest of the real values; the dtype's smallest where there is none.

    Args:
        vector: Values, of any shape.
        mask: True where real; of a shape that fits.
        dim: Dimension to take the maximum over.
        keepdim: Keep that dimension, with size 1.
    """
    return vector.masked_fill(~mask.bool(), min_value_of_dtype(vector.dtype)).amax(dim=dim, keepdim=keepdim)


def masked_mean(vector: Tensor, mask: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """Average the real values; 0 where there is none.

    Args:
        vector: Values, of any shape.
        mask: True where real; of a shape that fits.
        dim: Dimension to average over.
        keepdim: Keep that dimension, with size 1.
    """
    total = vector.masked_fill(~mask.bool(), 0.0).sum(dim=dim, keepdim=keepdim)
    return total / mask.bool().sum(dim=dim, keepdim=keepdim).clamp(min=1).to(total.dtype)


def masked_topk(input_: Tensor, mask: Tensor, k: int | Tensor, dim: int = -1) -> tuple[Tensor, Tensor, Tensor]:
    """Take the largest real values, in the order in which they stand.

    Args:
        input_: Values, of any shape.
        mask: True where real, in the same shape.
        k: How many; or how many in each row, in the shape of `input_` without `dim`.
        dim: Dimension to choose along.

    Returns:
        Values, a mask that is True where a value is a real one among the `k` of its row, and indices; each in the
        shape of `input_`, with the largest `k` in place of the size of `dim`. A row that wants fewer has its last
        index again in place of the rest.

    Raises:
        ValueError: The shapes differ, there is no such dimension, or `k` has another shape.
    """
    if input_.shape != mask.shape:
        raise ValueError(f"mask: got shape {tuple(mask.shape)}; expected {tuple(input_.shape)}, that of the input")
    if not -input_.dim() <= dim < input_.dim():
        raise ValueError(f"dim: got {dim}; expected a dimension of {tuple(input_.shape)}")
    rows = input_.movedim(dim, -1).masked_fill(~mask.movedim(dim, -1).bool(), min_value_of_dtype(input_.dtype))
    wanted = k if isinstance(k, Tensor) else torch.full(rows.shape[:-1], k, device=mask.device)
    if wanted.shape != rows.shape[:-1]:
        raise ValueError(f"k: got shape {tuple(wanted.shape)}; expected {tuple(rows.shape[:-1])}, one a row")
    most = int(wanted.max())
    indices = rows.topk(most, dim=-1).indices
    is_wanted = torch.arange(most, device=mask.device) < wanted.unsqueeze(-1)
    indices = torch.where(is_wanted, indices, indices.amax(dim=-1, keepdim=True)).sort(dim=-1).values
    kept = is_wanted & mask.movedim(dim, -1).bool().gather(-1, indices)
    values = rows.gather(-1, indices)
    return values.movedim(-1, dim), kept.movedim(-1, dim), indices.movedim(-1, dim)


def replace_masked_values(tensor: Tensor, mask: Tensor, replace_with: float) -> Tensor:
    """Put a number where padded.

    Args:
        tensor: Values, of any shape.
        mask: True where real; with as many dimensions.
        replace_with: The number.

    Raises:
        ValueError: The mask has another number of dimensions.
    """
    if tensor.dim() != mask.dim():
        raise ValueError(f"mask: got {mask.dim()} dimensions; expected {tensor.dim()}, as the tensor has")
    return tensor.masked_fill(~mask.bool(), replace_with)


def _as_wide(mask: Tensor, vector: Tensor) -> Tensor:
    while mask.dim() < vector.dim():
        mask = mask.unsqueeze(1)
    return mask
