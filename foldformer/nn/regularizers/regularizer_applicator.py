"""Choose a penalty for each parameter by regular expressions."""

import torch
from torch import Tensor, nn

from foldformer.config import FromParams, RegularExpression
from foldformer.nn.initializers.initializer_applicator import compiled
from foldformer.nn.regularizers.regularizer import Regularizer


class RegularizerApplicator(FromParams):
    """Add up the penalties of a module's trained parameters, each by the first expression found in its name."""

    def __init__(self, regexes: list[tuple[RegularExpression, Regularizer]] | None = None) -> None:
        """Build.

        Args:
            regexes: Expressions and penalties; the first that matches counts.

        Raises:
            ConfigurationError: An expression cannot be read.
        """
        self._regularizers = [(compiled("regexes", regex), regularizer) for regex, regularizer in regexes or []]

    def __call__(self, module: nn.Module) -> Tensor:
        """Compute the penalty.

        Args:
            module: Whose parameters count; those that need no gradient do not.

        Returns:
            A scalar, on the parameters' device.
        """
        penalties = [
            regularizer(parameter)
            for name, parameter in module.named_parameters()
            if parameter.requires_grad and (regularizer := self._for(name)) is not None
        ]
        return torch.stack(penalties).sum() if penalties else torch.tensor(0.0)

    def _for(self, name: str) -> Regularizer | None:
        return next((regularizer for regex, regularizer in self._regularizers if regex.search(name)), None)
