"""The smallest unit of text that the rest of the library passes around."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True, repr=False)
class Token:
    """A word or a wordpiece, with what a corpus or a tokenizer says about it.

    Args:
        text: What the token reads. None only where ids are all there is, as with byte encodings.
        idx: First character in the text that it was cut from.
        idx_end: One past its last character there.
        lemma_: Lemma.
        pos_: Coarse part of speech.
        tag_: Fine part of speech.
        dep_: Dependency relation to its head.
        ent_type_: Entity type.
        text_id: An id that is known already; indexers use it in place of a look-up in the vocabulary.
        type_id: Sentence A/B id, for transformers that tell sentences apart.

    Raises:
        TypeError: `text` is neither a string nor None.
    """

    text: str | None = None
    idx: int | None = None
    idx_end: int | None = None
    lemma_: str | None = None
    pos_: str | None = None
    tag_: str | None = None
    dep_: str | None = None
    ent_type_: str | None = None
    text_id: int | None = None
    type_id: int | None = None

    def __post_init__(self) -> None:
        if self.text is not None and not isinstance(self.text, str):
            raise TypeError(
                f"Token text: got {self.text!r} ({type(self.text).__name__}); expected a string; "
                "an id belongs into text_id"
            )

    def __reduce__(self) -> tuple[type["Token"], tuple[Any, ...]]:
        # the pickling that dataclasses with slots get is twelve times slower to load, which data workers feel
        return Token, tuple(getattr(self, name) for name in self.__slots__)

    def __str__(self) -> str:
        return self.text if self.text is not None else f"<{self.text_id}>"

    def __repr__(self) -> str:
        return str(self)

    def ensure_text(self) -> str:
        """Return the text.

        Raises:
            ValueError: The token has none.
        """
        if self.text is None:
            raise ValueError(
                f"a token without text (text_id {self.text_id}) stands where words are needed; "
                "use a tokenizer that keeps the text"
            )
        return self.text


def show_token(token: Token) -> str:
    """List all that is known of a token in one line."""
    known = (
        f"({name.rstrip('_')}: {getattr(token, name)})"
        for name in ("idx", "idx_end", "lemma_", "pos_", "tag_", "dep_", "ent_type_", "text_id", "type_id")
    )
    return f"{token.text} " + " ".join(known)
