"""The JSON Schema: accepts what is right, and refuses what is wrong for the right reason."""

import copy
import json
from pathlib import Path
from typing import Generic, TypeVar

import jsonschema
import pytest

from foldformer.config import Experiment, FromParams, Registrable
from foldformer.config.params import Params
from foldformer.config.schema import DIALECT, json_schema

T = TypeVar("T")
PROJECT = Path(__file__).parents[2]
TRAINING_CONFIGS = sorted([*PROJECT.glob("training_configs/**/*.json*"), *PROJECT.glob("training_configs/**/*.y*ml")])


@pytest.fixture
def schema(menagerie, own_registry):
    return json_schema(menagerie.Zoo)


@pytest.fixture
def validator(schema):
    return jsonschema.Draft202012Validator(schema)


def test_schema_is_one_of_its_draft_and_plain_json(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DIALECT == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("index", range(3))
def test_valid_files_pass(menagerie, validator, index):
    assert list(validator.iter_errors(menagerie.VALID[index])) == []


@pytest.mark.parametrize("file", TRAINING_CONFIGS, ids=lambda file: file.name)
def test_training_configs_pass(file):
    validator = jsonschema.Draft202012Validator(json_schema(Experiment))
    ext_vars = {"MODEL_NAME": "a-model", "MODEL_DIM": "32", "DATA": "data"}
    data = Params.from_file(file, ext_vars=ext_vars).as_dict(quiet=True)
    error = jsonschema.exceptions.best_match(validator.iter_errors(data))
    assert error is None, f"{error.json_path}: {error.message}"


def reasons(error):
    """All errors behind an error: each alternative of a union has its own."""
    yield error
    for inner in error.context:
        yield from reasons(inner)


def change(path, value):
    def apply(data):
        *way, last = path
        for key in way:
            data = data[key]
        if value is ...:
            del data[last]
        else:
            data[last] = value

    return apply


@pytest.mark.parametrize(
    ("broken", "path", "keyword", "message"),
    [
        (change(["colour"], 1), "$", "additionalProperties", "'colour' was unexpected"),
        (change(["enclosures"], ...), "$", "required", "'enclosures' is a required property"),
        (change(["opened"], "yes"), "$.opened", "type", "'yes' is not of type 'boolean'"),
        (change(["animals", "tom", "type"], "catt"), "$.animals.tom.type", "const", "'cat' was expected"),
        (change(["animals", "tom", "weight"], "4"), "$.animals.tom.weight", "type", "'4' is not of type 'number'"),
        (change(["animals", "tom", "wieght"], 4), "$.animals.tom", "additionalProperties", "'wieght' was unexpected"),
        (change(["animals", "tom", "diet"], "fish"), "$.animals.tom.diet", "enum", "'fish' is not one of"),
        (
            change(["animals", "pack", "territory", 0, "row"], True),
            "$.animals.pack.territory[0].row",
            "type",
            "integer",
        ),
        (change(["animals", "pack", "members"], ...), "$.animals.pack", "required", "'members' is a required"),
        (change(["keeper", "shift"], "noon"), "$.keeper.shift", "enum", "'noon' is not one of"),
        (change(["enclosures", 0, "size"], [1, 2, 3]), "$.enclosures[0].size", "maxItems", "too long"),
        (change(["enclosures", 0, "size"], [1]), "$.enclosures[0].size", "minItems", "too short"),
        (change(["tickets", "child", "price"], ...), "$.tickets.child", "required", "'price' is a required property"),
        (change(["tickets", "child", "age"], 3), "$.tickets.child", "additionalProperties", "'age' was unexpected"),
        (change(["box", "content"], "3"), "$.box.content", "type", "'3' is not of type 'integer'"),
        (change(["rooms"], {"one": True}), "$.rooms", "pattern", "'one' does not match"),
        (change(["kind"], "wolve"), "$.kind", "enum", "'wolve' is not one of"),
        (change(["keeper"], None), "$.keeper", "type", "None is not of type 'object'"),
    ],
)
def test_broken_file_is_refused_for_the_right_reason(menagerie, validator, broken, path, keyword, message):
    data = copy.deepcopy(menagerie.VALID[1])
    broken(data)
    found = [reason for error in validator.iter_errors(data) for reason in reasons(error)]
    assert any(
        reason.json_path == path and reason.validator == keyword and message in reason.message for reason in found
    ), [(reason.json_path, reason.message) for reason in found]


def test_every_registered_name_has_a_branch_with_its_documentation(schema):
    branches = [branch["$ref"].rpartition("/")[2] for branch in schema["$defs"]["Animal"]["anyOf"] if "$ref" in branch]
    assert branches == ["Animal.cat", "Animal.hunting_wolves", "Animal.wolves", "Animal.chameleon"]
    cat = schema["$defs"]["Animal.cat"]
    assert cat["description"] == "Sleeps most of the day."
    assert cat["properties"]["type"] == {"const": "cat"}
    assert cat["properties"]["weight"] == {"type": "number", "default": 4.5, "description": "In kilograms."}
    assert "required" not in cat or "type" not in cat["required"]
    assert schema["$defs"]["Animal.wolves"]["required"] == ["type", "territory", "members"]


def test_parameters_that_code_hands_over_are_not_required(schema):
    keepers = [value for name, value in schema["$defs"].items() if name.startswith("Keeper")]
    assert sorted(keeper["required"] for keeper in keepers) == [[], ["name", "shift"]]


def test_bare_name_is_offered_only_where_nothing_is_required(menagerie, validator):
    assert validator.is_valid({**menagerie.VALID[0], "animals": {"a": "cat"}})
    assert not validator.is_valid({**menagerie.VALID[0], "animals": {"a": "wolves"}})


def test_two_classes_of_one_name_do_not_share_a_definition(own_registry):
    def make(kind):
        class Part(FromParams):
            def __init__(self, value: kind) -> None: ...

        return Part

    first, second = make(int), make(str)

    class Whole(FromParams):
        def __init__(self, first: first, second: second) -> None: ...

    validator = jsonschema.Draft202012Validator(json_schema(Whole))
    assert validator.is_valid({"first": {"value": 1}, "second": {"value": "x"}})
    assert not validator.is_valid({"first": {"value": "x"}, "second": {"value": 1}})


def test_argument_of_a_generic_class_counts_for_the_class_itself(own_registry):
    class Crate(Registrable, Generic[T]):
        def __init__(self, content: T) -> None: ...

    Crate.register("crate")(Crate)

    class Store(FromParams):
        def __init__(self, numbers: Crate[int], words: Crate[str]) -> None: ...

    validator = jsonschema.Draft202012Validator(json_schema(Store))
    number, word = {"type": "crate", "content": 1}, {"type": "crate", "content": "x"}
    assert validator.is_valid({"numbers": number, "words": word})
    assert not validator.is_valid({"numbers": word, "words": word})
    assert not validator.is_valid({"numbers": number, "words": number})


def test_schema_of_a_base_without_implementations_takes_class_paths_only(own_registry):
    class Lonely(Registrable):
        pass

    validator = jsonschema.Draft202012Validator(json_schema(Lonely))
    assert validator.is_valid({"type": "some.module.Class", "size": 1})
    assert not validator.is_valid({"type": "name"})
    assert not validator.is_valid({})
