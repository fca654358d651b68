"""What schedules of learning rates and of momentum have in common."""

from collections.abc import Sequence
from typing import Any

import torch

from foldformer.config import ConfigurationError


class Scheduler:
    """Changes one option of an optimizer's groups while training goes on.

    The trainer calls, in this order:

        for epoch in epochs:
            for batch in epoch:
                compute the gradients
                scheduler.step_batch(steps so far, this one included)      before the optimizer's step
                optimizer.step()
            validate
            scheduler.step(validation metric)

    Args:
        optimizer: Whose groups to change.
        param_group_field: The option.
        last_epoch: The last epoch that has been completed; -1 at the start.

    Raises:
        ConfigurationError: The optimizer has no such option.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, param_group_field: str, last_epoch: int = -1) -> None:
        self.optimizer = optimizer
        self.param_group_field = param_group_field
        self._initial_param_group_field = f"initial_{param_group_field}"
        for group in optimizer.param_groups:
            if last_epoch == -1 and param_group_field in group:
                group.setdefault(self._initial_param_group_field, group[param_group_field])
            if self._initial_param_group_field not in group:
                missing = param_group_field if last_epoch == -1 else self._initial_param_group_field
                kinds = f"{type(self).__name__} needs the option {missing!r}, which {type(optimizer).__name__}"
                raise ConfigurationError(f"{kinds} does not have")
        self.base_values: list[float] = [group[self._initial_param_group_field] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self.metric: float | None = None

    def get_values(self) -> Sequence[float]:
        """The value of the option for every group, now.

        Raises:
            NotImplementedError: The class does not say.
        """
        raise NotImplementedError

    def step(self, metric: float | None = None) -> None:
        """Note the end of an epoch.

        Args:
            metric: The validation metric that decides which epoch is best; larger is better.
        """
        self.last_epoch += 1
        self.metric = metric
        self._set_values()

    def step_batch(self, batch_num_total: int | None = None) -> None:
        """Note that the optimizer is about to take a step; most schedules change by the epoch and do nothing here.

        Args:
            batch_num_total: Number of steps since the start, this one included; None counts one more.
        """

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer."""
        return {key: value for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the state of another scheduler."""
        self.__dict__.update(state_dict)

    def _set_values(self) -> None:
        # Not strict: a schedule may give values for the groups it knew when it was made.
        for group, value in zip(self.optimizer.param_groups, self.get_values(), strict=False):
            group[self.param_group_field] = value
