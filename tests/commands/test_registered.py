"""What holds for every component that the project itself registers."""

import jsonschema
import pytest

from foldformer.config.check.docstrings import summary
from foldformer.config.check.signature import signature_of
from foldformer.config.check.values import Unusable
from foldformer.config.from_params import overrides_from_params
from foldformer.config.registrable import registered_bases, registrations
from foldformer.config.schema import json_schema

OURS = {"foldformer", "embedders", "indexers"}


@pytest.fixture(scope="module")
def components():
    bases = {base: registrations(base) for base in registered_bases()}
    ours = [(base, each) for base, names in bases.items() for each in names.values() if each.package in OURS]
    assert len(ours) > 50
    return ours


def test_every_component_says_in_a_line_what_it_is(components):
    assert [f"{base.__name__} {each.name}" for base, each in components if not summary(each.cls)] == []


def test_every_parameter_of_every_component_can_be_set_from_a_file(components):
    unusable = [
        f"{each.name}.{parameter.name}: {parameter.node.reason}"
        for _, each in components
        if each.cls.__module__.partition(".")[0] in OURS and not overrides_from_params(each.cls)
        for parameter in signature_of(each.cls, each.constructor).parameters.values()
        if isinstance(parameter.node, Unusable)
    ]
    assert unusable == []


def test_every_base_has_a_schema_with_a_branch_for_each_name(components):
    for base in {base for base, _ in components}:
        schema = json_schema(base)
        jsonschema.Draft202012Validator.check_schema(schema)
        branches = schema["$defs"][base.__name__]["anyOf"] if base.__name__ in schema["$defs"] else []
        named = {
            schema["$defs"][branch["$ref"].removeprefix("#/$defs/")]["properties"]["type"]["const"]
            for branch in branches
            if "$ref" in branch
        }
        assert named == set(registrations(base)) or overrides_from_params(base)
