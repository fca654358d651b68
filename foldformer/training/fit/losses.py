"""The average loss of an epoch."""

from dataclasses import dataclass, field

import torch

from foldformer.training.distributed import sum_over_processes


@dataclass
class LossMeter:
    """Adds up losses.

    Args:
        total: Sum of the losses.
        regularization: Sum of the penalties in them.
        count: How many steps, or batches where nothing is trained.
        has_regularization: Whether there is a penalty at all.
    """

    total: float = 0.0
    regularization: float = 0.0
    count: float = 0.0
    has_regularization: bool = field(default=False)

    def add(self, loss: float, penalty: float | None, weight: float) -> None:
        """Note a batch.

        Args:
            loss: The penalty included.
            penalty: None where there is none.
            weight: The batch's part in its step.
        """
        self.total += loss * weight
        self.count += weight
        if penalty is not None:
            self.has_regularization = True
            self.regularization += penalty * weight

    def as_tuple(self) -> tuple[float, float, float, bool]:
        """The arguments of a meter in the same state."""
        return self.total, self.regularization, self.count, self.has_regularization

    def metrics(self) -> dict[str, float]:
        """The averages so far, of this process."""
        return self._averages(self.total, self.regularization, self.count)

    def metrics_of_all(self, device: torch.device) -> dict[str, float]:
        """The averages over all processes; to be called in each."""
        return self._averages(*sum_over_processes([self.total, self.regularization, self.count], device))

    def _averages(self, total: float, regularization: float, count: float) -> dict[str, float]:
        averages = {"loss": total / count if count else 0.0}
        if self.has_regularization:
            averages["reg_loss"] = regularization / count if count else 0.0
        return averages
