"""Several schedules, one after the other."""

from typing import Annotated, Any

import torch
from overrides import overrides

from foldformer.config import Lazy, Provides
from foldformer.training.learning_rate_schedulers.learning_rate_scheduler import LearningRateScheduler

LazyScheduler = Annotated[Lazy[LearningRateScheduler], Provides("optimizer", "num_epochs", "num_steps_per_epoch")]


@LearningRateScheduler.register("combined")
class CombinedScheduler(LearningRateScheduler):
    """Each of `schedulers` for its number of epochs; after the last one the learning rate stays where it is.

    A schedule starts from the learning rates that its predecessor left.

    Args:
        optimizer: Whose learning rates to change.
        schedulers: Numbers of epochs and schedules.
        num_steps_per_epoch: Steps of the optimizer.
        last_epoch: The last epoch that has been completed; -1 at the start.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        schedulers: list[tuple[int, LazyScheduler]],
        num_steps_per_epoch: int | None = None,
        last_epoch: int = -1,
    ) -> None:
        super().__init__(optimizer, last_epoch)
        self.num_steps_per_epoch = num_steps_per_epoch
        self.schedulers = schedulers
        self._stage = -1
        self._current: LearningRateScheduler | None = None
        self._enter_stage()

    @overrides
    def step(self, metric: float | None = None) -> None:
        """Note the end of an epoch: the schedule of the next epoch is told."""
        self.last_epoch += 1
        self.metric = metric
        self._enter_stage()
        if self._current is not None:
            self._current.step(metric)

    @overrides
    def step_batch(self, batch_num_total: int | None = None) -> None:
        """Hand on to the current schedule."""
        if self._current is not None:
            self._current.step_batch(batch_num_total)

    @overrides
    def state_dict(self) -> dict[str, Any]:
        """The epoch and the state of the current schedule."""
        current = None if self._current is None else self._current.state_dict()
        return {"last_epoch": self.last_epoch, "base_values": self.base_values, "current_scheduler": current}

    @overrides
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the state of another scheduler."""
        self.last_epoch = state_dict["last_epoch"]
        self.base_values = state_dict["base_values"]
        rates = [(group["lr"], group.get("initial_lr")) for group in self.optimizer.param_groups]
        self._enter_stage()
        # Making a schedule may change the learning rates; those of the checkpoint count.
        for group, (rate, initial) in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"], group["initial_lr"] = rate, initial
        if self._current is not None:
            self._current.load_state_dict(state_dict["current_scheduler"])

    def _enter_stage(self) -> None:
        epoch, stage = self.last_epoch + 1, 0
        for num_epochs, _ in self.schedulers:
            if epoch < num_epochs:
                break
            epoch -= num_epochs
            stage += 1
        if stage == self._stage:
            return
        self._stage = stage
        self._current = None
        if stage < len(self.schedulers):
            num_epochs, scheduler = self.schedulers[stage]
            for group in self.optimizer.param_groups:
                group["initial_lr"] = group["lr"]
            self._current = scheduler.construct(
                optimizer=self.optimizer, num_epochs=num_epochs, num_steps_per_epoch=self.num_steps_per_epoch
            )
