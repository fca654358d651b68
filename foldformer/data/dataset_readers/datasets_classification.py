"""Texts or pairs of texts with one label each, from Hugging Face datasets."""

from collections.abc import Iterable
from typing import Any

from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.data.dataset_readers.dataset_reader import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.datasets_rows import RowSource
from foldformer.data.dataset_readers.sources import (
    TokenIndexers,
    default_token_indexers,
    set_token_indexers,
)
from foldformer.data.fields import Field, LabelField, TextField
from foldformer.data.instance import Instance
from foldformer.text import PretrainedTransformerTokenizer, Tokenizer, WhitespaceTokenizer
from foldformer.text.archives import FileContentError


@DatasetReader.register("datasets_classification")
class DatasetsClassificationReader(DatasetReader):
    """Read texts, or pairs of texts, with one label each from whatever Hugging Face datasets can load.

    The data path is a name on the hub, a folder of `save_to_disk`, or a Parquet, Arrow, CSV or TSV file. Fields:
    `tokens` (TextField), of a pair only where the tokenizer is one of a transformer, which must not add special tokens
    by itself; else `premise` and `hypothesis` (TextFields); and, where there is one, `label` (LabelField), by its
    name. Needs the extra `datasets`.

    Args:
        text_column: Where the text stands.
        second_text_column: Where the second text of a pair stands.
        label_column: Where the label stands; None reads no labels.
        config_name: Of a dataset that has several.
        split: Of a dataset that has several.
        streaming: Read a dataset of the hub without downloading it before.
        tokenizer: Splits texts; at whitespace by default.
        token_indexers: By name; `{"tokens": {"type": "single_id"}}` by default.
        kwargs: Those of every `DatasetReader`.

    Raises:
        ConfigurationError: The tokenizer adds special tokens, and there are pairs.
    """

    def __init__(
        self,
        text_column: str = "text",
        second_text_column: str | None = None,
        label_column: str | None = "label",
        config_name: str | None = None,
        split: str | None = None,
        streaming: bool = False,
        tokenizer: Tokenizer | None = None,
        token_indexers: TokenIndexers | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        self._texts = (text_column,) if second_text_column is None else (text_column, second_text_column)
        self._label = label_column
        self._source = RowSource(config_name, split, streaming)
        self._tokenizer = tokenizer or WhitespaceTokenizer()
        self._combines = second_text_column is not None and isinstance(tokenizer, PretrainedTransformerTokenizer)
        if self._combines and self._tokenizer._add_special_tokens:  # type: ignore[attr-defined]
            raise ConfigurationError(
                "tokenizer.add_special_tokens: got true; expected false, because this reader puts the special tokens "
                "around the pair"
            )
        self._token_indexers = token_indexers or default_token_indexers()

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        columns = self._texts if self._label is None else (*self._texts, self._label)
        for number, row in self.shard_iterable(enumerate(self._source.rows(file_path, columns))):
            for column in self._texts:
                if not isinstance(row[column], str):
                    raise FileContentError(f"{file_path}, row {number}: {column}: got {row[column]!r}; expected a text")
            label = None if self._label is None else row[self._label]
            if label is None and self.labels_required:
                raise FileContentError(f"{file_path}, row {number}: got no label; expected one in {self._label!r}")
            yield self.text_to_instance(*(row[column] for column in self._texts), label=label)

    @overrides(check_signature=False)
    def text_to_instance(self, text: str, second_text: str | None = None, label: str | int | None = None) -> Instance:
        """Make an instance.

        Args:
            text: The text, or the first of a pair.
            second_text: The second of a pair.
            label: Its label.
        """
        fields: dict[str, Field[Any]] = {}
        first = self._tokenizer.tokenize(text)
        if second_text is None:
            fields["tokens"] = TextField(first)
        elif self._combines:
            fields["tokens"] = TextField(
                self._tokenizer.add_special_tokens(first, self._tokenizer.tokenize(second_text))
            )
        else:
            fields["premise"] = TextField(first)
            fields["hypothesis"] = TextField(self._tokenizer.tokenize(second_text))
        if label is not None:
            fields["label"] = LabelField(str(label))
        return Instance(fields)

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        set_token_indexers(instance, self._token_indexers, "tokens", "premise", "hypothesis")
