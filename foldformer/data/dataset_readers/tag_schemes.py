"""Recoding of the tags that mark spans."""

from collections.abc import Sequence
from typing import Literal

Scheme = Literal["IOB1", "BIO"]


def to_bioul(tags: Sequence[str], encoding: Scheme = "IOB1") -> list[str]:
    """Recode span tags so that beginning, inside, last and single words of a span differ.

        IOB1    I-PER I-PER O I-LOC B-LOC          (B only where a span touches one of the same type before it)
        BIO     B-PER I-PER O B-LOC B-LOC
        BIOUL   B-PER L-PER O U-LOC U-LOC

    Args:
        tags: One a word.
        encoding: How they are coded.

    Raises:
        ValueError: A tag does not belong to the coding.
    """
    spans: list[list[int]] = []
    for position, tag in enumerate(tags):
        prefix, _, kind = tag.partition("-")
        if prefix not in ("B", "I", "O"):
            raise ValueError(f'got the tag "{tag}" at word {position + 1}; expected {encoding}: O, B-type or I-type')
        if prefix == "O":
            continue
        continues = prefix == "I" and position > 0 and tags[position - 1].partition("-")[0] != "O"
        continues = continues and tags[position - 1].partition("-")[2] == kind
        if encoding == "BIO" and prefix == "I" and not continues:
            raise ValueError(
                f'got the tag "{tag}" at word {position + 1} after "{tags[position - 1] if position else "nothing"}"; '
                f'expected BIO: a span begins with "B-{kind}"'
            )
        if continues:
            spans[-1].append(position)
        else:
            spans.append([position])
    return _coded(tags, spans)


def _coded(tags: Sequence[str], spans: Sequence[Sequence[int]]) -> list[str]:
    prefixes = ["O"] * len(tags)
    for span in spans:
        for position in span:
            prefixes[position] = "I"
        prefixes[span[0]], prefixes[span[-1]] = "B", "L"
        if len(span) == 1:
            prefixes[span[0]] = "U"
    return [prefix + tag[1:] for prefix, tag in zip(prefixes, tags, strict=True)]
