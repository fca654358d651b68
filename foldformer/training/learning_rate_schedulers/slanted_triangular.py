"""The schedule of ULMFiT."""

import logging
from collections.abc import Sequence

import torch
from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.training.learning_rate_schedulers.learning_rate_scheduler import LearningRateScheduler

logger = logging.getLogger(__name__)


@LearningRateScheduler.register("slanted_triangular")
class SlantedTriangular(LearningRateScheduler):
    """Steeply up for a fraction of the steps, then slowly down; with layers unfrozen from the top, if asked.

    The optimizer's groups are the layers, lowest first; the group of everything else comes last. With
    `gradual_unfreezing` the first epoch trains the top layer, the second the top two, and so on, each epoch with a
    triangle of its own, until all are trained; then one triangle spans the rest.

    Args:
        optimizer: Whose learning rates to change.
        num_epochs: Of the whole training; handed over by the trainer.
        num_steps_per_epoch: Steps of the optimizer; handed over by the trainer.
        cut_frac: Fraction of the steps that go up.
        ratio: How many times lower than the top the lowest learning rate is.
        last_epoch: The last epoch that has been completed; -1 at the start.
        gradual_unfreezing: Whether to unfreeze layer by layer.
        discriminative_fine_tuning: Whether lower layers learn more slowly.
        decay_factor: By how much, from one layer to the next lower one.

    Raises:
        ConfigurationError: The groups are not layers.

    Source: Howard and Ruder, "Universal Language Model Fine-tuning for Text Classification", equation 3.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        num_epochs: int,
        num_steps_per_epoch: int | None = None,
        cut_frac: float = 0.1,
        ratio: int = 32,
        last_epoch: int = -1,
        gradual_unfreezing: bool = False,
        discriminative_fine_tuning: bool = False,
        decay_factor: float = 0.38,
    ) -> None:
        _check_groups(optimizer, gradual_unfreezing, discriminative_fine_tuning)
        super().__init__(optimizer, last_epoch)
        self.num_epochs = num_epochs
        self.num_steps_per_epoch = num_steps_per_epoch
        self.cut_frac = cut_frac
        self.ratio = ratio
        self.gradual_unfreezing = gradual_unfreezing
        self.freezing_current = gradual_unfreezing
        self.is_first_epoch = True
        self.batch_num_total_epoch_end: list[int] = []
        self.last_batch_num_total = -1
        self.step()
        if discriminative_fine_tuning:
            self._slow_lower_layers(decay_factor)
        self.step_batch(0)

    @overrides
    def step(self, metric: float | None = None) -> None:  # noqa: ARG002
        """Note the end of an epoch, and unfreeze a layer."""
        self.last_epoch += 1
        self.batch_num_total_epoch_end.append(self.last_batch_num_total if self.batch_num_total_epoch_end else 0)
        if self.gradual_unfreezing:
            self._unfreeze()

    @overrides
    def step_batch(self, batch_num_total: int | None = None) -> None:
        """Set the learning rates of the coming step."""
        self.last_batch_num_total = self.last_batch_num_total + 1 if batch_num_total is None else batch_num_total
        self._set_values()

    @overrides
    def get_values(self) -> Sequence[float]:
        """The learning rates of the coming step."""
        if self.freezing_current:
            num_steps, first = self._steps_per_epoch(), self.batch_num_total_epoch_end[-1]
        else:
            first = self._frozen_steps()
            num_steps = self.num_epochs * self._steps_per_epoch() - first
        step = min(self.last_batch_num_total - first, num_steps)
        cut = int(num_steps * self.cut_frac)
        height = step / cut if step < cut else 1 - (step - cut) / (num_steps - cut)
        return [rate * (1 + height * (self.ratio - 1)) / self.ratio for rate in self.base_values]

    def _steps_per_epoch(self) -> int:
        completed = len(self.batch_num_total_epoch_end) - 1
        if completed > 0:
            return int(self.batch_num_total_epoch_end[-1] / completed)
        return max(self.num_steps_per_epoch or 1, self.last_batch_num_total)

    def _frozen_steps(self) -> int:
        if not self.gradual_unfreezing:
            return 0
        return self.batch_num_total_epoch_end[len(self.optimizer.param_groups) - 2]

    def _unfreeze(self) -> None:
        num_layers = 1 if self.is_first_epoch else self.last_epoch + 1
        self.is_first_epoch = False
        self.freezing_current = num_layers < len(self.optimizer.param_groups) - 1
        logger.info("Training the top %d layers", num_layers)
        # Counted from the end, the group of everything else is 0 and the top layer is 1.
        for depth, group in enumerate(reversed(self.optimizer.param_groups)):
            for parameter in group["params"]:
                parameter.requires_grad_(depth <= num_layers)

    def _slow_lower_layers(self, decay_factor: float) -> None:
        exponent = 0
        for index in reversed(range(len(self.base_values))):
            group = self.optimizer.param_groups[index]
            if group["params"]:
                self.base_values[index] *= decay_factor**exponent
                group["lr"] = self.base_values[index]
                exponent += 1


def _check_groups(optimizer: torch.optim.Optimizer, gradual_unfreezing: bool, discriminative: bool) -> None:
    groups = optimizer.param_groups
    if gradual_unfreezing and groups[-1]["params"]:
        raise ConfigurationError(
            f"gradual_unfreezing: got {len(groups[-1]['params'])} parameters that no entry of "
            "trainer.optimizer.parameter_groups matches; expected every parameter to be in the group of its layer"
        )
    if (gradual_unfreezing or discriminative) and len(groups) < 3:
        raise ConfigurationError(
            f"gradual_unfreezing, discriminative_fine_tuning: got {len(groups)} groups; "
            "expected one entry of trainer.optimizer.parameter_groups for each of at least two layers"
        )
