"""What comes out for one document."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class EmbeddedDocument:
    """The pieces of a document and a vector for each.

    Args:
        pieces: Wordpieces (special tokens are none), words, or the whole document, as the level says.
        starts: First character of each piece in the document; None for a document that came as words, and where the
            tokenizer does not tell. int32 (pieces,)
        ends: The character behind each piece. int32 (pieces,)
        vectors: float32 (pieces, dim)
        num_wordpieces: How many wordpieces the document has, special tokens left out.
        num_segments: How many segments ran for it; 0 for a document without wordpieces.
    """

    pieces: list[str]
    starts: NDArray[np.int32] | None
    ends: NDArray[np.int32] | None
    vectors: NDArray[np.float32]
    num_wordpieces: int
    num_segments: int
