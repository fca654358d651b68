"""All that OntoNotes 5.0 says of its sentences, in the format of CoNLL 2011 and 2012."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from importlib import import_module
from os import PathLike
from typing import Any

from foldformer.data.dataset_readers.ontonotes_ner import (
    bio_tags_of_brackets,
    conll_columns,
    conll_sentences,
    gold_conll_files,
)
from foldformer.text.files import LocalFile
from foldformer.text.text_files import Line, read_lines

PathOrStr = str | PathLike[str]
_DOCUMENT, _PART, _WORD, _TAG, _PARSE, _LEMMA, _FRAMESET, _SENSE, _SPEAKER, _ENTITY, _FRAMES = 0, 1, *range(3, 12)
_BRACKETS = {"(": "-LRB-", ")": "-RRB-"}
_COREFERENCE = re.compile(r"(\()?(\d+)(\))?")
_NOTHING = "XX"


class OntonotesSentence:
    """A sentence, and what is known of its words.

    Args:
        document_id: Nearly the name of its file.
        sentence_id: Number of its part of the document.
        words: As the treebank cuts them.
        pos_tags: Of the Penn treebank.
        parse_tree: Its tree, or the brackets of it; None where it is not known.
        predicate_lemmas: Lemma of each word that has frames or senses, else None.
        predicate_framenet_ids: Frameset of each such word, else None.
        word_senses: Sense of each such word, a number such as 1.1, else None.
        speakers: Who says each word, or None.
        named_entities: BIO tags.
        srl_frames: Each predicate, and the BIO tags of its arguments.
        coref_spans: Number of the cluster, and first and last word, of each mention.
    """

    def __init__(
        self,
        document_id: str,
        sentence_id: int,
        words: list[str],
        pos_tags: list[str],
        parse_tree: Any,
        predicate_lemmas: list[str | None],
        predicate_framenet_ids: list[str | None],
        word_senses: list[float | None],
        speakers: list[str | None],
        named_entities: list[str],
        srl_frames: list[tuple[str, list[str]]],
        coref_spans: set[tuple[int, tuple[int, int]]],
    ) -> None:
        self.document_id = document_id
        self.sentence_id = sentence_id
        self.words = words
        self.pos_tags = pos_tags
        self._parse_tree = parse_tree
        self.predicate_lemmas = predicate_lemmas
        self.predicate_framenet_ids = predicate_framenet_ids
        self.word_senses = word_senses
        self.speakers = speakers
        self.named_entities = named_entities
        self.srl_frames = srl_frames
        self.coref_spans = coref_spans

    @cached_property
    def parse_tree(self) -> Any:
        """The tree, an `nltk.Tree` with parts of speech above the words; None where it is not known.

        Raises:
            ModuleNotFoundError: nltk is not installed; nothing else here needs it.
        """
        if not isinstance(self._parse_tree, str):
            return self._parse_tree
        return import_module("nltk").Tree.fromstring(self._parse_tree)


class Ontonotes:
    """Reads the `*gold_conll` files of OntoNotes 5.0."""

    def dataset_iterator(self, file_path: PathOrStr) -> Iterator[OntonotesSentence]:
        """All sentences of all files below a folder."""
        for file in gold_conll_files(file_path):
            yield from self.sentence_iterator(file)

    @staticmethod
    def dataset_path_iterator(file_path: PathOrStr) -> Iterator[str]:
        """Paths of all files below a folder, sorted."""
        return (str(file.path) for file in gold_conll_files(file_path))

    def sentence_iterator(self, file_path: PathOrStr | LocalFile) -> Iterator[OntonotesSentence]:
        """All sentences of a file."""
        return map(_sentence, conll_sentences(read_lines(file_path)))

    def dataset_document_iterator(self, file_path: PathOrStr | LocalFile) -> Iterator[list[OntonotesSentence]]:
        """The documents of a file, each with `#end document` behind it; the last one may go without."""
        lines: list[Line] = []
        for line in read_lines(file_path):
            lines.append(line)
            if line.text.startswith("#end document"):
                yield list(map(_sentence, conll_sentences(lines)))
                lines = []
        rest = list(map(_sentence, conll_sentences(lines)))
        if rest:
            yield rest


def _sentence(lines: Sequence[Line]) -> OntonotesSentence:
    rows = [conll_columns(line) for line in lines]
    words = [row[_WORD] for row in rows]
    predicates = [row[_WORD] for row in rows if any("(V" in each for each in row[_FRAMES:-1])]
    frames = [bio_tags_of_brackets(column) for column in zip(*(row[_FRAMES:-1] for row in rows), strict=True)]
    senses = _known(row[_SENSE] for row in rows)
    return OntonotesSentence(
        rows[-1][_DOCUMENT],
        int(rows[-1][_PART]),
        words,
        [row[_TAG] if _NOTHING in (row[_TAG], row[_WORD]) else _BRACKETS.get(row[_TAG], row[_TAG]) for row in rows],
        _tree(rows),
        _known(row[_LEMMA] for row in rows),
        _known(row[_FRAMESET] for row in rows),
        [None if sense is None else float(sense) for sense in senses],
        _known(row[_SPEAKER] for row in rows),
        bio_tags_of_brackets([row[_ENTITY] for row in rows]),
        list(zip(predicates, frames, strict=False)),  # without predicates there is an empty column
        set(_mentions([row[-1] for row in rows], lines)),
    )


def _known(values: Iterable[str]) -> list[str | None]:
    return [None if value == "-" else value for value in values]


def _tree(rows: Sequence[Sequence[str]]) -> str | None:
    """Brackets of the tree with its words in it."""
    pieces = []
    for row in rows:
        word, tag, (left, right) = row[_WORD], row[_TAG], row[_PARSE].split("*")
        if _NOTHING in (word, tag):
            return None
        pieces.append(f"{left} ({_BRACKETS.get(tag, tag)} {_BRACKETS.get(word, word)}) {right.count(')') * ')'}")
    return "".join(pieces)


def _mentions(labels: Sequence[str], lines: Sequence[Line]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Turn `(0 - 0) (0)` into clusters and their words.

    Raises:
        FileContentError: A mention ends that has not begun.
    """
    begun: dict[int, list[int]] = {}
    for place, (label, line) in enumerate(zip(labels, lines, strict=True)):
        for opens, number, closes in _COREFERENCE.findall("" if label == "-" else label):
            starts = begun.setdefault(int(number), [])
            if opens:
                starts.append(place)
            if closes and not starts:
                raise line.error(f'got "{label}"; expected no end of a mention of cluster {number}, as none has begun')
            if closes:
                yield int(number), (starts.pop(), place)
