"""The base class of optimizers."""

from typing import Any

import torch
from overrides import overrides

from foldformer.config import Registrable
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.training.errors import wrong_at

# Written into groups by schedules and by torch itself, beside the options of the optimizer.
_BOOKKEEPING = frozenset({"params", "param_names", "initial_lr", "initial_momentum"})


class Optimizer(torch.optim.Optimizer, Registrable):
    """A torch optimizer that a file can name.

    Implementations take `model_parameters`, names and parameters, which the trainer hands over, and
    `parameter_groups`, as `make_parameter_groups` reads them.
    """

    default_implementation = "adam"

    @overrides
    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters.

        Raises:
            ConfigurationError: The group sets an option that the optimizer does not have.
        """
        for option in sorted(param_group.keys() - self.defaults.keys() - _BOOKKEEPING):
            known = sorted(self.defaults)
            raise wrong_at(
                "parameter_groups",
                f"got the option {show(option)}; expected {one_of(known)}{did_you_mean(option, known)}",
            )
        super().add_param_group(param_group)
