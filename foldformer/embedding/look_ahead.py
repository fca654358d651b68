"""Gather documents that run together, before they are cut."""

from collections.abc import Iterable, Iterator, Sequence

from foldformer.embedding.cutting import Document
from foldformer.embedding.spans import Spanned

CHARACTERS_PER_WORDPIECE = 3
"""Before a text is cut, its wordpieces are guessed from its length; a low guess keeps windows small."""


def gathered(documents: Iterable[Document], most_wordpieces: int, *, takes_spans: bool) -> Iterator[list[Document]]:
    """Gather documents until they have so many wordpieces; one that has so many alone is a window of its own.

    Raises:
        ValueError: A document is neither a string nor words, or comes with spans that nobody takes.
    """
    window: list[Document] = []
    guessed = 0
    try:
        for document in documents:
            if not isinstance(document, (Sequence, Spanned)):
                got = type(document).__name__
                raise ValueError(f"document: got {got}; expected a string or a sequence of words")
            if isinstance(document, Spanned) and not takes_spans:
                raise ValueError('document: got Spanned; expected level "span" for documents with spans')
            window.append(document)
            guessed += 1 + guess_wordpieces(document)
            if guessed >= most_wordpieces:
                full, window, guessed = window, [], 0
                yield full
    finally:  # so that what was read before an error is not lost
        if window:
            yield window


def guess_wordpieces(document: Document) -> int:
    """Return about how many wordpieces a document has."""
    if isinstance(document, Spanned):
        return guess_wordpieces(document.document)
    if isinstance(document, str):
        return len(document) // CHARACTERS_PER_WORDPIECE
    return len(document) if isinstance(document, Sequence) else 0  # what is none is refused in its turn
