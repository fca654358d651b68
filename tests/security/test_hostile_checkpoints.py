"""A checkpoint of somebody else holds numbers, never code."""

import pickle
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import torch

from foldformer.config import ConfigurationError
from foldformer.models import Metric
from foldformer.models.metrics import CategoricalAccuracy
from foldformer.training.fit.metric_state import metric_state, set_metric_state


class Evil:
    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return Path.touch, (self.file,)


def holder(*metrics):
    module = torch.nn.Linear(1, 1)
    module.metrics = list(metrics)
    return module


def test_pickle_inside_a_tensor_is_refused_and_not_run(tmp_path):
    code = pickle.dumps([Evil(tmp_path / "ran")])
    with pytest.raises(ConfigurationError, match="may hold code"):
        set_metric_state(holder(CategoricalAccuracy()), torch.frombuffer(bytearray(code), dtype=torch.uint8))
    assert not (tmp_path / "ran").exists()


class Odd(Metric):
    """Counts in every kind of container."""

    def __init__(self):
        self.inner = CategoricalAccuracy()
        self.several = {"top": [CategoricalAccuracy()]}
        self.seen = Counter()
        self.by_label = defaultdict(int)
        self.total = torch.zeros(2)
        self.pairs = set()
        self.last = None
        self.function = len

    def __call__(self, predictions, gold_labels, mask=None):
        self.inner(predictions, gold_labels)
        self.several["top"][0](predictions, gold_labels)
        self.seen.update(["a", "b", "a"])
        self.by_label[int(gold_labels[0])] += 1
        self.total += 1
        self.pairs.add((1, "x"))
        self.last = [1.5, None, True]

    def get_metric(self, reset=False):
        return 0.0

    def reset(self):
        self.__init__()


def test_metrics_of_every_kind_go_through_a_file_that_runs_no_code(tmp_path):
    counted, fresh = Odd(), Odd()
    for _ in range(2):
        counted(torch.tensor([[0.0, 1.0], [1.0, 0.0]]), torch.tensor([1, 1]))
    torch.save(metric_state(holder(counted)), tmp_path / "state")
    set_metric_state(holder(fresh), torch.load(tmp_path / "state", weights_only=True))
    for metric in (counted, fresh):  # and they count on alike
        metric(torch.tensor([[0.0, 1.0]]), torch.tensor([1]))
    assert fresh.inner.get_metric() == counted.inner.get_metric() == 0.6
    assert fresh.several["top"][0].get_metric() == 0.6
    assert isinstance(fresh.seen, Counter)
    assert fresh.by_label == {1: 3}
    assert fresh.by_label[7] == 0
    assert torch.equal(fresh.total, torch.full((2,), 3.0))
    assert (fresh.seen["a"], fresh.pairs, fresh.last, fresh.function) == (6, {(1, "x")}, [1.5, None, True], len)


@pytest.mark.parametrize("state", [[], [7], [{"_tally": ["module", "os"]}], [{"_tally": [1]}]])
def test_state_of_another_form_is_refused(state):
    with pytest.raises(ConfigurationError, match="may hold code"):
        set_metric_state(holder(CategoricalAccuracy()), state)
