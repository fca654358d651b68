"""The transformer of scikit-learn's pipelines, against `DocumentEmbedder`."""

import pickle

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from foldformer.config import ConfigurationError
from foldformer.embedding import DocumentEmbedder
from foldformer.integrations.scikit_learn import FoldformerTransformer

LONG = "the bank lends money to the quick brown fox " * 20
TEXTS = [LONG, "a river", "the lazy dog", LONG.replace("bank", "river"), "a word", "the beginning"]


@pytest.fixture
def transformer(tiny_bert_folder):
    return FoldformerTransformer(tiny_bert_folder, max_length=20)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"document_mode": "max"},
        {"document_mode": "cls_pooled"},
        {"layers": "mix"},
        {"normalize": True},
        {"max_length": 9},
        {"pool_special_tokens": True},
    ],
)
def test_vectors_are_those_of_the_document_embedder(tiny_bert_folder, transformer, options):
    wanted = {"max_length": 20, **options}
    embedder = DocumentEmbedder(tiny_bert_folder, level="document", **wanted)
    expected = np.concatenate([each.vectors for each in embedder.embed(TEXTS)])
    found = transformer.set_params(**options).fit_transform(np.array(TEXTS, dtype=object))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    if options:
        plain = FoldformerTransformer(tiny_bert_folder, max_length=20).transform(TEXTS)
        assert abs(found - plain).max() > 1e-3


def test_pipelines_score_and_pickles_keep_the_options(transformer):
    pipeline = make_pipeline(transformer, LogisticRegression(C=1e4, max_iter=1000))
    labels = ["long", "short", "short"] * 2
    assert cross_val_score(pipeline, TEXTS * 2, labels * 2, cv=2).mean() == 1.0
    again = pickle.loads(pickle.dumps(pipeline.fit(TEXTS, labels)))
    assert list(again.predict(TEXTS)) == labels
    assert len(pickle.dumps(transformer)) < 1000
    assert again[0].get_params() == transformer.get_params()


def test_features_have_names_and_no_documents_no_rows(transformer):
    names = transformer.get_feature_names_out()
    assert list(names[:2]) == ["foldformer0", "foldformer1"]
    assert transformer.transform([]).shape == (0, len(names))


def test_bad_input_is_refused(tiny_bert_folder, transformer):
    with pytest.raises(ValueError, match="documents: got the text"):
        transformer.transform("one text")
    with pytest.raises(ConfigurationError, match='document_mode: got "mean"'):
        FoldformerTransformer(tiny_bert_folder, document_mode="mean").fit(TEXTS)
