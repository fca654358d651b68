"""What seqeval calls an entity, for the four ways of writing spans that AllenNLP knows."""

from collections.abc import Mapping, Sequence

from foldformer.config.optional import import_optional

SCHEME_LETTERS: Mapping[str, Mapping[str, str]] = {
    "BIO": {"B": "B", "I": "I", "O": "O"},
    "IOB1": {"B": "B", "I": "I", "O": "O"},
    "BIOUL": {"B": "B", "I": "I", "O": "O", "U": "S", "L": "E"},
    "BMES": {"B": "B", "M": "I", "E": "E", "S": "S", "O": "O"},
}
"""seqeval's letter (of IOBES) for each letter of a scheme."""
UNNAMED = "_"
"""What seqeval calls the entity of a tag that has none."""


def entities(tags: Sequence[str], scheme: str) -> list[tuple[str, tuple[int, int]]]:
    """Find the spans of tags, by the rules of the CoNLL-2000 evaluation: what continues nothing begins a span.

    Args:
        tags: Tags such as "B-PER"; what does not begin with a letter of the scheme is outside.
        scheme: A key of `SCHEME_LETTERS`.

    Returns:
        Spans as (entity, (first, last)), last included.

    Raises:
        MissingPackageError: seqeval is not installed.
    """
    sequence_labeling = import_optional("seqeval.metrics.sequence_labeling", extra="train")
    letters = SCHEME_LETTERS[scheme]
    rewritten = [f"{letters[tag[0]]}-{tag[2:]}" if tag[0] in letters and tag != "O" else "O" for tag in tags]
    return [
        ("" if entity == UNNAMED and len(tags[first]) < len("B-_") else entity, (first, last))
        for entity, first, last in sequence_labeling.get_entities(rewritten)
    ]
