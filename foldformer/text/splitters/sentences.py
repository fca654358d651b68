"""Sentences, by a rule."""

import re

from overrides import overrides

from foldformer.text.splitters.paragraphs import ParagraphSplitter
from foldformer.text.splitters.splitter import Splitter

_END = re.compile(
    r"""
    (?:[.!?\u2026]+["'\u2019\u201d)\]\u00bb]* (?=\s) | [\u3002\uff01\uff1f]["\u2019\u201d\u300d\uff09]*)  # an end
    \s* (?![a-z\s])                                                     # what follows does not go on in lower case
    """,
    re.VERBOSE,
)
_NO_END = re.compile(r"(?:^|[\s(\"'])(?:[A-Z]|Mrs?|Ms|Drs?|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|cf|No|Nos|Fig|Gen|Col)\.\Z")
_LONGEST_ABBREVIATION = 8


@Splitter.register("sentences")
class SentenceSplitter(Splitter):
    """Split behind `.`, `!`, `?` and their kin in other scripts, and between paragraphs, without a model.

    A full stop ends no sentence if a lower-case letter follows, after a single capital ("J. Smith"), and after a few
    abbreviations. Space around a sentence is no part of it.
    """

    @overrides
    def split(self, text: str) -> list[tuple[int, int]]:
        spans = []
        for start, end in ParagraphSplitter().split(text):
            for match in _END.finditer(text, start, end):
                last = match.start() + len(match[0].rstrip())
                before = text[max(start, match.start() + 1 - _LONGEST_ABBREVIATION) : match.start() + 1]
                if match.end() < end and not _NO_END.search(before):
                    spans.append((start, last))
                    start = match.end()
            spans.append((start, end))
        return spans
