"""Metrics with inputs of their own, against AllenNLP's, scipy's and scikit-learn's."""

import json
import math
import re
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from foldformer.config import ConfigurationError, Params
from foldformer.models.metrics import (
    BLEU,
    AttachmentScores,
    Auc,
    ConllCorefScores,
    Covariance,
    Metric,
    SequenceAccuracy,
    SpearmanCorrelation,
)
from foldformer.models.metrics.coreference.conll_coref_scores import Scorer

RECORDS = json.loads(Path(__file__).with_name("recorded.json").read_text())
SERIES = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=2, max_size=30)


def argument(given):
    if isinstance(given, dict) and given.keys() == {"tensor"}:
        return torch.tensor(given["tensor"])
    return given


@pytest.mark.parametrize(
    "record", RECORDS, ids=lambda record: "-".join(str(value) for value in record["config"].values())
)
def test_metric_gives_what_allennlp_gives(record, recorded):
    metric = Metric.from_params(Params(record["config"]))
    for _ in range(2):
        for batch in record["batches"]:
            metric(*map(argument, batch))
        found = metric.get_metric()
        recorded.check_equal(list(found) if isinstance(found, tuple) else found, record["metric"])
        again = metric.get_metric(reset=True)
        recorded.check_equal(list(again) if isinstance(again, tuple) else again, record["metric"])


@settings(max_examples=50, deadline=None)
@given(SERIES, st.integers(1, 29))
def test_spearman_is_that_of_scipy_however_batches_are_cut(pairs, cut):
    metric = SpearmanCorrelation()
    for part in (pairs[:cut], pairs[cut:]):
        metric(torch.tensor([float(one) for one, _ in part]), torch.tensor([other for _, other in part]))
    found = metric.get_metric()
    if len({one for one, _ in pairs}) == 1 or len({other for _, other in pairs}) == 1:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(stats.spearmanr(*zip(*pairs, strict=True)).statistic)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=30))
def test_auc_is_that_of_scikit_learn(items):
    metric = Auc()
    metric(torch.tensor([float(score) for score, _ in items]), torch.tensor([int(label) for _, label in items]))
    found = metric.get_metric()
    labels = [label for _, label in items]
    if all(labels) or not any(labels):
        assert math.isnan(found)
    else:
        assert found == pytest.approx(roc_auc_score(labels, [score for score, _ in items]))


def test_pairs_that_the_mask_leaves_out_do_not_count():
    scores, labels = torch.tensor([3.0, 1.0, 2.0, 9.0]), torch.tensor([0.3, 0.1, 0.2, -7.0])
    metric = SpearmanCorrelation()
    metric(scores, labels, torch.tensor([True, True, True, False]))
    assert metric.get_metric() == pytest.approx(1.0)


def test_empty_metrics_have_their_neutral_values():
    assert Auc().get_metric() == 0.5
    assert math.isnan(SpearmanCorrelation().get_metric())
    assert Covariance().get_metric() == 0.0
    assert AttachmentScores().get_metric() == {"UAS": 0.0, "LAS": 0.0, "UEM": 0.0, "LEM": 0.0}
    assert BLEU().get_metric() == {"BLEU": 0.0}
    assert ConllCorefScores().get_metric() == (0.0, 0.0, 0.0)


def test_scorer_speaks_as_in_allennlp():
    gold = [((0, 0), (1, 1), (2, 2))]
    predicted = [((0, 0), (1, 1))]
    scorer = Scorer(Scorer.muc)
    scorer.update(predicted, gold, dict.fromkeys(predicted[0], predicted[0]), dict.fromkeys(gold[0], gold[0]))
    assert scorer.get_prf() == (scorer.get_precision(), scorer.get_recall(), scorer.get_f1())
    assert scorer.get_prf() == pytest.approx((1.0, 0.5, 2 / 3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Auc()(torch.zeros(2, 3), torch.zeros(2)), ConfigurationError, "predictions of shape (2, 3)"),
        (lambda: Auc()(torch.zeros(3), torch.arange(3)), ConfigurationError, "labels [0, 1, 2]; expected 0 and 1"),
        (lambda: Auc(7)(torch.zeros(2), torch.tensor([3, 4])), ConfigurationError, "or 7 and one other"),
        (lambda: BLEU()(torch.zeros(1, 2), torch.zeros(1, 2), torch.ones(1, 2)), ValueError, "bleu: got a mask"),
        (lambda: SequenceAccuracy()(torch.zeros(2, 3), torch.zeros(2, 3)), ConfigurationError, "predictions of (2, 3)"),
        (
            lambda: SequenceAccuracy()(torch.zeros(2, 1, 3), torch.zeros(2, 3), torch.ones(2, 1)),
            ConfigurationError,
            "a mask of shape (2, 1)",
        ),
        (
            lambda: ConllCorefScores()(
                torch.zeros(1, 2, 2), torch.ones(1, 2, 1).long(), torch.zeros(1, 2).long(), [{"clusters": []}]
            ),
            ValueError,
            "got antecedent 1 for span 0",
        ),
    ],
)
def test_wrong_batches_are_named(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()
