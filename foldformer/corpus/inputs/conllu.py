"""CoNLL-U: words that a treebank has cut, sentence by sentence."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from foldformer.choices import ConlluUnit
from foldformer.corpus.inputs.fields import Keys, checked_text
from foldformer.corpus.inputs.lines import decoded_lines
from foldformer.corpus.inputs.record import Found, RecordError, Refused
from foldformer.corpus.inputs.sources import Source
from foldformer.text.bounded_streams import BoundedReader

NUM_COLUMNS = 10


@dataclass
class _Sentence:
    place: str
    comments: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    reason: str | None = None

    @property
    def starts_document(self) -> bool:
        return "newdoc" in self.comments or "newdoc id" in self.comments

    def add(self, line: str, place: str) -> None:
        if line.startswith("#"):
            key, _, value = line.removeprefix("#").partition("=")
            self.comments.setdefault(key.strip(), value.strip())
            return
        columns = line.split("\t")
        if len(columns) != NUM_COLUMNS:
            self.refuse(
                f"got {len(columns)} columns at {place}; expected {NUM_COLUMNS}, separated by tabs; "
                "a sentence ends with an empty line"
            )
        elif "-" not in columns[0] and "." not in columns[0]:  # ranges and empty nodes are no words of their own
            self.words.append(columns[1])

    def refuse(self, reason: str) -> None:
        self.reason = self.reason or reason


def read_conllu(source: Source, binary: BoundedReader, keys: Keys, unit: ConlluUnit) -> Iterator[Found | Refused]:
    """Make a document of the words of each `# newdoc`, or of each sentence.

    The unit "auto" takes documents in a file whose first sentence begins one. Words are syntactic words: ranges (`3-4`)
    and empty nodes (`5.1`) are left out. The id is that of the document or the sentence.
    """
    group: list[_Sentence] = []
    for sentence in _sentences(source, binary):
        if unit == "auto":
            unit = "document" if sentence.starts_document else "sentence"
        if group and (unit == "sentence" or sentence.starts_document):
            yield _record(group, keys, unit)
            group = []
        group.append(sentence)
    if group:
        yield _record(group, keys, unit)


def _sentences(source: Source, binary: BoundedReader) -> Iterator[_Sentence]:
    sentence: _Sentence | None = None
    for place, _, line in decoded_lines(source, binary):
        if line == "":
            if sentence is not None:
                yield sentence
            sentence = None
            continue
        sentence = sentence or _Sentence(place)
        if isinstance(line, Refused):
            sentence.refuse(f"{line.place}: {line.reason}")
        else:
            sentence.add(line, place)
    if sentence is not None:
        yield sentence


def _record(group: list[_Sentence], keys: Keys, unit: ConlluUnit) -> Found | Refused:
    first = group[0]
    refusal = next((sentence.reason for sentence in group if sentence.reason), None)
    if refusal is not None:
        return Refused(first.place, refusal)
    key = keys.id or ("newdoc id" if unit == "document" else "sent_id")
    try:
        words = checked_text([word for sentence in group for word in sentence.words])
        return Found(first.place, first.comments.get(key) or None, words, keys.take_kept(first.comments))
    except RecordError as error:
        return Refused(first.place, str(error))
