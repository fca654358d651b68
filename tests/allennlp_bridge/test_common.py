"""The small functions of allennlp.common and its kin that are served."""

import logging
import random
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from foldformer.config import ConfigurationError, Params
from foldformer.config.discovery import import_module_and_submodules
from foldformer.data.devices import check_for_gpu, int_to_device, move_to_device, parse_cuda_device
from foldformer.data.iterables import (
    add_noise_to_dict_values,
    cycle_iterator_function,
    is_lazy,
    lazy_groups_of,
    shuffle_iterable,
)
from foldformer.nn.dimensions import check_dimensions_match
from foldformer.nn.functions.modules import log_frozen_and_tunable_parameter_names
from foldformer.text import Token
from foldformer.training.predictors.sanitize import sanitize
from foldformer.training.report.metrics_files import dump_metrics
from foldformer.training.state.random_state import prepare_environment


def test_groups_read_no_further_than_they_must() -> None:
    numbers = iter(range(5))
    groups = lazy_groups_of(numbers, 2)
    assert next(groups) == [0, 1]
    assert next(numbers) == 2
    assert list(groups) == [[3, 4]]
    assert is_lazy(numbers)


def test_shuffled_items_are_all_there_and_none_comes_early() -> None:
    random.seed(1)
    shuffled = list(shuffle_iterable(range(100), pool_size=10))
    assert sorted(shuffled) == list(range(100))
    assert shuffled != list(range(100))
    assert all(item <= place + 10 for place, item in enumerate(shuffled))
    assert list(shuffle_iterable([])) == []


def test_cycle_begins_again() -> None:
    cycle = cycle_iterator_function(lambda: [1, 2])
    assert [next(cycle) for _ in range(5)] == [1, 2, 1, 2, 1]


def test_noise_is_a_fraction_of_the_value() -> None:
    noisy = add_noise_to_dict_values({"a": 100.0, "b": 0.0}, 0.1)
    assert 90 <= noisy["a"] <= 110
    assert noisy["a"] != 100
    assert noisy["b"] == 0


def test_seeds_of_the_file_are_taken_out() -> None:
    params = Params({"random_seed": 5, "numpy_seed": 6, "model": {}})
    prepare_environment(params)
    drawn = random.random(), np.random.rand(), torch.rand(1).item()
    random.seed(5)
    np.random.seed(6)
    torch.manual_seed(133)
    assert drawn == (random.random(), np.random.rand(), torch.rand(1).item())
    assert params.as_dict() == {"model": {}}


def test_modules_below_are_imported_but_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = tmp_path / "their_pack" / "deep"
    folder.mkdir(parents=True)
    for name in ("__init__", "deep/__init__", "deep/reader", "test_reader", "_private", "left_out"):
        (tmp_path / "their_pack" / f"{name}.py").touch()
    import_module_and_submodules("their_pack", exclude={"their_pack.left_out"})
    found = {name for name in sys.modules if name.startswith("their_pack")}
    assert found == {"their_pack", "their_pack.deep", "their_pack.deep.reader"}
    with pytest.raises(ModuleNotFoundError):
        import_module_and_submodules("their_pack.nowhere")


def test_devices_are_numbers_too() -> None:
    assert int_to_device(-1) == torch.device("cpu")
    assert int_to_device(1) == torch.device("cuda", 1)
    assert move_to_device({"a": torch.ones(1)}, -1)["a"].device.type == "cpu"
    assert [parse_cuda_device(each) for each in (2, "2", [2], [], "-1")] == [2, 2, 2, -1, -1]
    with pytest.raises(ConfigurationError, match="got 0,1; expected one device"):
        parse_cuda_device("0,1")
    check_for_gpu(-1)
    check_for_gpu(None)
    with pytest.raises(ConfigurationError, match="cuda_device: got cuda:99"):
        check_for_gpu([-1, 99])


def test_plain_data_of_what_a_model_gives() -> None:
    class Own:
        def to_json(self) -> str:
            return "own"

    given = [np.float32(1.5), np.arange(2), np.bool_(True), Token("word"), {1: {2}}, Own()]
    assert sanitize(given) == [1.5, [0, 1], True, "word", {1: [2]}, "own"]
    with pytest.raises(ValueError, match="got object"):
        sanitize(object())


def test_metrics_are_written_where_a_file_is_given(tmp_path: Path) -> None:
    dump_metrics(tmp_path / "m.json", {"accuracy": 0.5})
    dump_metrics(None, {"accuracy": 0.5}, log=True)
    assert (tmp_path / "m.json").read_text() == '{\n  "accuracy": 0.5\n}\n'


def test_widths_that_differ_are_refused() -> None:
    check_dimensions_match(3, 3, "encoder width", "input width")
    with pytest.raises(ConfigurationError, match="encoder width: got 3; expected 4, which is input width"):
        check_dimensions_match(3, 4, "encoder width", "input width")


def test_parameters_are_named_by_whether_they_are_trained(caplog: pytest.LogCaptureFixture) -> None:
    layer = torch.nn.Linear(1, 1)
    layer.bias.requires_grad_(False)
    with caplog.at_level(logging.INFO):
        log_frozen_and_tunable_parameter_names(layer)
    assert [record.getMessage() for record in caplog.records] == [
        "parameters that stay as they are: bias",
        "parameters that are trained: weight",
    ]
