"""Pairs of sentences of which one may follow from the other, in the formats of SNLI and MultiNLI."""

from collections.abc import Iterable, Iterator
from typing import Any

from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean
from foldformer.data.dataset_readers.dataset_reader import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.sources import (
    LabelRule,
    Record,
    TokenIndexers,
    default_token_indexers,
    filled_lines,
    json_record,
    json_text,
    set_token_indexers,
)
from foldformer.data.fields import Field, LabelField, MetadataField, TextField
from foldformer.data.instance import Instance
from foldformer.text import PretrainedTransformerTokenizer, Tokenizer, WhitespaceTokenizer
from foldformer.text.text_files import Line

_LABELS = ("entailment", "neutral", "contradiction")
_NO_AGREEMENT = "-"


@DatasetReader.register("snli")
class SnliReader(DatasetReader):
    """Read premise, hypothesis and label from JSON lines with `sentence1`, `sentence2` and `gold_label`.

    Pairs on whose label the annotators did not agree ("-") are left out. Fields: `tokens` (TextField) of the pair, or
    `premise` and `hypothesis` (TextFields) and `metadata` with `premise_tokens` and `hypothesis_tokens`; and `label`
    (LabelField) where it is known.

    Args:
        tokenizer: Splits both sentences; at whitespace by default. One of a transformer must not add special tokens:
            the reader puts them around the pair.
        token_indexers: By name; `{"tokens": {"type": "single_id"}}` by default.
        combine_input_fields: Make one field of the pair; by default where the tokenizer is one of a transformer.
        collapse_labels: Make "neutral" and "contradiction" one label, "non-entailment".
        kwargs: Those of every `DatasetReader`.

    Raises:
        ConfigurationError: The tokenizer adds special tokens.
    """

    def __init__(
        self,
        tokenizer: Tokenizer | None = None,
        token_indexers: TokenIndexers | None = None,
        combine_input_fields: bool | None = None,
        collapse_labels: bool | None = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        self._tokenizer = tokenizer or WhitespaceTokenizer()
        of_transformer = isinstance(self._tokenizer, PretrainedTransformerTokenizer)
        if of_transformer and self._tokenizer._add_special_tokens:  # type: ignore[attr-defined]
            raise ConfigurationError(
                "tokenizer.add_special_tokens: got true; expected false, because this reader puts the special tokens "
                "around the pair of sentences"
            )
        self._token_indexers = token_indexers or default_token_indexers()
        self._combine_input_fields = of_transformer if combine_input_fields is None else combine_input_fields
        self.collapse_labels = bool(collapse_labels)

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        rule = LabelRule(self.labels_required, "gold_label")
        for line, record in self.shard_iterable(_agreed(filled_lines(file_path))):
            label = record.get("gold_label")
            rule.check(label is not None, line)
            if label is not None and label not in _LABELS:
                raise line.error(f'gold_label: got "{label}"; {_expected_labels(label)}')
            premise, hypothesis = json_text(record, "sentence1", line), json_text(record, "sentence2", line)
            yield self.text_to_instance(premise, hypothesis, label)

    @overrides(check_signature=False)
    def text_to_instance(self, premise: str, hypothesis: str, label: str | None = None) -> Instance:
        """Make an instance of one pair.

        Args:
            premise: The first sentence.
            hypothesis: What may follow from it.
            label: "entailment", "neutral" or "contradiction".

        Raises:
            ValueError: It is another label.
        """
        first, second = self._tokenizer.tokenize(premise), self._tokenizer.tokenize(hypothesis)
        fields: dict[str, Field[Any]] = {}
        if self._combine_input_fields:
            fields["tokens"] = TextField(self._tokenizer.add_special_tokens(first, second))
        else:
            first, second = self._tokenizer.add_special_tokens(first), self._tokenizer.add_special_tokens(second)
            fields["premise"], fields["hypothesis"] = TextField(first), TextField(second)
            fields["metadata"] = MetadataField(
                {
                    "premise_tokens": [token.text for token in first],
                    "hypothesis_tokens": [token.text for token in second],
                }
            )
        if label:
            fields["label"] = LabelField(self._label(label))
        return Instance(fields)

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        set_token_indexers(instance, self._token_indexers, "tokens", "premise", "hypothesis")

    def _label(self, label: str) -> str:
        if label not in _LABELS:
            raise ValueError(f'label: got "{label}"; {_expected_labels(label)}')
        return "non-entailment" if self.collapse_labels and label != "entailment" else label


def _agreed(lines: Iterable[Line]) -> Iterator[tuple[Line, Record]]:
    records = ((line, json_record(line)) for line in lines)
    return ((line, record) for line, record in records if record.get("gold_label") != _NO_AGREEMENT)


def _expected_labels(label: object) -> str:
    return f'expected "entailment", "neutral" or "contradiction"{did_you_mean(label, _LABELS)}'
