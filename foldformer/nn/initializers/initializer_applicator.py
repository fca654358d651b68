"""Choose an initializer for each parameter by regular expressions."""

import logging
import re

from torch import nn

from foldformer.config import ConfigurationError, FromParams, RegularExpression
from foldformer.nn.initializers.initializer import Initializer

logger = logging.getLogger(__name__)


class InitializerApplicator(FromParams):
    """Apply to each parameter of a module the first initializer whose expression is found in its name.

        regexes: [["_linear_layers.*weight", {type: "xavier_uniform"}], ["bias", "zero"]]

    Parameters that no expression matches keep the values that their module gave them.
    """

    def __init__(
        self,
        regexes: list[tuple[RegularExpression, Initializer]] | None = None,
        prevent_regexes: list[RegularExpression] | None = None,
    ) -> None:
        """Build.

        Args:
            regexes: Expressions and initializers; the first that matches counts.
            prevent_regexes: Parameters whose names match one of these are left alone.

        Raises:
            ConfigurationError: An expression cannot be read.
        """
        self._initializers = [(compiled("regexes", regex), initializer) for regex, initializer in regexes or []]
        self._prevented = [compiled("prevent_regexes", regex) for regex in prevent_regexes or []]

    def __call__(self, module: nn.Module) -> None:
        """Initialize a module in place; an expression that matches nothing is logged as a warning.

        Args:
            module: Whose parameters to fill.
        """
        unused = {regex.pattern for regex, _ in self._initializers}
        for name, parameter in module.named_parameters():
            if any(regex.search(name) for regex in self._prevented):
                continue
            chosen = next(((regex, each) for regex, each in self._initializers if regex.search(name)), None)
            if chosen is None:
                continue
            logger.info("Initializing %s by %s", name, chosen[0].pattern)
            chosen[1](parameter, parameter_name=name)
            unused.discard(chosen[0].pattern)
        for pattern in sorted(unused):
            logger.warning("No parameter of %s was initialized by %r", type(module).__name__, pattern)


def compiled(key: str, regex: str) -> re.Pattern[str]:
    """Compile an expression of a file.

    Args:
        key: Where it stands, for the error.
        regex: The expression.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        return re.compile(regex)
    except re.error as error:
        raise ConfigurationError(f'{key}: got "{regex}"; expected a regular expression: {error}') from error
