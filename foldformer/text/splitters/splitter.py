"""What every splitter can do."""

from abc import abstractmethod

from foldformer.config import Registrable


class Splitter(Registrable):
    """Splits a text into spans of characters: sentences, paragraphs, or whatever is wanted."""

    default_implementation = "sentences"

    @abstractmethod
    def split(self, text: str) -> list[tuple[int, int]]:
        """Return half-open spans of characters, none of them empty, ascending by their start."""
