"""Apply a module that knows one batch dimension to input that has two."""

from collections.abc import Collection
from typing import Any

from overrides import overrides
from torch import Tensor, nn


class TimeDistributed(nn.Module):
    """Merge the first two dimensions of every tensor, apply a module, and split them again.

    (batch, time, ...)  ->  (batch * time, ...)  ->  module  ->  (batch * time, ...)  ->  (batch, time, ...)
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self._module = module

    @overrides(check_signature=False)
    def forward(self, *inputs: Any, pass_through: Collection[str] = (), **kwargs: Any) -> Any:
        """Apply the module to each step.

        Args:
            *inputs: Tensors, distributed. (batch, time, ...)
            pass_through: Names of keyword arguments that go to the module as they are.
            **kwargs: Tensors are distributed, all else goes to the module as it is.

        Returns:
            What the module gives, with the two dimensions back: a tensor, or a tuple of tensors.

        Raises:
            ValueError: No tensor was given, or one has fewer than three dimensions.
        """
        named = {
            name: value for name, value in kwargs.items() if isinstance(value, Tensor) and name not in pass_through
        }
        distributed = [*inputs, *named.values()]
        if not distributed:
            raise ValueError("TimeDistributed: got no tensor; expected at least one of shape (batch, time, ...)")
        batch_and_time = distributed[0].shape[:2]
        merged = {**kwargs, **{name: _merge(value) for name, value in named.items()}}
        outputs = self._module(*[_merge(value) for value in inputs], **merged)
        if isinstance(outputs, tuple):
            return tuple(output.reshape(*batch_and_time, *output.shape[1:]) for output in outputs)
        return outputs.reshape(*batch_and_time, *outputs.shape[1:])


def _merge(value: Tensor) -> Tensor:
    if value.dim() <= 2:
        raise ValueError(f"TimeDistributed: got shape {tuple(value.shape)}; expected at least (batch, time, ...)")
    return value.flatten(0, 1)
