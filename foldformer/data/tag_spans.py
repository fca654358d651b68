"""Tags of words to spans of words, for each way of writing spans as tags.

Spans are (entity, (first, last)), last included, as AllenNLP gives them. In the drawings one word is one letter:

    BIO    B I O B I        IOB1   I I O I B        BIOUL  B L O U U        BMES   B E S B E
           |-|   |-|               |-|   | |               |-|   | |               |-| | |-|
"""

from collections.abc import Callable, Collection, Mapping, Sequence

TypedSpan = tuple[str, tuple[int, int]]
TagsToSpans = Callable[[Sequence[str], Collection[str]], list[TypedSpan]]

OUTSIDE = "O"


class InvalidTagSequenceError(ValueError):
    """Tags that the scheme does not know, or not in this order."""


def bio_tags_to_spans(tags: Sequence[str], classes_to_ignore: Collection[str] = ()) -> list[TypedSpan]:
    """Find the spans of BIO tags; an `I-X` that follows neither `B-X` nor `I-X` begins a span too.

    So a tagger cannot hide wrong predictions from a score by writing them badly.

    Args:
        tags: Tags such as "B-PER"; "B", "I" and "O" alone are spans without an entity.
        classes_to_ignore: Entities that count as outside.

    Raises:
        InvalidTagSequenceError: A tag does not begin with B, I or O.
    """
    return _spans_by_continuation(tags, classes_to_ignore, "BIO", lambda before, after: after == "I" and before in "BI")


def iob1_tags_to_spans(tags: Sequence[str], classes_to_ignore: Collection[str] = ()) -> list[TypedSpan]:
    """Find the spans of IOB1 tags, where `B-X` begins a span that directly follows another one of X.

    Args:
        tags: Tags such as "I-PER".
        classes_to_ignore: Entities that count as outside.

    Raises:
        InvalidTagSequenceError: A tag does not begin with B, I or O.
    """
    # BIO read with the same leniency towards a span that begins with I is IOB1.
    return bio_tags_to_spans(tags, classes_to_ignore)


def bmes_tags_to_spans(tags: Sequence[str], classes_to_ignore: Collection[str] = ()) -> list[TypedSpan]:
    """Find the spans of BMES tags; an `M-X` or `E-X` that continues nothing begins a span.

    An "O" is outside. (AllenNLP 2.10.1 counts it as a span of one word with an empty entity.)

    Args:
        tags: Tags such as "B-PER".
        classes_to_ignore: Entities whose spans are left out.

    Raises:
        InvalidTagSequenceError: A tag does not begin with B, M, E, S or O.
    """
    spans = _spans_by_continuation(tags, (), "BMESO", lambda before, after: after in "ME" and before in "BM")
    return [span for span in spans if span[0] not in classes_to_ignore]


def bioul_tags_to_spans(
    tags: Sequence[str], classes_to_ignore: Collection[str] = (), *, is_strict: bool = True
) -> list[TypedSpan]:
    """Find the spans of BIOUL tags.

    Args:
        tags: Tags such as "U-PER".
        classes_to_ignore: Entities whose spans are left out.
        is_strict: Refuse tags in the wrong order; otherwise each run that fits together is a span.

    Raises:
        InvalidTagSequenceError: The tags do not follow the scheme.
    """
    if is_strict:
        _check_bioul(tags)
    spans = _spans_by_continuation(tags, (), "BIOUL", lambda before, after: after in "IL" and before in "BI")
    return [span for span in spans if span[0] not in classes_to_ignore]


TAGS_TO_SPANS: Mapping[str, TagsToSpans] = {
    "BIO": bio_tags_to_spans,
    "IOB1": iob1_tags_to_spans,
    "BIOUL": bioul_tags_to_spans,
    "BMES": bmes_tags_to_spans,
}
"""By the name that `label_encoding` has in an experiment file."""
TAG_LETTERS: Mapping[str, str] = {"BIO": "BIO", "IOB1": "BIO", "BIOUL": "BIOUL", "BMES": "BMESO"}
"""What tags begin with in each of them."""


def read_spans(tags: Sequence[str], label_encoding: str, classes_to_ignore: Collection[str] = ()) -> list[TypedSpan]:
    """Find the spans of tags that a model may have written badly; what does not belong to the scheme is outside.

    Args:
        tags: Tags such as "B-PER".
        label_encoding: A key of `TAGS_TO_SPANS`.
        classes_to_ignore: Entities whose spans are left out.
    """
    known = [tag if tag and tag[0] in TAG_LETTERS[label_encoding] else OUTSIDE for tag in tags]
    if label_encoding == "BIOUL":
        return bioul_tags_to_spans(known, classes_to_ignore, is_strict=False)
    return TAGS_TO_SPANS[label_encoding](known, classes_to_ignore)


def _spans_by_continuation(
    tags: Sequence[str], ignored: Collection[str], letters: str, continues: Callable[[str, str], bool]
) -> list[TypedSpan]:
    """Cut where a tag does not continue the one before it; what is outside separates."""
    _check_letters(tags, letters)
    spans: list[TypedSpan] = []
    before: tuple[str, str] | None = None  # letter and entity of the word before; None outside
    for place, tag in enumerate(tags):
        letter, entity = tag[0], tag[2:]
        if letter == OUTSIDE or entity in ignored:
            before = None
            continue
        if before is not None and before[1] == entity and continues(before[0], letter):
            spans[-1] = (entity, (spans[-1][1][0], place))
        else:
            spans.append((entity, (place, place)))
        before = letter, entity
    return spans


def _check_letters(tags: Sequence[str], letters: str) -> None:
    for place, tag in enumerate(tags):
        if tag[:1] not in letters or not tag:
            raise InvalidTagSequenceError(
                f"got {tag!r} at position {place} of {' '.join(tags)}; expected tags that begin with one of {letters}"
            )


def _check_bioul(tags: Sequence[str]) -> None:
    open_entity: str | None = None
    for place, tag in enumerate([*tags, OUTSIDE]):
        letter, entity = tag[:1], tag[2:]
        stays = letter in ("I", "L") and entity == open_entity
        if not stays and (open_entity is not None or letter in ("I", "L")):
            wanted = "B, U or O" if open_entity is None else f"I or L of the span {open_entity!r}"
            raise InvalidTagSequenceError(f"got {' '.join(tags)}; expected {wanted} at position {place}")
        open_entity = entity if letter in ("B", "I") else None
