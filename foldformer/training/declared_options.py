"""Constructors for classes whose body lists their options, as a dataclass lists its fields."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def declared_options(cls: type) -> list[inspect.Parameter]:
    """Take the annotated names of a class body, with their defaults, out of the class; those without default first."""
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=vars(cls).get(name, inspect.Parameter.empty),
            annotation=hint,
        )
        for name, hint in inspect.get_annotations(cls).items()
    ]
    for option in options:
        if option.name in vars(cls):
            delattr(cls, option.name)
    return sorted(options, key=is_optional)


def is_optional(option: inspect.Parameter) -> bool:
    """Whether an option has a default."""
    return option.default is not inspect.Parameter.empty


def give_constructor(
    cls: type, parameters: Sequence[inspect.Parameter], construct: Callable[[Any, Mapping[str, Any]], None]
) -> None:
    """Write the constructor of a class.

    Args:
        cls: The class.
        parameters: What the constructor takes after `self`.
        construct: Initializes an object with all of them by name, defaults included.
    """
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    signature = inspect.Signature([own, *parameters])

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        given = signature.bind(self, *args, **kwargs)
        given.apply_defaults()
        construct(self, {name: value for name, value in given.arguments.items() if name != "self"})

    vars(__init__)["__signature__"] = signature
    setattr(cls, "__init__", __init__)  # noqa: B010  (mypy takes no assignment to a method)
