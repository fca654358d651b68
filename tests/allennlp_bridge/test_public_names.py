"""Of no name that AllenNLP had does the bridge say that it never was.

public_names.txt has the modules of AllenNLP 0.9.0, 1.0.0, 1.2.2, 1.5.0, 2.0.0 and 2.10.1, and of allennlp-models 1.0.0,
1.2.2, 1.5.0 and 2.10.1, as tests/record_allennlp/public_names.py read them.
"""

import ast
import importlib
from pathlib import Path

import pytest

from foldformer.allennlp.diagnosis import Program, asked_of_allennlp
from foldformer.allennlp.messages import why_no_module, why_no_name
from foldformer.allennlp.table import Missing, Served, Table, Unknown, table

LINES = Path(__file__).with_name("public_names.txt").read_text(encoding="utf-8").splitlines()
MODULES = {line.split()[0]: line.split()[1:] for line in LINES}


def test_every_module_of_allennlp_is_served_or_gone() -> None:
    assert [module for module in MODULES if not table().is_module(module)] == []


def test_every_name_of_allennlp_is_served_or_missing() -> None:
    asked = [(module, name) for module, names in MODULES.items() for name in names if f"{module}.{name}" not in MODULES]
    assert len(asked) > 1500
    never = [path for path in asked if not table().why_gone(path[0]) and isinstance(table().find(*path), Unknown)]
    assert never == []


def test_what_is_served_is_there() -> None:
    entries = [entry for module in table() for entry in table().names(module).values()]
    served = {entry for entry in entries if isinstance(entry, Served)}
    assert all(hasattr(importlib.import_module(entry.module), entry.name) for entry in served)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (
            "from allennlp.models import QaNet",
            "no models of this task here; a model of the project's own can be included",
        ),
        ("from allennlp.semparse.worlds.world import World", "AllenNLP 0.9, gone in 1.0"),
        (
            "from allennlp.modules.token_embedders import ElmoTokenEmbedderMultiLang",
            "AllenNLP 0.9, gone in 1.0; use ElmoTokenEmbedder",
        ),
        ("from allennlp.modules.transformer import TransformerStack", "pretrained transformers are loaded by"),
        ("from allennlp.common.testing import requires_gpu", "use pytest.mark.parametrize and pytest.mark.skipif"),
        ("from allennlp.models import Modle", "was never in AllenNLP; did you mean Model?"),
    ],
)
def test_doctor_says_what_is_true(line: str, answer: str) -> None:
    (found,) = asked_of_allennlp([Program("a.py", ast.parse(line))], own="a")
    assert not found.is_served
    assert found.answer.startswith(answer)


def test_import_errors_say_what_is_true() -> None:
    why = why_no_name("allennlp.predictors", "BidafPredictor")
    assert why.endswith(
        "allennlp.predictors.BidafPredictor of AllenNLP is not served: " + table().why_gone("allennlp_models.rc")
    )
    assert why_no_module("allennlp.service.server_simple").endswith("of AllenNLP is not served: no such command here")
    assert why_no_name("allennlp.models", "Modle").endswith("was never in AllenNLP; did you mean Model?")


def test_name_comes_from_where_a_module_had_it_from() -> None:
    module = "allennlp_models.tagging.models.crf_tagger"
    assert table().find(module, "Vocabulary") == table().find("allennlp.data.vocabulary", "Vocabulary")


def test_name_that_two_modules_define_is_asked_for_where_it_stands() -> None:
    two = Table("allennlp.a\n    ours.a: Sampler\nallennlp.b\n    ours.b: Sampler\nallennlp.c\n    ours.c: Model\n")
    assert two.find("allennlp.c", "Sampler") == Missing("import it from allennlp.a or allennlp.b")


def test_module_that_is_gone_may_lie_beside_one_that_is_served() -> None:
    mixed = Table("allennlp.a.b\n    ours.b: Model\nallennlp.a.*\n    missing (write it): Reader\n")
    assert "allennlp.a.b" in mixed
    assert mixed.why_gone("allennlp.a.b") is None
    assert mixed.why_gone("allennlp.a.c") == "write it"
    assert mixed.find("allennlp.a", "Any") == mixed.find("allennlp", "Reader") == Missing("write it")
