"""Which epoch is the best, and how long one waits for a better one."""

import math

import pytest

from foldformer.training.metric_tracker import MetricTracker


def follow(scores, patience=None, names="+score"):
    """The epochs that were best when they came, and the epoch after which training stops."""
    tracker, best = MetricTracker(names, patience), []
    for epoch, score in enumerate(scores):
        tracker.add_metrics(score if isinstance(score, dict) else {"score": score})
        if tracker.is_best_so_far():
            best.append(epoch)
        if tracker.should_stop_early():
            return best, epoch
    return best, None


@pytest.mark.parametrize(
    ("patience", "last"),
    [(1, 2), (2, 3), (3, 4), (4, None), (None, None)],
)
def test_patience_counts_epochs_after_the_best_one(patience, last):
    assert follow([1.0, 2.0, 1.5, 1.5, 1.5], patience) == ([0, 1], last)


def test_equal_score_is_no_improvement():
    assert follow([1.0, 1.0, 1.0], patience=2) == ([0], 2)


def test_improvement_starts_the_count_again():
    assert follow([1.0, 0.5, 2.0, 1.0, 1.0], patience=2) == ([0, 2], 4)


def test_sign_says_what_is_better_and_several_metrics_add_up():
    assert follow([3.0, 2.0, 4.0], names="-score") == ([0, 1], None)
    epochs = [{"f1": 1.0, "loss": 1.0}, {"f1": 2.0, "loss": 3.0}, {"f1": 2.0, "loss": 1.5}]
    assert follow(epochs, names=["+f1", "-loss"]) == ([0, 2], None)


def test_score_that_is_not_a_number_is_beaten_by_any_other():
    assert follow([math.nan, 0.1, 0.2, math.nan]) == ([0, 1, 2], None)


def test_scores_that_are_not_numbers_use_up_patience_and_the_last_of_them_counts():
    assert follow([math.nan] * 5, patience=3) == ([0, 1, 2], 2)


def test_state_of_a_tracker_goes_on_in_another():
    first, second = MetricTracker("+score", 2), MetricTracker("+score", 2)
    first.add_metrics({"score": 2.0})
    first.add_metrics({"score": 1.0})
    second.load_state_dict(first.state_dict())
    second.add_metrics({"score": 1.5})
    assert second.best_epoch == 0
    assert second.best_epoch_metrics == {"score": 2.0}
    assert second.should_stop_early()
