"""Files of metrics."""

import json
import logging
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foldformer.text.atomic import atomic

logger = logging.getLogger(__name__)


def write_metrics(file: Path, metrics: Mapping[str, Any]) -> None:
    """Write metrics as JSON; the file is whole or, if this is interrupted, not there or the old one.

    Numbers that JSON does not have, NaN and the infinities, become null.
    """
    with atomic(file) as part:
        part.write_text(json.dumps(_as_json(metrics), indent=2, allow_nan=False) + "\n", encoding="utf-8")


def dump_metrics(file_path: str | Path | None, metrics: Mapping[str, Any], log: bool = False) -> None:
    """Write metrics as JSON where a file is given, and log them where that is asked for."""
    if file_path:
        write_metrics(Path(file_path), metrics)
    if log:
        logger.info("metrics: %s", json.dumps(_as_json(metrics), indent=2))


def _as_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
