"""Find the base classes and components that an argument names."""

from foldformer.config.errors import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of
from foldformer.config.registrable import Registration, find, qualified_name, registered_bases


def base_named(name: str) -> type:
    """The base class with this name, or with this full path.

    Raises:
        ConfigurationError: No registered component has such a base; the nearest one is named.
    """
    bases = registered_bases()
    found = [base for base in bases if name in (base.__name__, qualified_name(base))]
    names = sorted(base.__name__ for base in bases)
    if not found:
        raise ConfigurationError(f"BASE: got {name!r}; expected {one_of(names)}{did_you_mean(name, names)}")
    if len(found) > 1:
        paths = [qualified_name(base) for base in found]
        raise ConfigurationError(f"BASE: got {name!r}, which several packages have; expected {one_of(paths)}")
    return found[0]


def component_named(base: type, name: str) -> Registration:
    """What is registered for a base class under a name, or has this class path.

    Raises:
        ConfigurationError: There is none; the nearest one is named.
    """
    found = find(base, name)
    if isinstance(found, str):
        raise ConfigurationError(f"{base.__name__}: {found}")
    return found
