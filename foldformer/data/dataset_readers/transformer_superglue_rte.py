"""Textual entailment as SuperGLUE has it."""

from collections.abc import Iterable, Mapping
from typing import Any

from overrides import overrides

from foldformer.data.dataset_readers.dataset_reader import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.sources import LabelRule, checked, filled_lines, json_text, set_token_indexers
from foldformer.data.fields import Field, LabelField, MetadataField, TextField
from foldformer.data.instance import Instance
from foldformer.data.token_indexer import TokenIndexer
from foldformer.text import PretrainedTransformerTokenizer

_MAX_LENGTH = 512


@DatasetReader.register("transformer_superglue_rte")
class TransformerSuperGlueRteReader(DatasetReader):
    """Read `premise`, `hypothesis`, `label` and `idx` from JSON lines, for a transformer.

    Fields: `tokens` (TextField) of the pair with special tokens, under one `pretrained_transformer` indexer `tokens`
    with a max_length of 512; `label` (LabelField) where there is one; `metadata` with `index`, `premise`,
    `premise_tokens`, `hypothesis`, `hypothesis_tokens` and `label`.

    Args:
        transformer_model_name: The transformer whose tokenizer and indexer are used.
        tokenizer_kwargs: Handed to the loading of its tokenizer.
        kwargs: Those of every `DatasetReader`.
    """

    def __init__(
        self,
        transformer_model_name: str = "roberta-base",
        tokenizer_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        self._tokenizer = PretrainedTransformerTokenizer(
            transformer_model_name, add_special_tokens=False, tokenizer_kwargs=tokenizer_kwargs
        )
        make_indexer: Any = TokenIndexer.by_name("pretrained_transformer")
        self._token_indexers: dict[str, TokenIndexer] = {
            "tokens": make_indexer(transformer_model_name, tokenizer_kwargs=tokenizer_kwargs, max_length=_MAX_LENGTH)
        }

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        lines = self.shard_iterable(filled_lines(file_path))
        for line, record in checked(lines, LabelRule(self.labels_required), "label"):
            label = json_text(record, "label", line) if record.get("label") is not None else None
            premise, hypothesis = json_text(record, "premise", line), json_text(record, "hypothesis", line)
            yield self.text_to_instance(record.get("idx"), label, premise, hypothesis)

    @overrides(check_signature=False)
    def text_to_instance(self, index: int | None, label: str | None, premise: str, hypothesis: str) -> Instance:
        """Make an instance of one pair.

        Args:
            index: Its number in the file.
            label: "entailment" or "not_entailment".
            premise: The first text.
            hypothesis: What may follow from it.
        """
        first, second = self._tokenizer.tokenize(premise), self._tokenizer.tokenize(hypothesis)
        fields: dict[str, Field[Any]] = {"tokens": TextField(self._tokenizer.add_special_tokens(first, second))}
        metadata: dict[str, Any] = {
            "premise": premise,
            "premise_tokens": first,
            "hypothesis": hypothesis,
            "hypothesis_tokens": second,
            "index": index,
        }
        if label:
            fields["label"] = LabelField(label)
            metadata["label"] = label
        fields["metadata"] = MetadataField(metadata)
        return Instance(fields)

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        set_token_indexers(instance, self._token_indexers, "tokens")
