import csv
import logging
from typing import Dict, Iterable, Optional

from allennlp.common.file_utils import cached_path
from allennlp.data.dataset_readers.dataset_reader import DatasetReader
from allennlp.data.fields import Field, LabelField, MetadataField, TextField
from allennlp.data.instance import Instance
from allennlp.data.token_indexers import SingleIdTokenIndexer, TokenIndexer
from allennlp.data.tokenizers import Tokenizer, WhitespaceTokenizer
from overrides import overrides

logger = logging.getLogger(__name__)


@DatasetReader.register("old-reviews")
class ReviewReader(DatasetReader):
    """Reads lines of a kind, a tab and a review.

    # Parameters

    tokenizer : `Tokenizer`, optional (default = `WhitespaceTokenizer()`)
    token_indexers : `Dict[str, TokenIndexer]`, optional (default = `{"tokens": SingleIdTokenIndexer()}`)
    lazy : `bool`, optional (default = `False`)
    """

    def __init__(
        self,
        tokenizer: Tokenizer = None,
        token_indexers: Dict[str, TokenIndexer] = None,
        lazy: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(lazy=lazy, **kwargs)
        self._tokenizer = tokenizer or WhitespaceTokenizer()
        self._token_indexers = token_indexers or {"tokens": SingleIdTokenIndexer()}

    @overrides
    def _read(self, file_path: str) -> Iterable[Instance]:
        with open(cached_path(file_path)) as data_file:
            logger.info("Reading reviews from %s", file_path)
            for kind, review in csv.reader(data_file, delimiter="\t"):
                yield self.text_to_instance(review, kind)

    @overrides
    def text_to_instance(self, review: str, kind: Optional[str] = None) -> Instance:
        tokens = self._tokenizer.tokenize(review)
        fields: Dict[str, Field] = {
            "review": TextField(tokens, self._token_indexers),
            "metadata": MetadataField({"words": [token.text for token in tokens]}),
        }
        if kind is not None:
            fields["kind"] = LabelField(kind, label_namespace="kind_labels")
        return Instance(fields)
