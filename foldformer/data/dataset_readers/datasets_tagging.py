"""Tagged words, from Hugging Face datasets."""

from collections.abc import Iterable, Sequence
from typing import Any

from overrides import overrides

from foldformer.data.dataset_readers.dataset_reader import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.datasets_rows import RowSource
from foldformer.data.dataset_readers.sources import (
    TokenIndexers,
    default_token_indexers,
    set_token_indexers,
    tagged_words,
)
from foldformer.data.instance import Instance
from foldformer.text import Token
from foldformer.text.archives import FileContentError


@DatasetReader.register("datasets_tagging")
class DatasetsTaggingReader(DatasetReader):
    """Read lists of words with a tag each from whatever Hugging Face datasets can load.

    The data path is a name on the hub, a folder of `save_to_disk`, or a Parquet or Arrow file. Fields: `tokens`
    (TextField), `tags` (SequenceLabelField), by their names, and `metadata` with the `words`. Needs the extra
    `datasets`.

    Args:
        words_column: Where the words stand.
        tags_column: Where their tags stand.
        config_name: Of a dataset that has several.
        split: Of a dataset that has several.
        streaming: Read a dataset of the hub without downloading it before.
        token_indexers: By name; `{"tokens": {"type": "single_id"}}` by default.
        kwargs: Those of every `DatasetReader`.
    """

    def __init__(
        self,
        words_column: str = "tokens",
        tags_column: str = "ner_tags",
        config_name: str | None = None,
        split: str | None = None,
        streaming: bool = False,
        token_indexers: TokenIndexers | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        self._columns = (words_column, tags_column)
        self._source = RowSource(config_name, split, streaming)
        self._token_indexers = token_indexers or default_token_indexers()

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        for number, row in self.shard_iterable(enumerate(self._source.rows(file_path, self._columns))):
            words, tags = (row[column] for column in self._columns)
            if not isinstance(words, list) or not isinstance(tags, list) or len(words) != len(tags):
                raise FileContentError(
                    f"{file_path}, row {number}: got {words!r} and {tags!r}; expected a list of words and as many tags"
                )
            yield self.text_to_instance([Token(word) for word in words], [str(tag) for tag in tags])

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
