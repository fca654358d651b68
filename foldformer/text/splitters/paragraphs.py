"""Paragraphs."""

import re

from overrides import overrides

from foldformer.text.splitters.splitter import Splitter

_PARAGRAPH = re.compile(r"\S(?:.*?\S)??(?=\s*\n[^\S\n]*\n|\s*\Z)", re.DOTALL)


@Splitter.register("paragraphs")
class ParagraphSplitter(Splitter):
    """Split where at least one line is empty; space around a paragraph is no part of it."""

    @overrides
    def split(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in _PARAGRAPH.finditer(text)]
