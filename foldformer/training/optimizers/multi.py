"""Several optimizers, each for its own parameters."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

import torch
from overrides import overrides

from foldformer.config import ConfigurationError, Lazy, Problem, Provides, refuse
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.training.optimizers.optimizer import Optimizer
from foldformer.training.optimizers.parameter_groups import NamedParameters, ParameterGroups

LazyOptimizer = Annotated[Lazy[Optimizer], Provides("model_parameters", "parameter_groups")]


@Optimizer.register("multi")
class MultiOptimizer(Optimizer):
    """Several optimizers under one roof: schedules and checkpoints see one optimizer with all the groups.

    Args:
        model_parameters: Names and parameters.
        optimizers: The optimizers by name. `"default"` takes what no group claims.
        parameter_groups: As everywhere, and `optimizer_name` among the options says whose the group is.

    Raises:
        ConfigurationError: There is no `"default"`, a group names an optimizer that is not there, or an optimizer gets
            no parameters.
    """

    def __init__(
        self,
        model_parameters: NamedParameters,
        optimizers: dict[str, LazyOptimizer],
        parameter_groups: ParameterGroups,
    ) -> None:
        refuse(self.check_block({"optimizers": optimizers, "parameter_groups": parameter_groups}))
        shares: dict[str, tuple[list[tuple[str, torch.nn.Parameter]], ParameterGroups]]
        shares = {name: ([], []) for name in optimizers}
        owners = [str(options.get("optimizer_name", "default")) for _, options in parameter_groups]
        for owner, (regexes, options) in zip(owners, parameter_groups, strict=True):
            own = {key: value for key, value in options.items() if key != "optimizer_name"}
            shares[owner][1].append((regexes, own))
        for name, parameter in model_parameters:
            claims = (
                owner
                for owner, (regexes, _) in zip(owners, parameter_groups, strict=True)
                if any(re.search(regex, name) for regex in regexes)
            )
            shares[next(claims, "default")][0].append((name, parameter))
        self.optimizers = {
            name: optimizers[name].construct(model_parameters=parameters, parameter_groups=groups)
            for name, (parameters, groups) in shares.items()
            if _has_share(name, parameters)
        }
        groups = [group for optimizer in self.optimizers.values() for group in optimizer.param_groups]
        super().__init__([{"params": group["params"]} for group in groups], {})
        # The very dictionaries of the optimizers, so that a schedule that writes here is heard there.
        self.param_groups = groups

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """Names of optimizers that have to be there."""
        names = list(block.get("optimizers", ("default",)))
        if "default" not in names:
            yield Problem("optimizers", f'got {one_of(names)}; expected one named "default" too')
        for number, (_, options) in enumerate(block.get("parameter_groups", ())):
            owner = options.get("optimizer_name", "default")
            if owner != "default" and owner not in names:
                yield Problem(
                    f"parameter_groups.{number}.optimizer_name",
                    f"got {show(owner)}; expected {one_of(names)}{did_you_mean(owner, names)}",
                )

    @overrides
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Let every optimizer take a step; `closure` runs once."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for optimizer in self.optimizers.values():
            optimizer.step()
        return loss

    @overrides
    def state_dict(self) -> dict[str, Any]:
        """The states of all optimizers, by name."""
        return {f"{name}_optimizer": optimizer.state_dict() for name, optimizer in self.optimizers.items()}

    @overrides
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Give every optimizer its state back."""
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state_dict[f"{name}_optimizer"])
        self.param_groups = [group for optimizer in self.optimizers.values() for group in optimizer.param_groups]


def _has_share(name: str, parameters: list[tuple[str, torch.nn.Parameter]]) -> bool:
    if not parameters and name != "default":
        raise ConfigurationError(
            f"optimizers.{name}: got no parameters; expected a group in parameter_groups with "
            f'"optimizer_name": {show(name)} whose expressions match something'
        )
    return bool(parameters)
