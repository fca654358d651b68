"""Tagged words, one sentence a line."""

from collections.abc import Iterable, Sequence
from typing import Any

from overrides import overrides

from foldformer.data.dataset_readers.dataset_reader import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.sources import (
    TokenIndexers,
    default_token_indexers,
    filled_lines,
    set_token_indexers,
    split_at_blanks,
    tagged_words,
)
from foldformer.data.instance import Instance
from foldformer.text import Token
from foldformer.text.text_files import Line


@DatasetReader.register("sequence_tagging")
class SequenceTaggingDatasetReader(DatasetReader):
    """Read a sentence of words and tags from every line: `The###DT dog###NN barks###VBZ`.

    Fields: `tokens` (TextField), `tags` (SequenceLabelField) and `metadata` with the `words`.

    Args:
        word_tag_delimiter: Stands between a word and its tag; a word may hold it too, a tag not.
        token_delimiter: Stands between two words; blanks or tabs by default.
        token_indexers: By name; `{"tokens": {"type": "single_id"}}` by default.
        kwargs: Those of every `DatasetReader`.
    """

    def __init__(
        self,
        word_tag_delimiter: str = "###",
        token_delimiter: str | None = None,
        token_indexers: TokenIndexers | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        self._token_indexers = token_indexers or default_token_indexers()
        self._word_tag_delimiter = word_tag_delimiter
        self._token_delimiter = token_delimiter

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        for line in self.shard_iterable(filled_lines(file_path)):
            pairs = [self._pair(pair, line) for pair in self._pairs(line.text)]
            yield self.text_to_instance([Token(word) for word, _ in pairs], [tag for _, tag in pairs])

    def _pairs(self, text: str) -> list[str]:
        return split_at_blanks(text) if self._token_delimiter is None else text.split(self._token_delimiter)

    def _pair(self, pair: str, line: Line) -> tuple[str, str]:
        word, delimiter, tag = pair.rpartition(self._word_tag_delimiter)
        if not delimiter or not tag:
            raise line.error(
                f'got "{pair}", which has no tag; expected word{self._word_tag_delimiter}tag; '
                "see word_tag_delimiter and token_delimiter"
            )
        return word, tag

    @overrides(check_signature=False)
    def text_to_instance(self, tokens: Sequence[Token], tags: Sequence[str] | None = None) -> Instance:
        """Make an instance of one sentence.

        Args:
            tokens: Its words.
            tags: A tag for each word.
        """
        return Instance(tagged_words(tokens, tags))

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        set_token_indexers(instance, self._token_indexers, "tokens")
