"""Property: whatever is done to a valid file, check reports or passes it, and build agrees with check."""

import copy
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foldformer.config import ConfigurationError, build, check, review
from foldformer.config.schema import json_schema

pytestmark = pytest.mark.usefixtures("menagerie", "own_registry")

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 30),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
    st.sampled_from(["", "cat", "wolves", "x.y", "None", "3", "true", "day", "builtins.int"]),
    st.just([]),
    st.just({}),
    st.just({"type": "cat"}),
    st.just([{"type": "cat"}, 1]),
    st.just({"type": 3}),
)
NAMES = st.sampled_from(["nmae", "type", "row", "x.y", "name", "0", "", "content", "territory"])
settings_of_a_run = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], print_blob=True
)


def places(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Every path in a tree but the root's."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in entries:
        yield (*path, key)
        yield from places(item, (*path, key))


def mutate(tree: Any, draw: Any) -> None:
    """Delete, rename, retype or nest one value."""
    found = list(places(tree))
    if not found:
        return
    *way, key = draw(st.sampled_from(found))
    holder = tree
    for step in way:
        holder = holder[step]
    kind = draw(st.sampled_from(["delete", "rename", "retype", "nest in a list", "nest in a block", "swap"]))
    if kind == "delete":
        del holder[key]
    elif kind == "rename" and isinstance(holder, dict):
        holder[draw(NAMES)] = holder.pop(key)
    elif kind == "nest in a list":
        holder[key] = [holder[key]]
    elif kind == "nest in a block":
        holder[key] = {draw(NAMES): holder[key]}
    elif kind == "swap":
        *other_way, other = draw(st.sampled_from(found))
        value = tree
        for step in (*other_way, other):
            value = value[step]
        holder[key] = copy.deepcopy(value)
    else:
        holder[key] = copy.deepcopy(draw(VALUES))  # later mutations must not reach the strategy


@st.composite
def mutated(draw: Any, files: list[Any]) -> Any:
    tree = copy.deepcopy(draw(st.sampled_from(files)))
    for _ in range(draw(st.integers(1, 4))):
        mutate(tree, draw)
    return tree


def test_build_agrees_with_check_whatever_is_done_to_a_file(menagerie):
    refused = passed = 0

    @settings(settings_of_a_run, max_examples=2200)
    @given(mutated(menagerie.VALID))
    def agree(tree):
        nonlocal refused, passed
        before = copy.deepcopy(tree)
        problems = check(menagerie.Zoo, tree)
        if problems:
            with pytest.raises(ConfigurationError) as error:
                build(menagerie.Zoo, tree)
            assert [problem.path for problem in error.value.problems] == [problem.path for problem in problems]
            refused += 1
        else:
            assert isinstance(build(menagerie.Zoo, tree), menagerie.Zoo)
            passed += 1
        assert tree == before

    agree()
    assert refused + passed >= 2000
    assert refused > 200
    assert passed > 50


def test_schema_agrees_with_check_whatever_is_done_to_a_file(menagerie):
    validator = jsonschema.Draft202012Validator(json_schema(menagerie.Zoo))

    @settings(settings_of_a_run, max_examples=500)
    @given(mutated(menagerie.VALID))
    def agree(tree):
        # The schema cannot know what a class path names, nor that 1.0 is no integer.
        if "x.y" in str(tree) or "builtins.int" in str(tree) or ".0" in str(tree):
            return
        found = review(menagerie.Zoo, tree)  # which warns of 1 for true, where the schema has only booleans
        assert validator.is_valid(tree) == (not found.problems and not found.warnings)

    agree()


@pytest.mark.parametrize("index", range(3))
def test_files_that_are_mutated_are_valid_to_begin_with(menagerie, index):
    assert check(menagerie.Zoo, menagerie.VALID[index]) == []
