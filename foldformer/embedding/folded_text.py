"""How one text is cut into segments and stitched, for people to look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from foldformer.config import ConfigurationError
from foldformer.engine.segments import UNLIMITED_MAX_LENGTH, SpecialTokenCounts, frame_content
from foldformer.engine.trial_run import try_out
from foldformer.text.pretrained import load_tokenizer, load_transformer
from foldformer.text.special_tokens import check_max_length, find_special_tokens
from foldformer.text.wordpieces import encode_texts


@dataclass(frozen=True)
class FoldedText:
    """A text, its wordpieces, and the segments that run for it.

    Args:
        text: The text.
        pieces: Its wordpieces, special tokens left out.
        characters: Half-open character span of each piece; None where the tokenizer does not tell.
        start: Special tokens before the wordpieces of every segment.
        end: Special tokens behind them.
        segments: Half-open span of pieces in each segment.
        max_length: Most wordpieces in a segment, special tokens included.
    """

    text: str
    pieces: tuple[str, ...]
    characters: tuple[tuple[int, int], ...] | None
    start: tuple[str, ...]
    end: tuple[str, ...]
    segments: tuple[tuple[int, int], ...]
    max_length: int

    @property
    def num_run(self) -> int:
        """Wordpieces that run, every segment's special tokens included."""
        return len(self.pieces) + len(self.segments) * (len(self.start) + len(self.end))


def fold_text(
    text: str, model_name: str, max_length: int | None = None, tokenizer_kwargs: Mapping[str, Any] | None = None
) -> FoldedText:
    """Cut a text as the embedders do. No weights are loaded.

    Args:
        text: The text.
        model_name: Folder or name of the transformer.
        max_length: Longest segment, special tokens included; None takes all the positions that the transformer has.
        tokenizer_kwargs: Handed to the loading of the tokenizer.

    Raises:
        ConfigurationError: No such model, or `max_length` is too small for its special tokens or too large for it.
    """
    tokenizer = load_tokenizer(model_name, **(tokenizer_kwargs or {}))
    special = find_special_tokens(tokenizer)
    check_max_length(max_length, special.num_single)
    limit = _position_limit(model_name)
    if max_length is not None and limit is not None and max_length > limit:
        raise ConfigurationError(f"max_length: got {max_length}; expected at most {limit}, the positions of the model")
    longest = max_length or limit or UNLIMITED_MAX_LENGTH
    (encoded,) = encode_texts(tokenizer, [text])
    counts = SpecialTokenCounts(len(special.single_start), len(special.single_end))
    segments = frame_content(np.array([len(encoded.ids)]), longest, counts).segments
    ends = np.cumsum(segments.lengths - counts.total).tolist()
    return FoldedText(
        text=text,
        pieces=tuple(tokenizer.convert_ids_to_tokens(encoded.ids.tolist())),
        characters=None if encoded.offsets is None else tuple((int(a), int(b)) for a, b in encoded.offsets),
        start=tuple(token.text for token in special.single_start),
        end=tuple(token.text for token in special.single_end),
        segments=tuple(zip([0, *ends[:-1]], ends, strict=True)) if ends else (),
        max_length=longest,
    )


def _position_limit(model_name: str) -> int | None:
    """Ask the architecture, with a single layer of random weights where it can have one."""
    try:
        transformer = load_transformer(model_name, load_weights=False, num_hidden_layers=1)
    except (TypeError, ValueError):
        transformer = load_transformer(model_name, load_weights=False)
    return try_out(transformer).position_limit
