"""Sentences and phrases with their sentiment, from the Stanford Sentiment Treebank."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.data.dataset_readers.bracketed_trees import Node, read_tree
from foldformer.data.dataset_readers.dataset_reader import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.sources import (
    TokenIndexers,
    default_token_indexers,
    filled_lines,
    set_token_indexers,
)
from foldformer.data.fields import Field, LabelField, TextField
from foldformer.data.instance import Instance
from foldformer.text import Token, Tokenizer

Granularity = Literal["5-class", "3-class", "2-class"]


@DatasetReader.register("sst_tokens")
class StanfordSentimentTreeBankDatasetReader(DatasetReader):
    """Read trees whose nodes carry a sentiment from 0 (very negative) to 4 (very positive), one a line.

        (3 (2 It) (4 (4 (2 's) (4 (3 (2 a) (4 lovely)) (2 film))) (2 .)))

    Fields: `tokens` (TextField) and `label` (LabelField).

    Args:
        token_indexers: By name; `{"tokens": {"type": "single_id"}}` by default.
        tokenizer: Splits the words of a phrase, joined by blanks, anew; by default each word is a token.
        use_subtrees: Make an instance of every node rather than only of the whole sentence.
        granularity: "3-class" makes 0 of 0 and 1, 1 of 2, 2 of 3 and 4; "2-class" leaves neutral phrases out and makes
            0 of 0 and 1, 1 of 3 and 4.
        kwargs: Those of every `DatasetReader`.
    """

    def __init__(
        self,
        token_indexers: TokenIndexers | None = None,
        tokenizer: Tokenizer | None = None,
        use_subtrees: bool = False,
        granularity: Granularity = "5-class",
        **kwargs: Any,
    ) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        if granularity not in _LABELS:
            raise ConfigurationError(f'granularity: got "{granularity}"; expected "5-class", "3-class" or "2-class"')
        self._token_indexers = token_indexers or default_token_indexers()
        self._tokenizer = tokenizer
        self._use_subtrees = use_subtrees
        self._granularity = granularity

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        for node in self.shard_iterable(self._nodes(file_path)):
            instance = self.text_to_instance(node.words, node.label)
            if instance is not None:
                yield instance

    def _nodes(self, file_path: DatasetReaderInput) -> Iterator[Node]:
        labels = _LABELS[self._granularity]
        for line in filled_lines(file_path):
            nodes = read_tree(line)
            for node in nodes if self._use_subtrees else nodes[:1]:
                if node.label not in labels:
                    raise line.error(f'got the sentiment "{node.label}"; expected 0, 1, 2, 3 or 4')
                if labels[node.label] is not None:
                    yield node

    @overrides(check_signature=False)
    def text_to_instance(
        self, tokens: str | Sequence[str] | Sequence[Token], sentiment: str | None = None
    ) -> Instance | None:
        """Make an instance of one phrase; None of a neutral one where there are two classes.

        Args:
            tokens: Its words; a whole string needs a `tokenizer`.
            sentiment: "0" to "4".

        Raises:
            ValueError: It is another sentiment, or a string came and there is no tokenizer.
        """
        if isinstance(tokens, str) and self._tokenizer is None:
            raise ValueError(
                f"tokens: got a string ({tokens[:40]!r}); expected a list of words, or a tokenizer to split it"
            )
        fields: dict[str, Field[Any]] = {
            "tokens": TextField(self._tokens([tokens] if isinstance(tokens, str) else tokens))
        }
        if sentiment is not None:
            if sentiment not in _LABELS[self._granularity]:
                raise ValueError(f'sentiment: got {sentiment!r}; expected "0", "1", "2", "3" or "4"')
            label = _LABELS[self._granularity][sentiment]
            if label is None:
                return None
            fields["label"] = LabelField(label)
        return Instance(fields)

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        set_token_indexers(instance, self._token_indexers, "tokens")

    def _tokens(self, words: Sequence[str] | Sequence[Token]) -> list[Token]:
        if self._tokenizer is not None:
            return self._tokenizer.tokenize(" ".join(map(str, words)))
        return [Token(word) if isinstance(word, str) else word for word in words]


# From the treebank's labels, very negative to very positive; None leaves the phrase out.
_LABELS: dict[str, dict[str, str | None]] = {
    "5-class": {label: label for label in "01234"},
    "3-class": {"0": "0", "1": "0", "2": "1", "3": "2", "4": "2"},
    "2-class": {"0": "0", "1": "0", "2": None, "3": "1", "4": "1"},
}
