"""A tensor that a reader made itself."""

from typing import Any

import numpy as np
import torch
from overrides import overrides

from foldformer.data.fields.field import Field


class TensorField(Field[torch.Tensor]):
    """Numbers of any shape, padded in every dimension.

    Args:
        tensor: A tensor or a NumPy array.
        padding_value: Fills what is padded.
        dtype: Convert to it: a torch dtype for a tensor, a NumPy dtype for an array.
    """

    __slots__ = ("padding_value", "tensor")

    def __init__(
        self,
        tensor: torch.Tensor | np.ndarray[Any, Any],
        padding_value: Any = 0.0,
        dtype: Any = None,
    ) -> None:
        if isinstance(tensor, np.ndarray):
            tensor = torch.from_numpy(tensor if dtype is None else tensor.astype(dtype))
        elif isinstance(tensor, torch.Tensor):
            tensor = tensor if dtype is None else tensor.to(dtype)
        else:
            raise TypeError(
                f"TensorField: got {type(tensor).__name__}; expected a torch.Tensor or a numpy.ndarray; "
                "torch.tensor(numbers) makes one"
            )
        self.tensor = tensor.cpu()
        self.padding_value = padding_value

    @property
    def array(self) -> np.ndarray[Any, Any]:
        """The numbers as a NumPy array."""
        return self.tensor.numpy()

    @overrides
    def get_padding_lengths(self) -> dict[str, int]:
        return {f"dimension_{i}": size for i, size in enumerate(self.tensor.shape)}

    @overrides
    def as_tensor(self, padding_lengths: dict[str, int]) -> torch.Tensor:
        shape = [padding_lengths[f"dimension_{i}"] for i in range(len(padding_lengths))]
        tensor = self.tensor.reshape(self.tensor.shape + (1,) * (len(shape) - self.tensor.dim()))
        # torch counts the dimensions to pad from the last one
        missing = [size - have for size, have in zip(shape, tensor.shape, strict=True)][::-1]
        return torch.nn.functional.pad(tensor, [n for m in missing for n in (0, m)], value=self.padding_value)

    @overrides
    def empty_field(self) -> "TensorField":
        return TensorField(torch.empty(0, dtype=self.tensor.dtype), self.padding_value)

    @overrides
    def human_readable_repr(self) -> dict[str, Any]:
        numbers = self.tensor.double()
        return {
            "shape": list(self.tensor.shape),
            "element_mean": numbers.mean().item(),
            "element_std": numbers.std(correction=min(1, max(numbers.numel() - 1, 0))).item(),
            "type": str(self.tensor.dtype).removeprefix("torch."),
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TensorField):
            return NotImplemented
        return torch.equal(self.tensor, other.tensor) and self.padding_value == other.padding_value

    __hash__ = None

    def __len__(self) -> int:
        return self.tensor.shape[0] if self.tensor.dim() else 1

    def __str__(self) -> str:
        return f"TensorField {list(self.tensor.shape)} of {self.tensor.dtype}"


ArrayField = TensorField
"""The older name of the same field."""
