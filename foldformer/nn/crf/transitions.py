"""Which tag may follow which, for each way of writing spans as tags."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from foldformer.config import ConfigurationError

START, END = "START", "END"


class Scheme(NamedTuple):
    """The letters of a tagging scheme, by what they do to the span they are in."""

    opening: str
    """Letters that may begin a sequence or follow a finished span."""
    closing: str
    """Letters after which a span is finished: another may open, or the sequence may end."""
    staying: tuple[tuple[str, str], ...]
    """(letters before, letters after) that stay in a span, of the same entity."""
    first: str
    """Letters that may begin a sequence."""
    last: str
    """Letters that may end a sequence."""


LabelEncoding = Literal["BIO", "IOB1", "BIOUL", "BMES"]
SCHEMES: Mapping[str, Scheme] = {
    "BIOUL": Scheme(opening="OBU", closing="OLU", staying=(("BI", "IL"),), first="OBU", last="OLU"),
    "BIO": Scheme(opening="OB", closing="OBI", staying=(("BI", "I"),), first="OB", last="OBI"),
    "IOB1": Scheme(opening="OI", closing="OBI", staying=(("BI", "B"),), first="OI", last="OBI"),
    "BMES": Scheme(opening="BS", closing="ES", staying=(("BM", "M"), ("BM", "E")), first="BS", last="ES"),
}


def allowed_transitions(constraint_type: str, labels: Mapping[int, str]) -> list[tuple[int, int]]:
    """List the pairs of tags that may stand one after the other.

    The start of a sequence counts as tag number `len(labels)`, its end as `len(labels) + 1`.

    Args:
        constraint_type: "BIO", "IOB1", "BIOUL" or "BMES".
        labels: Tag by its index, such as {0: "O", 1: "B-PER"}.

    Returns:
        (from, to) indices.

    Raises:
        ConfigurationError: There is no such scheme.
    """
    scheme = scheme_by_name(constraint_type)
    named = [*labels.items(), (len(labels), START), (len(labels) + 1, END)]
    return [(i, j) for i, before in named for j, after in named if _is_allowed(scheme, before, after)]


def scheme_by_name(name: str) -> Scheme:
    """Find a scheme.

    Raises:
        ConfigurationError: There is no such scheme.
    """
    if name not in SCHEMES:
        expected = ", ".join(f'"{known}"' for known in SCHEMES)
        raise ConfigurationError(f'label_encoding: got "{name}"; expected one of {expected}')
    return SCHEMES[name]


def _is_allowed(scheme: Scheme, before: str, after: str) -> bool:
    if after == START or before == END:
        return False
    if before == START:
        return after != END and after[0] in scheme.first
    if after == END:
        return before[0] in scheme.last
    if after[0] in scheme.opening and before[0] in scheme.closing:
        return True
    same_entity = before[1:] == after[1:]
    return same_entity and any(before[0] in come and after[0] in go for come, go in scheme.staying)
