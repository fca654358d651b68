"""Texts with one label each, as JSON lines."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from overrides import overrides

from foldformer.config import AtLeastOne, Problem, refuse
from foldformer.data.dataset_readers.dataset_reader import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.sources import (
    LabelRule,
    Record,
    TokenIndexers,
    checked,
    default_token_indexers,
    filled_lines,
    json_text,
    set_token_indexers,
)
from foldformer.data.fields import Field, LabelField, TextField
from foldformer.data.instance import Instance
from foldformer.text import Token, Tokenizer, WhitespaceTokenizer
from foldformer.text.text_files import Line


@DatasetReader.register("text_classification_json")
class TextClassificationJsonReader(DatasetReader):
    """Read a text and its label from every line: `{"text": "...", "label": "..."}`.

    Fields: `tokens` (TextField) and, where there is one, `label` (LabelField).

    Args:
        token_indexers: By name; `{"tokens": {"type": "single_id"}}` by default.
        tokenizer: Splits the text; at whitespace by default.
        segment_sentences: Must be false; split texts into sentences before.
        max_sequence_length: Keep only the first so many tokens.
        skip_label_indexing: Labels are indices already, from 0.
        text_key: Where the text stands.
        label_key: Where the label stands.
        kwargs: Those of every `DatasetReader`.

    Raises:
        ConfigurationError: `segment_sentences` is true.
    """

    def __init__(
        self,
        token_indexers: TokenIndexers | None = None,
        tokenizer: Tokenizer | None = None,
        segment_sentences: bool = False,
        max_sequence_length: AtLeastOne | None = None,
        skip_label_indexing: bool = False,
        text_key: str = "text",
        label_key: str = "label",
        **kwargs: Any,
    ) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        refuse(self.check_block({"segment_sentences": segment_sentences}))
        self._token_indexers = token_indexers or default_token_indexers()
        self._tokenizer = tokenizer or WhitespaceTokenizer()
        self._segment_sentences = segment_sentences  # subclasses of AllenNLP's time look at it
        self._max_sequence_length = max_sequence_length
        self._skip_label_indexing = skip_label_indexing
        self._text_key = text_key
        self._label_key = label_key

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """No option that this reader only knows by name."""
        if block.get("segment_sentences"):
            yield Problem(
                "segment_sentences",
                "got true; expected false: this reader does not split texts into sentences; "
                "long texts need no splitting where the indexer and the embedder have a max_length",
            )

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        lines = self.shard_iterable(filled_lines(file_path))
        for line, record in checked(lines, LabelRule(self.labels_required), self._label_key):
            yield self.text_to_instance(json_text(record, self._text_key, line), self._label(record, line))

    def _label(self, record: Record, line: Line) -> str | int | None:
        label = record.get(self._label_key)
        if label is None:
            return None
        if isinstance(label, (list, dict)):
            raise line.error(f"{self._label_key}: got {label}; expected one label, a string or a number")
        if not self._skip_label_indexing:
            return str(label)
        try:
            index = int(label)
            is_whole = index == float(label)
        except (ValueError, OverflowError):
            is_whole = False
        if not is_whole:
            raise line.error(
                f'{self._label_key}: got "{label}"; expected an integer, because skip_label_indexing is true'
            )
        return index

    @overrides(check_signature=False)
    def text_to_instance(self, text: str, label: str | int | None = None) -> Instance:
        """Make an instance of one text.

        Args:
            text: The text.
            label: Its label; the index itself with `skip_label_indexing`.
        """
        tokens = self._truncate(self._tokenizer.tokenize(text))
        fields: dict[str, Field[Any]] = {"tokens": TextField(tokens)}
        if label is not None:
            fields["label"] = LabelField(label, skip_indexing=self._skip_label_indexing)
        return Instance(fields)

    def _truncate(self, tokens: list[Token]) -> list[Token]:
        return tokens[: self._max_sequence_length]

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        set_token_indexers(instance, self._token_indexers, "tokens")
