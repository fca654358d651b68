"""Words in columns with part of speech, chunk and entity."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from overrides import overrides

from foldformer.config import ConfigurationError, Problem, refuse
from foldformer.config.nearest import show
from foldformer.data.dataset_readers.dataset_reader import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.sources import (
    BLANKS,
    TokenIndexers,
    columns_of,
    data_lines,
    default_token_indexers,
    set_token_indexers,
    tagged_words,
)
from foldformer.data.dataset_readers.tag_schemes import to_bioul
from foldformer.data.fields import SequenceLabelField, TextField
from foldformer.data.instance import Instance
from foldformer.text import Token
from foldformer.text.text_files import Line

logger = logging.getLogger(__name__)

_NUM_COLUMNS = 4
TagColumn = Literal["ner", "pos", "chunk"]


@DatasetReader.register("conll2003")
class Conll2003DatasetReader(DatasetReader):
    """Read the format of the CoNLL 2003 shared task: a word a line, a blank line after each sentence.

    Columns are separated by blanks or, where words hold blanks, by tabs; a no-break space separates nothing.

        U.N.     NNP I-NP I-ORG
        official NN  I-NP O

    Lines whose first word is `-DOCSTART-` part sentences too. Fields: `tokens` (TextField), `tags`
    (SequenceLabelField), `metadata` with the `words`, and one more of `pos_tags`, `chunk_tags`, `ner_tags` for each of
    `feature_labels`.

    Args:
        token_indexers: By name; `{"tokens": {"type": "single_id"}}` by default.
        tag_label: The column that becomes `tags`; null for none.
        feature_labels: Columns that become fields of their own, each in a namespace with the field's name.
        convert_to_coding_scheme: Recode chunks and entities, which are IOB1 in the published data.
        label_namespace: Namespace of `tags`.
        coding_scheme: The old name of `convert_to_coding_scheme`.
        kwargs: Those of every `DatasetReader`.

    Raises:
        ConfigurationError: `coding_scheme` and `convert_to_coding_scheme` contradict each other.
    """

    def __init__(
        self,
        token_indexers: TokenIndexers | None = None,
        tag_label: TagColumn | None = "ner",
        feature_labels: Sequence[TagColumn] = (),
        convert_to_coding_scheme: Literal["BIOUL"] | None = None,
        label_namespace: str = "labels",
        coding_scheme: Literal["IOB1", "BIOUL"] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        self._token_indexers = token_indexers or default_token_indexers()
        self.tag_label = tag_label
        self.feature_labels = frozenset(feature_labels)
        self.label_namespace = label_namespace
        refuse(self.check_block({"coding_scheme": coding_scheme, "convert_to_coding_scheme": convert_to_coding_scheme}))
        self.convert_to_coding_scheme = "BIOUL" if coding_scheme == "BIOUL" else convert_to_coding_scheme

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """One scheme."""
        wanted = block.get("convert_to_coding_scheme")
        if block.get("coding_scheme") == "IOB1" and wanted is not None:
            message = f'got "IOB1" beside convert_to_coding_scheme {show(wanted)}; expected only the latter'
            yield Problem("coding_scheme", message)

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        for sentence in self.shard_iterable(_sentences(data_lines(file_path))):
            words, pos_tags, chunk_tags, ner_tags = map(list, zip(*map(_columns, sentence), strict=True))
            try:
                yield self.text_to_instance([Token(word) for word in words], pos_tags, chunk_tags, ner_tags)
            except ValueError as error:
                raise sentence[0].error(f"in the sentence from here on: {error}") from error

    @overrides(check_signature=False)
    def text_to_instance(
        self,
        tokens: Sequence[Token],
        pos_tags: Sequence[str] | None = None,
        chunk_tags: Sequence[str] | None = None,
        ner_tags: Sequence[str] | None = None,
    ) -> Instance:
        """Make an instance of one sentence; of the tags only those that are asked for are needed.

        Args:
            tokens: Its words.
            pos_tags: Parts of speech.
            chunk_tags: Chunks, in IOB1.
            ner_tags: Entities, in IOB1.

        Raises:
            ConfigurationError: Tags that `feature_labels` asks for are missing.
            ValueError: Tags to be recoded are no IOB1.
        """
        columns = {"pos": pos_tags, "chunk": self._recoded(chunk_tags), "ner": self._recoded(ner_tags)}
        tags = columns[self.tag_label] if self.tag_label is not None else None
        fields = tagged_words(tokens, tags, self.label_namespace)
        sequence = fields["tokens"]
        for name in sorted(self.feature_labels):
            feature = columns[name]
            if feature is None or not isinstance(sequence, TextField):
                raise ConfigurationError(
                    f'feature_labels: got "{name}", but text_to_instance got no {name}_tags; expected one a word'
                )
            fields[f"{name}_tags"] = SequenceLabelField(feature, sequence, f"{name}_tags")
        return Instance(fields)

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        set_token_indexers(instance, self._token_indexers, "tokens")

    def _recoded(self, tags: Sequence[str] | None) -> Sequence[str] | None:
        return to_bioul(tags, "IOB1") if tags is not None and self.convert_to_coding_scheme == "BIOUL" else tags


def _sentences(lines: Iterable[Line]) -> Iterator[list[Line]]:
    sentence: list[Line] = []
    for line in lines:
        if line.text.strip(BLANKS) and columns_of(line, _NUM_COLUMNS)[0] != "-DOCSTART-":
            sentence.append(line)
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _columns(line: Line) -> list[str]:
    columns = columns_of(line, _NUM_COLUMNS)
    if len(columns) != _NUM_COLUMNS:
        raise line.error(
            f'got {len(columns)} columns ("{line.text[:60]}"); expected {_NUM_COLUMNS}: word, pos tag, chunk, entity'
        )
    return columns
