"""Combine tensors: sums under attention, and the formulas of `combination` strings such as "x,y,x*y"."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from foldformer.config import ConfigurationError

Combined = Callable[[Tensor, Tensor], Tensor]

_OPERATIONS: dict[str, Combined] = {"*": torch.mul, "/": torch.div, "+": torch.add, "-": torch.sub}
MOST_TENSORS = 9


def weighted_sum(matrix: Tensor, attention: Tensor) -> Tensor:
    """Add vectors up, each with its weight.

    Args:
        matrix: Vectors, (batch, positions, dim); or with more dimensions after the first.
        attention: Weights. (batch, ..., positions)

    Returns:
        (batch, ..., dim)
    """
    if matrix.dim() == 3:
        return torch.einsum("b...p,bpd->b...d", attention, matrix)
    while matrix.dim() - 1 < attention.dim():
        matrix = matrix.unsqueeze(1)
    return torch.matmul(attention.unsqueeze(-2), matrix).squeeze(-2)


def combine_tensors(combination: str, tensors: Sequence[Tensor]) -> Tensor:
    """Put tensors, or sums, differences, products and quotients of two, side by side.

    Args:
        combination: Pieces between commas: a number from 1, or two with `+`, `-`, `*` or `/` between; x is 1, y is 2.
        tensors: At most nine. (..., dim)

    Returns:
        (..., width of all pieces)

    Raises:
        ConfigurationError: The formula has another form, or there are more tensors.
    """
    return torch.cat([_piece(each, tensors) for each in _pieces(combination, len(tensors))], dim=-1)


def get_combined_dim(combination: str, tensor_dims: Sequence[int]) -> int:
    """Compute the width of what `combine_tensors` gives.

    Args:
        combination: The formula.
        tensor_dims: Widths of the tensors.

    Raises:
        ConfigurationError: The formula has another form, or combines tensors of two widths.
    """
    return sum(_width(each, tensor_dims) for each in _pieces(combination, len(tensor_dims)))


def combine_tensors_and_multiply(combination: str, tensors: Sequence[Tensor], weights: Tensor) -> Tensor:
    """Multiply what `combine_tensors` gives with a vector, without making it.

    Args:
        combination: The formula.
        tensors: At most nine; of shapes that fit, such as (batch, rows, 1, dim) and (batch, 1, columns, dim).
        weights: The vector. (width of all pieces,)

    Returns:
        (...,)

    Raises:
        ConfigurationError: The formula has another form, or combines tensors of two widths.
    """
    dims = [tensor.size(-1) for tensor in tensors]
    pieces = _pieces(combination, len(tensors))
    result: Tensor | None = None
    start = 0
    for piece in pieces:
        width = _width(piece, dims)
        product = _product(piece, tensors, weights[start : start + width])
        start += width
        result = product if result is None else result + product
    assert result is not None, "there is a piece"
    return result


def combine_initial_dims(tensor: Tensor) -> Tensor:
    """Make one dimension of all but the last.

    Args:
        tensor: (..., positions)

    Returns:
        (all together, positions)
    """
    return tensor if tensor.dim() <= 2 else tensor.reshape(-1, tensor.size(-1))


def uncombine_initial_dims(tensor: Tensor, original_size: torch.Size) -> Tensor:
    """Undo `combine_initial_dims` of ids, when each has become a vector.

    Args:
        tensor: (all together, positions, dim)
        original_size: Shape of the ids.

    Returns:
        (..., positions, dim)
    """
    return tensor if len(original_size) <= 2 else tensor.view(*original_size, tensor.size(-1))


def _pieces(combination: str, num_tensors: int) -> list[str]:
    if num_tensors > MOST_TENSORS:
        raise ConfigurationError(f"combination: got {num_tensors} tensors; expected at most {MOST_TENSORS}")
    pieces = combination.replace("x", "1").replace("y", "2").split(",")
    for piece in pieces:
        is_formula = len(piece) == 3 and piece[1] in _OPERATIONS
        numbers = [piece[0], piece[2]] if is_formula else [piece]
        if not all(number.isdecimal() and 1 <= int(number) <= num_tensors for number in numbers):
            raise ConfigurationError(
                f'combination: got "{combination}"; expected pieces between commas, each a number from 1 to '
                f"{num_tensors}, x or y, or two of them with +, -, * or / between"
            )
    return pieces


def _piece(piece: str, tensors: Sequence[Tensor]) -> Tensor:
    if len(piece) == 1:
        return tensors[int(piece) - 1]
    return _OPERATIONS[piece[1]](tensors[int(piece[0]) - 1], tensors[int(piece[2]) - 1])


def _width(piece: str, dims: Sequence[int]) -> int:
    first, last = dims[int(piece[0]) - 1], dims[int(piece[-1]) - 1]
    if first != last:
        raise ConfigurationError(f'combination: got "{piece}" of widths {first} and {last}; expected equal ones')
    return first


def _product(piece: str, tensors: Sequence[Tensor], weight: Tensor) -> Tensor:
    if len(piece) == 1:
        return torch.matmul(tensors[int(piece) - 1], weight)
    first, second = tensors[int(piece[0]) - 1], tensors[int(piece[2]) - 1]
    if piece[1] in "+-":
        return _OPERATIONS[piece[1]](torch.matmul(first, weight), torch.matmul(second, weight))
    other = second if piece[1] == "*" else second.reciprocal()
    return torch.einsum("...d,...d,d->...", first, other, weight)
