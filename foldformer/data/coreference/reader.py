"""Documents with clusters of mentions in the format of CoNLL 2012."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from overrides import overrides

from foldformer.config import AtLeastOne
from foldformer.data.coreference.instances import Span, make_coref_instance
from foldformer.data.dataset_readers import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.sources import (
    TokenIndexers,
    data_lines,
    default_token_indexers,
    set_token_indexers,
    split_at_blanks,
)
from foldformer.data.instance import Instance
from foldformer.text import PretrainedTransformerTokenizer
from foldformer.text.text_files import Line

_WORD = 3
_LEAST_COLUMNS = 12
_PART = re.compile(r"(\()?(\d+)(\))?")
Sentence = list[Line]


@DatasetReader.register("coref")
class ConllCorefReader(DatasetReader):
    """Read documents from CoNLL 2012 files, `#end document` after each. Fields: see `make_coref_instance`.

    Args:
        max_span_width: The longest span that may be a mention, in tokens.
        token_indexers: By name; `{"tokens": {"type": "single_id"}}` by default.
        wordpiece_modeling_tokenizer: Cuts words into wordpieces, which are the tokens then; None: words are.
        max_sentences: Keep only so many sentences of a document.
        remove_singleton_clusters: Leave out clusters of one mention.
        kwargs: Those of every `DatasetReader`.
    """

    def __init__(
        self,
        max_span_width: AtLeastOne,
        token_indexers: TokenIndexers | None = None,
        wordpiece_modeling_tokenizer: PretrainedTransformerTokenizer | None = None,
        max_sentences: AtLeastOne | None = None,
        remove_singleton_clusters: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True, **kwargs)
        self._max_span_width = max_span_width
        self._token_indexers = token_indexers or default_token_indexers()
        self._wordpiece_modeling_tokenizer = wordpiece_modeling_tokenizer
        self._max_sentences = max_sentences
        self._remove_singleton_clusters = remove_singleton_clusters

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        for document in self.shard_iterable(_documents(data_lines(file_path))):
            rows = [[_columns(line) for line in sentence] for sentence in document]
            lines = [line for sentence in document for line in sentence]
            labels = [row[-1] for sentence in rows for row in sentence]
            yield self.text_to_instance([[row[_WORD] for row in each] for each in rows], _clusters(labels, lines))

    @overrides(check_signature=False)
    def text_to_instance(
        self, sentences: Sequence[Sequence[str]], gold_clusters: Iterable[Iterable[Span]] | None = None
    ) -> Instance:
        """Make an instance of one document.

        Args:
            sentences: Words of each sentence.
            gold_clusters: Clusters of mentions, counted in words of the document.
        """
        return make_coref_instance(
            sentences,
            self._token_indexers,
            self._max_span_width,
            gold_clusters,
            self._wordpiece_modeling_tokenizer,
            self._max_sentences,
            self._remove_singleton_clusters,
        )

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        set_token_indexers(instance, self._token_indexers, "text")


def _documents(lines: Iterable[Line]) -> Iterator[list[Sentence]]:
    document: list[Sentence] = []
    sentence: Sentence = []
    for line in lines:
        if line.text.strip() and not line.text.startswith("#"):
            sentence.append(line)
            continue
        document, sentence = [*document, sentence] if sentence else document, []
        if document and line.text.startswith("#end document"):
            yield document
            document = []
    if document:
        yield document


def _columns(line: Line) -> list[str]:
    columns = split_at_blanks(line.text)
    if len(columns) < _LEAST_COLUMNS:
        raise line.error(f"got {len(columns)} columns; expected at least {_LEAST_COLUMNS}, the last one of coreference")
    return columns


def _clusters(labels: Sequence[str], lines: Sequence[Line]) -> list[list[Span]]:
    """Turn `(0 - 0) (0)` into clusters of first and last words.

    Raises:
        FileContentError: A mention ends that has not begun.
    """
    clusters: dict[str, list[Span]] = {}
    begun: dict[str, list[int]] = {}
    for place, (label, line) in enumerate(zip(labels, lines, strict=True)):
        for opens, number, closes in _PART.findall("" if label == "-" else label):
            if opens:
                begun.setdefault(number, []).append(place)
            if closes and not begun.get(number):
                raise line.error(f'got "{label}"; expected no end of a mention of cluster {number}, as none has begun')
            if closes:
                clusters.setdefault(number, []).append((begun[number].pop(), place))
    return list(clusters.values())
