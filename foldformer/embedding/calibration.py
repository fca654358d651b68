"""The text on which activations are measured before a transformer is quantized."""

from importlib.resources import files
from pathlib import Path

import numpy as np
from transformers import PreTrainedTokenizerBase

from foldformer.config import ConfigurationError
from foldformer.engine.backends.quantization import Calibration
from foldformer.text.special_tokens import SpecialTokens
from foldformer.text.wordpieces import encode_texts

LENGTHS = (256, 64, 24)
"""Wordpieces of the segments that the text is cut into, special tokens included: long, short and sentences."""
MOST_SEGMENTS = 60
"""Segments of each length. More change nothing that was seen, and take longer."""


def calibration_sample(
    tokenizer: PreTrainedTokenizerBase, special: SpecialTokens, max_length: int, file: str | None
) -> Calibration:
    """Cut the calibration text into segments.

    Args:
        tokenizer: The transformer's own.
        special: Special tokens around every segment.
        max_length: Longest segment, special tokens included.
        file: A text in UTF-8; None takes the one that comes with the package.

    Raises:
        ConfigurationError: The file cannot be read, or holds no wordpiece.
    """
    text = _read(file) if file is not None else (files(__package__) / "calibration.txt").read_text("utf-8")
    (encoded,) = encode_texts(tokenizer, [text])
    before, after = ([token.id for token in tokens] for tokens in (special.single_start, special.single_end))
    segments = []
    for length in sorted({min(length, max_length) for length in LENGTHS}, reverse=True):
        step = max(1, length - len(before) - len(after))
        cut = [encoded.ids[start : start + step] for start in range(0, len(encoded.ids), step)]
        segments += [np.array([*before, *ids, *after], dtype=np.int64) for ids in cut[:MOST_SEGMENTS]]
    if not segments:
        raise ConfigurationError(f"calibration: got {file}, which holds no wordpiece; expected a text")
    return Calibration(segments)


def _read(file: str) -> str:
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"calibration: got {file}; expected a text in UTF-8 ({error})") from error
