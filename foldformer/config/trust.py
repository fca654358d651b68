"""What files that come from somebody else may not ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from foldformer.config.errors import ConfigurationError

_source: ContextVar[str | None] = ContextVar("source", default=None)
_is_trusted: ContextVar[bool] = ContextVar("is_trusted", default=False)


@contextmanager
def archives_trusted(*, trust: bool = True) -> Iterator[None]:
    """Let archives ask for remote code, other archives, URLs and any class; for the caller who knows them.

    Args:
        trust: Whether to; nothing changes otherwise.
    """
    token = _is_trusted.set(trust or _is_trusted.get())
    try:
        yield
    finally:
        _is_trusted.reset(token)


@contextmanager
def built_from(archive: str) -> Iterator[None]:
    """Say that what is built now was written by whoever made an archive.

    Args:
        archive: Its name, for errors.
    """
    token = _source.set(None if _is_trusted.get() else archive)
    try:
        yield
    finally:
        _source.reset(token)


def is_restricted() -> bool:
    """Whether what is built now comes from an archive that is not trusted."""
    return _source.get() is not None


def refusal(what: str) -> str:
    """The error of something that an untrusted archive asks for."""
    return (
        f"{_source.get()}: the archive asks for {what}; expected nothing of the kind in an archive of somebody else; "
        "if you trust it, pass --trust-archive (in Python: trust=True)"
    )


def refuse_if_restricted(what: str) -> None:
    """Stop an archive that is not trusted from getting what it asks for.

    Args:
        what: What that is, for the error.

    Raises:
        ConfigurationError: The archive is not trusted.
    """
    if is_restricted():
        raise ConfigurationError(refusal(what))
