"""What projects with a training loop of their own take out of allennlp.training.util and allennlp.common.util."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import torch

from foldformer.allennlp.common.machine import (
    find_open_port,
    format_size,
    format_timedelta,
    gpu_memory_mb,
    peak_cpu_memory,
    peak_memory_mb,
    push_python_path,
    pushd,
)
from foldformer.allennlp.training.loop import (
    description_from_metrics,
    enable_gradient_clipping,
    evaluate,
    get_batch_size,
    get_metrics,
    get_train_and_validation_metrics,
    rescale_gradients,
    str_to_time,
    time_to_str,
)
from foldformer.models import Model
from foldformer.text import Vocabulary


class Summing(Model):
    """Its loss is what it is given, its weight too; its metric is how many batches it has seen."""

    def __init__(self) -> None:
        super().__init__(Vocabulary())
        self.seen = 0

    def forward(self, value: torch.Tensor) -> dict[str, Any]:
        self.seen += 1
        return {"loss": value.mean(), "weight": value.mean(), "doubled": 2 * value}

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        seen, self.seen = self.seen, 0 if reset else self.seen
        return {"seen": float(seen)}


BATCHES = [{"value": torch.tensor([1.0])}, {"value": torch.tensor([3.0])}]


def test_evaluation_writes_metrics_and_predictions(tmp_path: Path) -> None:
    files = tmp_path / "metrics.json", tmp_path / "predictions.jsonl"
    assert evaluate(Summing(), BATCHES, -1, "", *files) == {"seen": 2.0, "loss": 2.0}
    assert evaluate(Summing(), BATCHES, batch_weight_key="weight")["loss"] == pytest.approx(10 / 4)
    assert '"loss": 2.0' in files[0].read_text()
    assert [line for line in files[1].read_text().splitlines() if '"doubled": [6.0]' in line]
    assert len(files[1].read_text().splitlines()) == 2


def test_metrics_hold_means_of_losses() -> None:
    assert get_metrics(Summing(), 6.0, 3.0, 2.5, 0.5, 3) == {
        "seen": 0.0,
        "batch_loss": 2.5,
        "loss": 2.0,
        "batch_reg_loss": 0.5,
        "reg_loss": 1.0,
    }
    assert get_metrics(Summing(), 6.0, None, None, None, 0) == {"seen": 0.0, "loss": 0.0}
    assert description_from_metrics({"f1": 0.5, "_hidden": 1.0, "loss": 2.0}) == "f1: 0.5000, loss: 2.0000 ||"
    every = {"training_f1": 1, "training_epochs": 2, "validation_f1": 3, "best_epoch": 4}
    assert get_train_and_validation_metrics(every) == ({"f1": 1}, {"f1": 3})


def test_gradients_are_bounded_by_number_and_by_norm() -> None:
    layer = torch.nn.Linear(2, 1, bias=False)
    enable_gradient_clipping(layer, None)
    enable_gradient_clipping(layer, 3.0)
    layer(torch.tensor([[-30.0, 1.0]])).sum().backward()
    assert layer.weight.grad.tolist() == [[-3.0, 1.0]]
    assert rescale_gradients(layer) is None
    assert float(rescale_gradients(layer, 1.0)) == pytest.approx(10**0.5)
    assert float(layer.weight.grad.norm()) == pytest.approx(1.0, abs=1e-5)


def test_sizes_times_and_memory() -> None:
    assert get_batch_size({"tokens": {"ids": torch.zeros(3, 2)}}) == 3
    assert get_batch_size({}) == get_batch_size("text") == 0
    assert str_to_time(time_to_str(1_600_000_000)).timestamp() == 1_600_000_000
    assert [format_size(size) for size in (12, 1536, 20 * 2**20, 2**30)] == ["12B", "1.5K", "20M", "1.0G"]
    times = [
        timedelta(days=2),
        timedelta(days=1, hours=3),
        timedelta(minutes=130),
        timedelta(minutes=75),
        timedelta(60),
    ]
    shown = ["2 days", "1 day", "2 hours, 10 mins", "1 hour, 15 mins", "60 days"]
    assert [format_timedelta(each) for each in times] == shown
    assert format_timedelta(timedelta(minutes=5)) == "5 mins"
    assert peak_cpu_memory()[0] > 2**20
    assert peak_memory_mb()[0] * 2**20 == pytest.approx(peak_cpu_memory()[0], rel=0.2)
    assert len(gpu_memory_mb()) == (1 if torch.cuda.is_available() else 0)
    assert 0 < find_open_port() < 2**16


def test_folder_and_path_are_put_back(tmp_path: Path) -> None:
    before = Path.cwd(), list(sys.path)
    with pushd(tmp_path), push_python_path("."):
        assert Path.cwd() == Path(sys.path[0]) == tmp_path.resolve()
    assert (Path.cwd(), sys.path) == before
