"""Metrics against AllenNLP's, seqeval's own scores, and one process against two."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import classification_report
from seqeval.metrics.sequence_labeling import get_entities

from foldformer.config import ConfigurationError, Params
from foldformer.config.optional import MissingPackageError, import_optional
from foldformer.data.tag_spans import read_spans
from foldformer.models.metrics import (
    Average,
    BooleanAccuracy,
    CategoricalAccuracy,
    F1Measure,
    FBetaMeasure,
    Metric,
    SpanBasedF1Measure,
)
from foldformer.text import Vocabulary

RECORDS = json.loads(Path(__file__).with_name("recorded.json").read_text())["metrics"]
BIO = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
SEQEVAL_LETTERS = {"BIO": {}, "IOB1": {}, "BIOUL": str.maketrans("UL", "SE"), "BMES": str.maketrans("M", "I")}
LETTERS = {"BIO": "BI", "IOB1": "BI", "BIOUL": "BIUL", "BMES": "BMES"}


def one_hot(rows, classes):
    return torch.nn.functional.one_hot(torch.tensor(rows), classes).float()


def span_f1(tags=BIO, **settings):
    return SpanBasedF1Measure(Vocabulary(tokens_to_add={"tags": tags}), **settings)


@pytest.mark.parametrize(
    "record", RECORDS, ids=lambda record: "-".join(str(value) for value in record["config"].values())
)
def test_metric_gives_what_allennlp_gives(record, recorded):
    extras = {"vocabulary": Vocabulary(tokens_to_add=record["vocabulary"])} if record["vocabulary"] else {}
    metric = Metric.from_params(Params(record["config"]), **extras)
    for _ in range(2):
        for predictions, gold, mask in zip(record["predictions"], record["gold"], record["masks"], strict=True):
            metric(torch.tensor(predictions), torch.tensor(gold), None if mask is None else torch.tensor(mask))
        recorded.check_equal(metric.get_metric(), record["metric"])
        recorded.check_equal(metric.get_metric(reset=True), record["metric"])


def tag_sequences(scheme):
    tag = st.sampled_from(["O", *(f"{letter}-{entity}" for letter in LETTERS[scheme] for entity in ("PER", "LOC"))])
    return st.lists(tag, max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(sorted(LETTERS)))
def test_spans_are_those_that_seqeval_finds(data, scheme):
    tags = data.draw(tag_sequences(scheme))
    rewritten = [tag[0].translate(SEQEVAL_LETTERS[scheme]) + tag[1:] for tag in tags]
    expected = [(entity, (first, last)) for entity, first, last in get_entities(rewritten)]
    assert sorted(read_spans(tags, scheme)) == sorted(expected)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(tag_sequences("BIO"), tag_sequences("BIO")), min_size=1, max_size=5))
def test_scores_are_those_of_seqeval(pairs):
    pairs = [(one[: min(len(one), len(other))], other[: min(len(one), len(other))]) for one, other in pairs]
    metric = span_f1()
    for predicted, true in pairs:
        if true:
            rows = [[BIO.index(tag) for tag in predicted]], [[BIO.index(tag) for tag in true]]
            metric(one_hot(rows[0], 5), torch.tensor(rows[1]))
    scores = metric.get_metric()
    report = (
        classification_report([t for _, t in pairs], [p for p, _ in pairs], output_dict=True, zero_division=0)
        if any("-" in tag for p, t in pairs for tag in p + t)
        else {}
    )
    for entity in report.keys() & {"PER", "LOC"}:
        assert scores[f"f1-measure-{entity}"] == pytest.approx(report[entity]["f1-score"])
        assert scores[f"precision-{entity}"] == pytest.approx(report[entity]["precision"])
    assert scores["f1-measure-overall"] == pytest.approx(report["micro avg"]["f1-score"] if report else 0.0)


def test_badly_written_bioul_counts_as_wrong_where_allennlp_stops():
    tags = ["O", "B-X", "I-X", "L-X", "U-X"]
    metric = span_f1(tags, label_encoding="BIOUL")
    metric(one_hot([[2, 2, 4], [1, 3, 4]], 5), torch.tensor([[0, 0, 4], [1, 3, 4]]))
    scores = metric.get_metric()
    assert scores["recall-X"] == pytest.approx(1.0)
    assert scores["precision-X"] == pytest.approx(3 / 4)


def test_own_function_may_say_what_a_span_is():
    def by_word(tags, ignored):
        return [(tag, (place, place)) for place, tag in enumerate(tags) if tag not in ("O", *ignored)]

    metric = span_f1(label_encoding=None, tags_to_spans_function=by_word, ignore_classes=["I-LOC"])
    metric(one_hot([[1, 2, 4]], 5), torch.tensor([[1, 2, 3]]))
    assert metric.get_metric()["recall-overall"] == pytest.approx(2 / 3)
    assert metric.get_metric()["precision-I-PER"] == pytest.approx(1.0)
    assert "precision-I-LOC" not in metric.get_metric()


def test_prediction_map_translates_tags():
    metric = span_f1()
    order = torch.tensor([[3, 4, 0, 1, 2]])
    metric(one_hot([[0, 1, 2]], 5), torch.tensor([[0, 1, 2]]), None, order)
    assert set(metric.get_metric()) >= {"f1-measure-LOC"}
    assert "f1-measure-PER" not in metric.get_metric()


def test_accuracy_among_equal_scores_prefers_the_lower_class():
    metric = CategoricalAccuracy(top_k=2)
    metric(torch.tensor([[0.0, 0.0, 0.0, 1.0]] * 4), torch.arange(4))
    assert metric.get_metric() == 0.5


def test_item_whose_scores_add_up_to_zero_has_no_prediction():
    metric = FBetaMeasure(average="micro")
    metric(torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 0, 1]))
    assert metric.get_metric() == pytest.approx({"precision": 1.0, "recall": 2 / 3, "fscore": 0.8})


def test_average_is_the_mean():
    metric = Average()
    assert metric.get_metric() == 0.0
    metric(2.0)
    metric(torch.tensor(5.0))
    assert metric.get_metric(reset=True) == 3.5
    assert metric.get_metric() == 0.0


def test_metrics_keep_no_gradients_and_count_beyond_float32():
    scores = torch.randn(3, 4, requires_grad=True)
    metric = CategoricalAccuracy()
    metric(scores, torch.arange(3))
    assert not metric._tally.counts.requires_grad
    metric._tally.update(torch.tensor([2.0**25, 2.0**25]))
    metric._tally.update(torch.tensor([1.0, 1.0]))
    assert metric._tally.compute()[1].item() == 2**25 + 4


def test_two_processes_score_as_one(tmp_path, recorded):
    worker = Path(__file__).with_name("score_half.py")
    processes = [subprocess.Popen([sys.executable, worker, str(rank), tmp_path]) for rank in range(2)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    scores = torch.tensor([[[0.0, 1, 0, 0, 0]] * 3, [[0.0, 0, 0, 1, 0]] * 3])
    gold = torch.tensor([[1, 1, 0], [3, 0, 3]])
    for place, metric in enumerate([CategoricalAccuracy(), span_f1(), FBetaMeasure(average="macro")]):
        metric(scores, gold)
        for rank in range(2):
            recorded.check_equal(json.loads((tmp_path / f"{rank}.json").read_text())[place], metric.get_metric())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CategoricalAccuracy(top_k=0), "top_k: got 0"),
        (lambda: CategoricalAccuracy(top_k=2, tie_break=True), "with tie_break"),
        (lambda: FBetaMeasure(beta=0), "beta: got 0"),
        (lambda: FBetaMeasure(average="mean"), 'average: got "mean"'),
        (lambda: FBetaMeasure(labels=[]), r"labels: got \[\]"),
        (lambda: span_f1(label_encoding=None), "expected one of them"),
        (lambda: span_f1(label_encoding="BIOLU"), 'did you mean "BIOUL"'),
        (lambda: span_f1(["NOUN"]), "the tag 'NOUN'; expected tags that begin with B, I, O"),
    ],
)
def test_wrong_settings_are_named(make, message):
    with pytest.raises(ConfigurationError, match=message):
        make()


def test_wrong_batches_are_named():
    with pytest.raises(ValueError, match=r"labels of shape \(3,\); expected \(2,\)"):
        CategoricalAccuracy()(torch.zeros(2, 4), torch.zeros(3))
    with pytest.raises(ValueError, match="got label 7; expected one below 4"):
        F1Measure(1)(torch.zeros(2, 4), torch.tensor([1, 7]))
    with pytest.raises(ValueError, match=r"got labels of shape \(3,\)"):
        BooleanAccuracy()(torch.zeros(2, 4), torch.zeros(3))
    with pytest.raises(RuntimeError, match="no batch was added"):
        FBetaMeasure().get_metric()


def test_missing_package_error_has_the_command():
    with pytest.raises(MissingPackageError, match=r"pip install 'foldformer\[train\]'"):
        import_optional("no_such_package_here.part", extra="train")
    assert import_optional("json", extra="train") is json


@pytest.mark.parametrize("make", [CategoricalAccuracy, lambda: CategoricalAccuracy(top_k=2), FBetaMeasure])
def test_batch_in_which_nothing_counts_adds_nothing(make):
    scores, gold = torch.eye(3).unsqueeze(0), torch.tensor([[0, 1, 1]])
    metric, expected = make(), make()
    for each in (metric, expected):
        each(scores, gold)
    metric(scores, gold, torch.zeros(1, 3, dtype=torch.bool))
    assert metric.get_metric() == expected.get_metric()
