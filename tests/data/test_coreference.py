"""Documents as instances for models of coreference."""

import pytest

from foldformer.config import ConfigurationError
from foldformer.data import TokenIndexer
from foldformer.data.coreference import make_coref_instance
from foldformer.text import PretrainedTransformerTokenizer

SENTENCES = [["The", "fox", "sees", "a", "dog", "/."], ["It", "jumps", "over", "it", "."]]
CLUSTERS = [[(0, 1), (6, 6)], [(3, 4), (9, 9)], [(2, 2)], [(9, 9), (3, 4)]]


@pytest.fixture
def indexers():
    return {"tokens": TokenIndexer.by_name("single_id")()}


def spans(instance):
    return [(span.span_start, span.span_end) for span in instance["spans"]]


def labels(instance):
    pairs = zip(spans(instance), instance["span_labels"].labels, strict=True)
    return {span: label for span, label in pairs if label >= 0}


def test_spans_stay_within_sentences_and_know_their_cluster(indexers):
    instance = make_coref_instance(SENTENCES, indexers, 3, CLUSTERS)
    expected = [
        (first, last)
        for begin, end in ((0, 6), (6, 11))
        for first in range(begin, end)
        for last in range(first, end)
        if last - first < 3
    ]
    assert spans(instance) == expected
    assert labels(instance) == {(0, 1): 0, (6, 6): 0, (3, 4): 1, (9, 9): 1}
    assert instance["metadata"]["clusters"] == [[(0, 1), (6, 6)], [(3, 4), (9, 9)]]
    assert instance["metadata"]["original_text"][5] == "."


def test_mentions_of_one_and_of_sentences_that_are_left_out(indexers):
    kept = make_coref_instance(SENTENCES, indexers, 2, CLUSTERS, remove_singleton_clusters=False)
    assert labels(kept)[2, 2] == 1
    first = make_coref_instance(SENTENCES, indexers, 2, CLUSTERS, max_sentences=1)
    assert len(first["text"]) == 6
    assert first["metadata"]["clusters"] == []
    assert labels(first) == {}


def test_clusters_with_a_mention_in_common_are_one(indexers):
    clusters = [[(0, 0), (1, 1)], [(3, 3), (4, 4)], [(1, 1), (3, 3)]]
    instance = make_coref_instance(SENTENCES, indexers, 1, clusters)
    assert instance["metadata"]["clusters"] == [[(0, 0), (1, 1), (3, 3), (4, 4)]]


def test_without_clusters_there_are_no_labels(indexers):
    instance = make_coref_instance(SENTENCES, indexers, 2)
    assert "span_labels" not in instance
    assert "clusters" not in instance["metadata"]


def test_spans_of_wordpieces_cover_whole_words(indexers, tiny_model):
    tokenizer = PretrainedTransformerTokenizer(tiny_model("bert"))
    instance = make_coref_instance(SENTENCES, indexers, 4, CLUSTERS, tokenizer)
    tokens, offsets = tokenizer.intra_word_tokenize([word.strip("/") or word for s in SENTENCES for word in s])
    assert [token.text for token in instance["text"]] == [token.text for token in tokens]
    firsts, lasts = {first for first, _ in offsets}, {last for _, last in offsets}
    assert all(first in firsts and last in lasts and last - first < 4 for first, last in spans(instance))
    assert instance["metadata"]["clusters"][0] == [(offsets[0][0], offsets[1][1]), offsets[6]]
    assert (offsets[6][0], offsets[6][1]) in labels(instance)


def test_mention_without_wordpieces_is_named(indexers, tiny_model):
    tokenizer = PretrainedTransformerTokenizer(tiny_model("bert"))
    with pytest.raises(ConfigurationError, match="first or last word has no wordpiece"):
        make_coref_instance([["a", "\u200b"]], indexers, 4, [[(0, 0), (1, 1)]], tokenizer)
