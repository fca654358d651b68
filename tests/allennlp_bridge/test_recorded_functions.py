"""The functions that we serve give what AllenNLP 2.10.1 gave: tests/record_allennlp/of_functions.py recorded it."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from foldformer.allennlp.table import Served, table

RECORDS = json.loads((Path(__file__).parent / "recorded.json").read_text(encoding="utf-8"))
TOLERANCE = {"rtol": 1e-5, "atol": 1e-6}  # sums run in another order


def read(value: Any) -> Any:
    if isinstance(value, dict) and "dtype" in value:
        return torch.tensor(value["values"], dtype=getattr(torch, value["dtype"]))
    if isinstance(value, dict):
        return {key: read(item) for key, item in value["items"].items()}
    return [read(item) for item in value] if isinstance(value, list) else value


def ours(path: str) -> Any:
    module, _, name = path.rpartition(".")
    found = table().find(module, name)
    assert isinstance(found, Served), path
    return getattr(importlib.import_module(found.module), found.name)


def check(found: Any, expected: Any) -> None:
    if isinstance(expected, torch.Tensor):
        assert found.dtype == expected.dtype
        torch.testing.assert_close(found, expected, **TOLERANCE)
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            check(one, other)
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            check(found[key], expected[key])
    else:
        assert found == expected


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["name"].rpartition(".")[2])
def test_function_gives_what_allennlp_gave(record: dict[str, Any]) -> None:
    kwargs = {key: read(value) for key, value in record["kwargs"].items()}
    check(ours(record["name"])(*read(record["args"]), **kwargs), read(record["result"]))
