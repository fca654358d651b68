"""What is used of obstore: opening a store, conditional writes, and errors of one line."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from foldformer.config import ConfigurationError
from foldformer.corpus.corpus_error import CorpusError

SCHEMES = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "adl")
_METADATA_SERVICE = ("169.254.169.254", "/latest/api/token", "metadata.google.internal")
"""Where a client looks for credentials when there are no others."""
_REASONS = (re.compile(r"<Code>(\w+)</Code>"), re.compile(r"status code: (\d+ [A-Z]\w+)"))
"""What S3 calls an error, and the status where an answer has no content."""


def open_store(url: str) -> Any:
    """Open a store, with the credentials of the environment.

    Raises:
        ConfigurationError: obstore is not installed.
        CorpusError: The URL is no such URL.
    """
    _check_installed(url)
    from obstore.exceptions import BaseError
    from obstore.store import from_url

    try:
        return from_url(url, **store_options(url))
    except (BaseError, ValueError) as error:
        raise CorpusError(
            f"{url}: got no URL of a store ({first_line(error)}); expected one like s3://BUCKET/PREFIX"
        ) from error


def _check_installed(url: str) -> None:
    if find_spec("obstore") is None:
        raise ConfigurationError(
            f"{url}: got no installation of obstore; install it by pip install 'foldformer[cloud]'"
        )


def store_options(url: str) -> dict[str, Any]:
    """How a client of obstore is made for a URL."""
    options = {"client_options": {"allow_http": is_plain_http()}}
    if not url.startswith("s3"):
        return options
    # the store compares what it got with this checksum before it keeps it
    return {**options, "checksum_algorithm": "SHA256", **_boto3_credentials()}


def is_plain_http() -> bool:
    """Whether the store that the environment names is spoken to without encryption."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    return endpoint.startswith("http://")


def _boto3_credentials() -> dict[str, Any]:
    """Profiles and single sign-on are boto3's business; without it, variables and the machine's role are found."""
    if "AWS_ACCESS_KEY_ID" in os.environ:
        return {}
    try:
        from boto3 import Session
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ImportError:
        return {}
    session = Session()
    return {"credential_provider": Boto3CredentialProvider(session)} if session.get_credentials() else {}


@dataclass(frozen=True)
class Version:
    """What tells one content of an object from another: by S3 and Azure its ETag, by Google its generation.

    Args:
        e_tag: Of the object.
        version: Of the object.
    """

    e_tag: str | None
    version: str | None

    @classmethod
    def of(cls, meta: Mapping[str, Any]) -> "Version":
        """Take it from what a store says of an object."""
        return cls(meta["e_tag"], meta["version"])

    @classmethod
    def put(cls, store: Any, path: str, content: bytes, known: "Version | None") -> "Version | None":
        """Put an object if it is not there, or is what is known; None if it is something else.

        A request whose answer was lost is sent again and finds its own work: then it has succeeded.
        """
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        try:
            return cls.of(store.put(path, content, mode="create" if known is None else known._mode))
        except (AlreadyExistsError, PreconditionError, FileNotFoundError) as error:
            if isinstance(error, FileNotFoundError) and known is None:  # there is no bucket
                raise
            try:
                found = store.get(path)
            except FileNotFoundError:
                return None
            return cls.of(found.meta) if bytes(found.bytes()) == content else None

    @property
    def _mode(self) -> dict[str, str]:
        return {key: value for key, value in (("e_tag", self.e_tag), ("version", self.version)) if value is not None}


@contextmanager
def store_errors(url: str) -> Iterator[None]:
    """Make errors of obstore those of files, or of the user, in one line.

    Raises:
        CorpusError: There is no such bucket, or no permission.
        OSError: Something else is wrong, or there is no such object.
        ConfigurationError: obstore is not installed.
    """
    _check_installed(url)
    from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

    try:
        yield
    except FileNotFoundError as error:
        if "NoSuchBucket" in str(error):
            raise _no_bucket(url) from error
        raise
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise _no_permission(url, error) from error
    except BaseError as error:
        if "NoSuchBucket" in str(error):
            raise _no_bucket(url) from error
        if "ExpiredToken" in str(error):  # for which S3 has the status of a bad request
            raise _no_permission(url, error) from error
        if any(trace in str(error) for trace in _METADATA_SERVICE):
            raise CorpusError(
                f"{url}: got no credentials; expected variables (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                "GOOGLE_APPLICATION_CREDENTIALS, ...), the role of a machine or, with boto3, a profile"
            ) from error
        raise OSError(first_line(error)) from error


def _no_bucket(url: str) -> CorpusError:
    return CorpusError(f"{url}: got no bucket of this name; expected one that is there; make it first")


def _no_permission(url: str, error: BaseException) -> CorpusError:
    found = next(filter(None, (reason.search(str(error)) for reason in _REASONS)), None)
    reason = found[1] if found else first_line(error)
    return CorpusError(
        f"{url}: got credentials that have no permission there, or not any more ({reason}); renew them, or ask for the "
        "right to list, read, write and delete"
    )


def first_line(error: BaseException) -> str:
    """The first line of an error."""
    return str(error).strip().partition("\n")[0]
