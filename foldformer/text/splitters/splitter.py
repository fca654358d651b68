"""What every splitter can do."""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foldformer.config import Registrable


class Splitter(Registrable):
    """Splits a text into spans of characters: sentences, paragraphs, or whatever is wanted."""

    default_implementation = "sentences"

    @abstractmethod
    def split(self, text: str) -> list[tuple[int, int]]:
        """Return half-open spans of characters, none of them empty, ascending by their start."""

    def split_cut(
        self,
        text: str,
        wordpieces: NDArray[np.integer[Any]],  # noqa: ARG002
    ) -> list[tuple[int, int]]:
        """Split a text whose wordpieces are known.

        Args:
            text: The text.
            wordpieces: Half-open character span of each wordpiece. (wordpieces, 2)
        """
        return self.split(text)

    def describe(self) -> dict[str, Any]:
        """Return what tells this splitter apart from others, as JSON."""
        return {"class": type(self).__name__}
