"""How one text is cut into segments and stitched, for people to look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, get_args

import numpy as np

from foldformer.choices import Cut
from foldformer.config import ConfigurationError
from foldformer.config.choice import check_choice
from foldformer.embedding.cutting import DocumentCutter
from foldformer.embedding.place_finder import PlaceFinder
from foldformer.engine.segments import UNLIMITED_MAX_LENGTH, SpecialTokenCounts
from foldformer.engine.trial_run import parts_that_run, try_out
from foldformer.engine.windows.cuts import Windowing, check_overlap, cut_windows
from foldformer.text.pretrained import load_tokenizer, load_transformer
from foldformer.text.special_tokens import check_max_length, find_special_tokens
from foldformer.text.splitters.cut_places import sentence_splitter_of
from foldformer.text.tokenizers import WhitespaceTokenizer


@dataclass(frozen=True)
class FoldedText:
    """A text, its wordpieces, and the segments that run for it.

    Args:
        text: The text.
        pieces: Its wordpieces, special tokens left out.
        characters: Half-open character span of each piece; None where the tokenizer does not tell.
        start: Special tokens before the wordpieces of every segment.
        end: Special tokens behind them.
        segments: Half-open span of pieces in each segment; adjacent ones may share some.
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
        num_specials = len(self.start) + len(self.end)
        return sum(last - first + num_specials for first, last in self.segments)

    @cached_property
    def shared(self) -> frozenset[int]:
        """Pieces that several segments hold."""
        pairs = pairwise(self.segments)
        return frozenset(i for (_, end), (start, _) in pairs for i in range(start, end))

    def new_pieces(self, segment: int) -> range:
        """Return the pieces of a segment that no segment before it holds."""
        first, last = self.segments[segment]
        return range(first if segment == 0 else max(first, self.segments[segment - 1][1]), last)


def fold_text(
    text: str,
    model_name: str,
    max_length: int | None = None,
    tokenizer_kwargs: Mapping[str, Any] | None = None,
    *,
    overlap: int = 0,
    cut: Cut = "wordpiece",
) -> FoldedText:
    """Cut a text as the embedders do. No weights are loaded.

    Args:
        text: The text.
        model_name: Folder or name of the transformer.
        max_length: Longest segment, special tokens included; None takes all the positions that the transformer has.
        tokenizer_kwargs: Handed to the loading of the tokenizer.
        overlap: Content wordpieces that neighbouring segments share.
        cut: Where segments may end.

    Raises:
        ConfigurationError: No such model, `max_length` is too small for its special tokens or too large for it, or
            `overlap` is not below the content of a segment.
    """
    check_choice("cut", cut, get_args(Cut))
    tokenizer = load_tokenizer(model_name, **(tokenizer_kwargs or {}))
    special = find_special_tokens(tokenizer)
    check_max_length(max_length, special.num_single)
    limit = _position_limit(model_name)
    if max_length is not None and limit is not None and max_length > limit:
        raise ConfigurationError(f"max_length: got {max_length}; expected at most {limit}, the positions of the model")
    longest = max_length or limit or UNLIMITED_MAX_LENGTH
    counts = SpecialTokenCounts(len(special.single_start), len(special.single_end))
    check_overlap(overlap, longest, counts.total)
    cutter = DocumentCutter(
        tokenizer, "wordpiece", WhitespaceTokenizer(), PlaceFinder(cut, sentence_splitter_of(cut, None))
    )
    (document,) = cutter.cut([text])
    places = None if document.cut_places is None else [document.cut_places]
    windowing = Windowing(longest - counts.total, overlap, cut)
    windows = cut_windows(np.array([len(document.ids)]), windowing, places)
    ends = windows.starts + windows.lengths
    return FoldedText(
        text=text,
        pieces=tuple(document.pieces),
        characters=None if document.characters is None else tuple((int(a), int(b)) for a, b in document.characters),
        start=tuple(token.text for token in special.single_start),
        end=tuple(token.text for token in special.single_end),
        segments=tuple(zip(windows.starts.tolist(), ends.tolist(), strict=True)),
        max_length=longest,
    )


def _position_limit(model_name: str) -> int | None:
    """Ask the architecture, with a single layer of random weights where it can have one.

    Where it is no whole transformer that takes text, as with T5, its first part that does is asked.
    """
    try:
        transformer = load_transformer(model_name, load_weights=False, num_hidden_layers=1)
    except (ConfigurationError, TypeError, ValueError):
        transformer = load_transformer(model_name, load_weights=False)
    try:
        return try_out(transformer).position_limit
    except ConfigurationError:
        part = next(iter(parts_that_run(transformer).values()), None)
        return None if part is None else try_out(part).position_limit
