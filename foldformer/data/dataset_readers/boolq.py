"""Questions with yes or no for an answer, and a passage that tells which."""

from collections.abc import Iterable
from typing import Any

from overrides import overrides

from foldformer.data.dataset_readers.dataset_reader import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.sources import (
    LabelRule,
    TokenIndexers,
    checked,
    default_token_indexers,
    filled_lines,
    json_text,
    set_token_indexers,
)
from foldformer.data.fields import Field, LabelField, TextField
from foldformer.data.instance import Instance
from foldformer.text import Tokenizer, WhitespaceTokenizer

# What the published reader keeps of each, so that a pair and its special tokens fit into 512 wordpieces.
_MAX_PASSAGE = 448
_MAX_QUESTION = 60


@DatasetReader.register("boolq")
class BoolQDatasetReader(DatasetReader):
    """Read `passage`, `question` and `label` (true or false) from JSON lines.

    The first 448 tokens of the passage and the first 60 of the question go into one field with the tokenizer's special
    tokens for a pair, beside those that it puts around each by itself if it does. Fields: `tokens` (TextField) and,
    where there is one, `label` (LabelField; 1 is true).

    Args:
        tokenizer: Splits both texts; at whitespace by default.
        token_indexers: By name; `{"tokens": {"type": "single_id"}}` by default.
        kwargs: Those of every `DatasetReader`.
    """

    def __init__(
        self, tokenizer: Tokenizer | None = None, token_indexers: TokenIndexers | None = None, **kwargs: Any
    ) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        self.tokenizer = tokenizer or WhitespaceTokenizer()
        self.token_indexers = token_indexers or default_token_indexers()

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        lines = self.shard_iterable(filled_lines(file_path))
        for line, record in checked(lines, LabelRule(self.labels_required), "label"):
            label = record.get("label")
            if label not in (None, True, False):
                raise line.error(f"label: got {label!r}; expected true or false")
            yield self.text_to_instance(json_text(record, "passage", line), json_text(record, "question", line), label)

    @overrides(check_signature=False)
    def text_to_instance(self, passage: str, question: str, label: bool | None = None) -> Instance:
        """Make an instance of one question.

        Args:
            passage: Where the answer stands.
            question: The question.
            label: The answer.
        """
        tokens = self.tokenizer.add_special_tokens(
            self.tokenizer.tokenize(passage)[:_MAX_PASSAGE], self.tokenizer.tokenize(question)[:_MAX_QUESTION]
        )
        fields: dict[str, Field[Any]] = {"tokens": TextField(tokens)}
        if label is not None:
            fields["label"] = LabelField(int(label), skip_indexing=True)
        return Instance(fields)

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        set_token_indexers(instance, self.token_indexers, "tokens")
