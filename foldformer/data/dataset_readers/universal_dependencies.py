"""Words, their parts of speech and their heads from Universal Dependencies treebanks."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Literal

from overrides import overrides

from foldformer.config import Problem, refuse
from foldformer.data.dataset_readers.dataset_reader import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.sources import (
    LabelRule,
    TokenIndexers,
    data_lines,
    default_token_indexers,
    set_token_indexers,
    tagged_words,
)
from foldformer.data.fields import Field, MetadataField, SequenceLabelField, TextField
from foldformer.data.instance import Instance
from foldformer.text import Token, Tokenizer
from foldformer.text.text_files import Line

_NUM_COLUMNS = 10
_HEAD, _LABEL = 6, 7
_RANGE_OR_EMPTY = re.compile(r"\d+-\d+|\d+\.\d+")
_NO_TAG = "_"


@DatasetReader.register("universal_dependencies")
class UniversalDependenciesDatasetReader(DatasetReader):
    """Read words and part-of-speech tags from CoNLL-U files, by sentence or by document.

    Ranges of words written as one (`1-2 don't`) and words that are only understood (`8.1`) are left out. Fields:
    `tokens` (TextField), `tags` (SequenceLabelField) and `metadata` with the `words`. With `dependencies`, the fields
    are those of allennlp-models: `words` (TextField), `pos_tags`, `head_tags` and `head_indices` (SequenceLabelField;
    0 is the root) and `metadata` with `words` and `pos`.

    Args:
        token_indexers: By name; `{"tokens": {"type": "single_id"}}` by default.
        use_language_specific_pos: Take the treebank's own tags (XPOS) in place of the universal ones (UPOS).
        unit: What one instance is: a "sentence", or a "document" of all sentences up to the next `# newdoc`.
        label_namespace: Namespace of `tags`.
        dependencies: Read heads and their labels too, of sentences.
        tokenizer: Cuts the words, joined by blanks, anew; only with `dependencies`, and it must give as many words.
        kwargs: Those of every `DatasetReader`.

    Raises:
        ConfigurationError: Documents are asked for with dependencies, or a tokenizer without.
    """

    def __init__(
        self,
        token_indexers: TokenIndexers | None = None,
        use_language_specific_pos: bool = False,
        unit: Literal["sentence", "document"] = "sentence",
        label_namespace: str = "labels",
        dependencies: bool = False,
        tokenizer: Tokenizer | None = None,
        **kwargs: Any,
    ) -> None:
        refuse(self.check_block({"unit": unit, "dependencies": dependencies, "tokenizer": tokenizer}))
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        self._token_indexers = token_indexers or default_token_indexers()
        self.use_language_specific_pos = use_language_specific_pos
        self._tag_column = 4 if use_language_specific_pos else 3
        self._by_document = unit == "document"
        self._label_namespace = label_namespace
        self._dependencies = dependencies
        self._tokenizer = tokenizer

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """Options that do not go together."""
        if block.get("dependencies") and block.get("unit") == "document":
            yield Problem("unit", 'got "document" with dependencies; expected "sentence", as heads are within one')
        if block.get("tokenizer") and not block.get("dependencies"):
            yield Problem("tokenizer", "got one without dependencies; expected none, as the treebank has the words")

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        rule = LabelRule(self.labels_required, "tag")
        for unit in self.shard_iterable(self._units(data_lines(file_path))):
            rows = [columns for line in unit if (columns := _word(line)) is not None]
            tags = [columns[self._tag_column] for columns in rows]
            rule.check(_NO_TAG not in tags, unit[0])
            if rows:
                arcs = [_arc(columns, unit[0]) for columns in rows] if self._dependencies else None
                words = [Token(columns[1]) for columns in rows]
                yield self.text_to_instance(words, None if _NO_TAG in tags else tags, arcs)

    @overrides(check_signature=False)
    def text_to_instance(
        self,
        tokens: Sequence[Token | str],
        tags: Sequence[str] | None = None,
        dependencies: Sequence[tuple[str, int]] | None = None,
    ) -> Instance:
        """Make an instance of one sentence or document.

        Args:
            tokens: Its words.
            tags: A tag for each word.
            dependencies: For each word the label of its arc, and its head, from 1; 0 is the root.
        """
        words = [token if isinstance(token, Token) else Token(token) for token in tokens]
        if self._dependencies:
            return Instance(self._tree(words, tags, dependencies))
        return Instance(tagged_words(words, tags, self._label_namespace))

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        set_token_indexers(instance, self._token_indexers, "tokens", "words")

    def _tree(
        self, tokens: Sequence[Token], tags: Sequence[str] | None, dependencies: Sequence[tuple[str, int]] | None
    ) -> dict[str, Field[Any]]:
        words = [token.ensure_text() for token in tokens]
        sequence = TextField(tokens if self._tokenizer is None else self._tokenizer.tokenize(" ".join(words)))
        fields: dict[str, Field[Any]] = {"words": sequence, "metadata": MetadataField({"words": words, "pos": tags})}
        if tags is not None:
            fields["pos_tags"] = SequenceLabelField(tags, sequence, "pos")
        if dependencies is not None:
            fields["head_tags"] = SequenceLabelField([label for label, _ in dependencies], sequence, "head_tags")
            fields["head_indices"] = SequenceLabelField([head for _, head in dependencies], sequence, "head_index_tags")
        return fields

    def _units(self, lines: Iterable[Line]) -> Iterator[list[Line]]:
        sentences = _sentences(lines)
        if not self._by_document:
            return ([line for line in sentence if not line.text.startswith("#")] for sentence in sentences)
        return _documents(sentences)


def _sentences(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Cut at blank lines; comments stay with the sentence that they stand before."""
    sentence: list[Line] = []
    for line in chain(lines, [None]):
        if line is not None and line.text.strip():
            sentence.append(line)
            continue
        if any(not comment.text.startswith("#") for comment in sentence):
            yield sentence
        sentence = []


def _documents(sentences: Iterable[list[Line]]) -> Iterator[list[Line]]:
    document: list[Line] = []
    for sentence in sentences:
        starts_anew = any(line.text.startswith("# newdoc") for line in sentence)
        if document and (starts_anew or sentence[0].file != document[0].file):
            yield document
            document = []
        document.extend(line for line in sentence if not line.text.startswith("#"))
    if document:
        yield document


def _arc(columns: Sequence[str], first: Line) -> tuple[str, int]:
    """Label and head of a word."""
    if not columns[_HEAD].isdecimal():
        raise first.error(
            f'got the head "{columns[_HEAD]}" of "{columns[1]}" in the sentence that begins here; expected a number'
        )
    return columns[_LABEL], int(columns[_HEAD])


def _word(line: Line) -> list[str] | None:
    """The columns of a word; None for a range or an understood word."""
    columns = line.text.split("\t")
    if len(columns) != _NUM_COLUMNS:
        raise line.error(
            f"got {len(columns)} columns between tabs; expected the {_NUM_COLUMNS} of CoNLL-U: "
            "id, form, lemma, upos, xpos, ..."
        )
    if _RANGE_OR_EMPTY.fullmatch(columns[0]):
        return None
    if not columns[0].isdecimal():
        raise line.error(f'got the id "{columns[0]}"; expected a number, a range (3-4) or an empty node (5.1)')
    return columns
