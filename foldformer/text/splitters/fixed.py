"""Spans of so many wordpieces."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from overrides import overrides

from foldformer.config import AtLeastOne, ConfigurationError, NotNegative
from foldformer.text.splitters.splitter import Splitter


@Splitter.register("fixed")
class FixedSplitter(Splitter):
    """Split into spans of the same number of wordpieces, the last one perhaps shorter.

    Args:
        num_wordpieces: In each span.
        overlap: Wordpieces that neighbouring spans share.

    Raises:
        ConfigurationError: `overlap` is not below `num_wordpieces`.
    """

    def __init__(self, num_wordpieces: AtLeastOne, overlap: NotNegative = 0) -> None:
        if not 0 <= overlap < num_wordpieces:
            raise ConfigurationError(
                f"overlap: got {overlap}; expected 0 to {num_wordpieces - 1}, below num_wordpieces"
            )
        self._num_wordpieces, self._overlap = num_wordpieces, overlap

    @overrides
    def split(self, text: str) -> list[tuple[int, int]]:  # noqa: ARG002
        """Refuse, as nobody has cut this text into wordpieces.

        Raises:
            ConfigurationError: Always.
        """
        raise ConfigurationError('got the splitter "fixed", which counts wordpieces, where sentences are wanted')

    @overrides
    def split_cut(
        self,
        text: str,  # noqa: ARG002
        wordpieces: NDArray[np.integer[Any]],
    ) -> list[tuple[int, int]]:
        step, count = self._num_wordpieces - self._overlap, len(wordpieces)
        firsts = range(0, max(count - self._overlap, min(count, 1)), step)
        return [
            (int(wordpieces[first, 0]), int(wordpieces[min(first + self._num_wordpieces, count) - 1, 1]))
            for first in firsts
        ]

    @overrides
    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "num_wordpieces": self._num_wordpieces, "overlap": self._overlap}
