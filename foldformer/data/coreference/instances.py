"""Instances for models of coreference."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from foldformer.config import ConfigurationError
from foldformer.data.fields import Field, ListField, MetadataField, SequenceLabelField, SpanField, TextField
from foldformer.data.instance import Instance
from foldformer.data.token_indexer import TokenIndexer
from foldformer.text import PretrainedTransformerTokenizer, Token
from foldformer.text.tokenizers.pretrained_transformer import WordOffsets

Span = tuple[int, int]
"""First and last token, last included."""
NO_CLUSTER = -1


def make_coref_instance(
    sentences: Sequence[Sequence[str]],
    token_indexers: Mapping[str, TokenIndexer],
    max_span_width: int,
    gold_clusters: Iterable[Iterable[Span]] | None = None,
    wordpiece_modeling_tokenizer: PretrainedTransformerTokenizer | None = None,
    max_sentences: int | None = None,
    remove_singleton_clusters: bool = True,
) -> Instance:
    """Make an instance of a document: its text, every span that may be a mention, and the cluster of each.

    Args:
        sentences: Words of each sentence; spans do not cross sentences.
        token_indexers: By name.
        max_span_width: The longest span, in tokens.
        gold_clusters: Clusters of mentions, counted in words of the document; None where they are not known.
        wordpiece_modeling_tokenizer: Cuts words into wordpieces, which are the tokens then; None: words are.
        max_sentences: Keep only so many sentences, and the mentions in them.
        remove_singleton_clusters: Leave out clusters of one mention.

    Returns:
        Fields `text`, `spans`, `metadata` (`original_text` and `clusters`), and with clusters `span_labels`, in which
        -1 is no cluster.

    Raises:
        ConfigurationError: The tokenizer makes nothing of the first or last word of a mention.
    """
    kept = list(sentences)[:max_sentences]
    words = [_plain_word(word) for sentence in kept for word in sentence]
    bounds = [0, *accumulate(map(len, kept))]
    clusters = None if gold_clusters is None else _within(gold_clusters, len(words))
    if clusters is not None and remove_singleton_clusters:
        clusters = [cluster for cluster in clusters if len(cluster) > 1]
    spans = [span for begin, end in pairwise(bounds) for span in _spans(begin, end, max_span_width)]
    tokens: list[Token] = [Token(word) for word in words]
    if wordpiece_modeling_tokenizer is not None:
        tokens, offsets = wordpiece_modeling_tokenizer.intra_word_tokenize(words)
        in_wordpieces = (_in_wordpieces(span, offsets) for span in spans)
        spans = [span for span in in_wordpieces if span is not None and span[1] - span[0] < max_span_width]
        clusters = None if clusters is None else [[_mention(span, offsets, words) for span in c] for c in clusters]
    return Instance(_fields(tokens, token_indexers, spans, clusters))


def _fields(
    tokens: list[Token], indexers: Mapping[str, TokenIndexer], spans: list[Span], clusters: list[list[Span]] | None
) -> dict[str, Field[Any]]:
    text = TextField(tokens, indexers)
    metadata: dict[str, Any] = {"original_text": [token.text for token in tokens]}
    span_field: ListField[Any] = ListField([SpanField(first, last, text) for first, last in spans])
    fields: dict[str, Field[Any]] = {"text": text, "spans": span_field, "metadata": MetadataField(metadata)}
    if clusters is not None:
        metadata["clusters"] = clusters
        number_of = {span: number for number, cluster in enumerate(clusters) for span in cluster}
        labels = [number_of.get(span, NO_CLUSTER) for span in spans]
        fields["span_labels"] = SequenceLabelField(labels, span_field)
    return fields


def _within(clusters: Iterable[Iterable[Span]], num_words: int) -> list[list[Span]]:
    """Clusters of the words that are kept; those with a mention in common are one."""
    merged: list[set[Span]] = []
    for cluster in clusters:
        whole = {(first, last) for first, last in cluster if last < num_words}
        apart = [other for other in merged if not other & whole]
        merged = [*apart, whole.union(*(other for other in merged if other & whole))] if whole else merged
    return [sorted(cluster) for cluster in merged]


def _spans(begin: int, end: int, max_width: int) -> Iterator[Span]:
    """Every span of a sentence."""
    return ((first, last) for first in range(begin, end) for last in range(first, min(first + max_width, end)))


def _in_wordpieces(span: Span, offsets: WordOffsets) -> Span | None:
    first, last = offsets[span[0]], offsets[span[1]]
    return None if first is None or last is None else (first[0], last[1])


def _mention(span: Span, offsets: WordOffsets, words: Sequence[str]) -> Span:
    found = _in_wordpieces(span, offsets)
    if found is None:
        mention = " ".join(words[span[0] : span[1] + 1])
        raise ConfigurationError(f"clusters: got the mention {mention!r}, whose first or last word has no wordpiece")
    return found


def _plain_word(word: str) -> str:
    """Take off the slash that the treebank puts before full stops and question marks that end no sentence."""
    return word[1:] if word in ("/.", "/?") else word
