"""The base class of optimizers."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import torch
from overrides import overrides

from foldformer.config import Problem, Range, Registrable
from foldformer.config.check.signature import signature_of_callable
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.training.errors import wrong_at

Decay = Annotated[float, Range(min=0, below=1)]
# Written into groups by schedules and by torch itself, beside the options of the optimizer.
_BOOKKEEPING = frozenset({"params", "param_names", "initial_lr", "initial_momentum"})


class Optimizer(torch.optim.Optimizer, Registrable):
    """A torch optimizer that a file can name.

    Implementations take `model_parameters`, names and parameters, which the trainer hands over, and
    `parameter_groups`, as `make_parameter_groups` reads them.
    """

    default_implementation = "adam"

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """Groups that set no other options than those of the optimizer."""
        known = sorted(signature_of_callable(cls).parameters.keys() - {"model_parameters", "parameter_groups"})
        for number, (_, options) in enumerate(block.get("parameter_groups") or ()):
            for option in sorted(options.keys() - {*known, *_options_of_bases(cls), "requires_grad"}):
                yield Problem(
                    f"parameter_groups.{number}.1.{option}",
                    f"{cls.__name__} has no such option; expected {one_of(known)}{did_you_mean(option, known)}",
                )

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


def _options_of_bases(cls: type) -> set[str]:
    """What the constructors of torch take; a group may set what a block may not."""
    return {name for base in cls.__mro__[:-1] for name in inspect.signature(base).parameters}
