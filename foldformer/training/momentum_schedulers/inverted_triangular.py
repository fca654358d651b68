"""Momentum down and up again."""

from collections.abc import Sequence

import torch
from overrides import overrides

from foldformer.training.momentum_schedulers.momentum_scheduler import MomentumScheduler


@MomentumScheduler.register("inverted_triangular")
class InvertedTriangular(MomentumScheduler):
    """Linearly down to 1/`ratio` for `cool_down` epochs, up again for `warm_up`, and constant then.

    Args:
        optimizer: Whose momentum to change; handed over by the trainer.
        cool_down: Epochs.
        warm_up: Epochs.
        ratio: Of the highest momentum to the lowest.
        last_epoch: The last epoch that has been completed; -1 at the start.
    """

    def __init__(
        self, optimizer: torch.optim.Optimizer, cool_down: int, warm_up: int, ratio: int = 10, last_epoch: int = -1
    ) -> None:
        super().__init__(optimizer, last_epoch)
        self.cool_down = cool_down
        self.warm_up = warm_up
        self.ratio = ratio

    @overrides
    def get_values(self) -> Sequence[float]:
        """The momentum of the coming epoch."""
        epoch = self.last_epoch + 1
        if epoch <= self.cool_down:
            return [high - (high - high / self.ratio) * (epoch / self.cool_down) for high in self.base_values]
        if epoch <= self.cool_down + self.warm_up:
            since = epoch - self.cool_down
            return [
                (high / self.ratio) + (high - high / self.ratio) * since / self.warm_up for high in self.base_values
            ]
        return self.base_values
