"""Sums over batches and processes, kept by torchmetrics. Import this where it is used: torchmetrics is optional."""

import torch
from overrides import overrides
from torch import Tensor
from torchmetrics import Metric


class Tally(Metric):
    """Add up vectors of one size; `compute` gives the sum over all processes."""

    full_state_update = False
    counts: Tensor

    def __init__(self, size: int) -> None:
        """Begin with zeros.

        Args:
            size: How many numbers.
        """
        super().__init__()
        # Whole numbers stay exact up to 2**53, not 2**24 as in float32.
        self.add_state("counts", torch.zeros(size, dtype=torch.float64), dist_reduce_fx="sum")
        self.reset()

    @overrides(check_signature=False)
    def update(self, counts: Tensor) -> None:
        """Add a batch's numbers. (size,)."""
        self.counts = self.counts + counts.to(self.counts)

    @overrides(check_signature=False)
    def compute(self) -> Tensor:
        """Give the sums. (size,)."""
        return self.counts

    @overrides
    def reset(self) -> None:
        """Begin anew."""
        super().reset()
        # A process that had no batch still takes part in the sum, without torchmetrics' warning that it had none.
        self.update(torch.zeros_like(self.counts))
