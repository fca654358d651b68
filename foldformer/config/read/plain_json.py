"""Read configurations that programs wrote: JSON and nothing more."""

import json
from pathlib import Path
from typing import Any

from foldformer.config.errors import ConfigurationError
from foldformer.config.read.depth import TOO_DEEP, is_too_deep


def read_plain_json(path: Path) -> dict[str, Any]:
    """Read one object, without evaluating anything.

    Raises:
        ConfigurationError: The file is missing, or is no JSON object.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"{path}: expected plain JSON, which is never evaluated as Jsonnet: {error}"
        ) from error
    if not isinstance(data, dict):
        raise ConfigurationError(f"{path}: got {type(data).__name__}; expected a JSON object")
    if is_too_deep(data):
        raise ConfigurationError(f"{path}: {TOO_DEEP}")
    return data
