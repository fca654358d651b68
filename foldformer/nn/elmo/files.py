"""Find the files of an ELMo, with an error that says which one is not there."""

from collections.abc import Callable
from pathlib import Path

from foldformer.config import ConfigurationError
from foldformer.text.archives import FileContentError
from foldformer.text.files import cached_path


def local_file(option: str, name: str, find: Callable[[str], Path] = cached_path) -> Path:
    """Find a file on the local disk, downloaded first where its name is a URL.

    Args:
        option: What the file is, for errors.
        name: Path or URL.
        find: Finds it.

    Raises:
        ConfigurationError: It is not there, cannot be reached, or is a folder.
    """
    try:
        path = find(name)
    except FileNotFoundError as error:
        raise ConfigurationError(f"{option}: {error}") from error
    except (OSError, FileContentError) as error:
        raise ConfigurationError(
            f'{option}: got "{name}", which cannot be fetched: {error or type(error).__name__}; '
            "expected a file that can be; download it and give its path"
        ) from error
    if path.is_dir():
        raise ConfigurationError(f'{option}: got the folder "{name}"; expected a file')
    return path
