"""Sort a model's parameters into an optimizer's groups by regular expressions over their names."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from foldformer.config import RegularExpression
from foldformer.config.nearest import show
from foldformer.training.errors import wrong_at

logger = logging.getLogger(__name__)

NamedParameters = Sequence[tuple[str, torch.nn.Parameter]]
ParameterGroups = list[tuple[list[RegularExpression], dict[str, Any]]]


@dataclass
class Group:
    """One group while it is filled.

    Args:
        regexes: A parameter belongs here if one of them is found in its name.
        options: What the group overrides.
        members: The parameters so far, by name.
    """

    regexes: list[str]
    options: dict[str, Any]
    members: list[tuple[str, torch.nn.Parameter]] = field(default_factory=list)

    @property
    def is_frozen(self) -> bool:
        """Whether the group says `requires_grad: false`."""
        return self.options.get("requires_grad") is False


def make_parameter_groups(
    model_parameters: NamedParameters, groups: ParameterGroups | None = None
) -> list[dict[str, Any]] | list[torch.nn.Parameter]:
    """Turn `[[[regex, ...], {option: value}], ...]` into what a torch optimizer takes.

    The group of all parameters that match nothing comes last, and is there even when it is empty: schedules that treat
    groups as layers count on it. Parameters of a group with `requires_grad: false` are frozen and left out.

    Args:
        model_parameters: Names and parameters.
        groups: Regular expressions and the options of their parameters.

    Raises:
        ConfigurationError: A name matches two groups, or an expression is malformed.
    """
    if not groups:
        return [parameter for _, parameter in model_parameters]
    _check(groups)
    sorted_groups = _sorted(model_parameters, groups)
    for group in sorted_groups:
        if group.is_frozen:
            _freeze(group)
    kept = [group for group in sorted_groups if not group.is_frozen]
    for number, group in enumerate(kept):
        logger.info("Parameter group %d: %d parameters, %s", number, len(group.members), group.options)
    return [{"params": [parameter for _, parameter in group.members], **group.options} for group in kept]


def _check(groups: ParameterGroups) -> None:
    for number, (regexes, _) in enumerate(groups):
        for regex in regexes:
            try:
                re.compile(regex)
            except re.error as error:
                raise wrong_at(
                    f"parameter_groups.{number}", f"got {show(regex)}; expected a regular expression: {error}"
                ) from error


def _sorted(model_parameters: NamedParameters, groups: ParameterGroups) -> list[Group]:
    named = [Group(regexes, dict(options)) for regexes, options in groups]
    rest = Group([], {})
    unused = {regex for group in named for regex in group.regexes}
    for name, parameter in model_parameters:
        matches = [(group, regex) for group in named for regex in group.regexes if re.search(regex, name)]
        unused -= {regex for _, regex in matches}
        owner = _only_owner(name, matches) or rest
        owner.members.append((name, parameter))
    for regex in sorted(unused):
        logger.warning("parameter_groups: %s matches the name of no parameter", show(regex))
    return [*named, rest]


def _only_owner(name: str, matches: list[tuple[Group, str]]) -> Group | None:
    first = matches[0] if matches else None
    for group, regex in matches:
        if first is not None and group is not first[0]:
            raise wrong_at(
                "parameter_groups",
                f"the parameter {name} matches {show(first[1])} and, in another group, "
                f"{show(regex)}; expected at most one group for each parameter",
            )
    return None if first is None else first[0]


def _freeze(group: Group) -> None:
    ignored = sorted(group.options.keys() - {"requires_grad"})
    if ignored:
        logger.warning("parameter_groups: %s is ignored beside requires_grad: false", ", ".join(ignored))
    for name, parameter in group.members:
        logger.info("%s is not trained", name)
        parameter.requires_grad_(False)
