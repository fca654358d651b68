import pytest

from foldformer.config.nearest import an, did_you_mean, join, nearest, one_of, show


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("avreage", "average"),
        ("BAG-OF-WORDS", "bag_of_words"),
        ("bagofwords", "bag_of_words"),
        ("max_lenght", "max_length"),
        ("zzz", None),
        ("", None),
    ],
)
def test_the_most_similar_name_is_found_whatever_its_case_and_dashes(name, expected):
    assert nearest(name, ["average", "bag_of_words", "max_length", "max"]) == expected


def test_an_exact_name_wins_over_one_that_differs_in_case():
    assert nearest("Max", ["average", "Max"]) == "Max"


def test_only_strings_are_meant_for_something():
    assert did_you_mean("agv", ["avg"]) == '; did you mean "avg"?'
    assert did_you_mean(3, ["3"]) == ""
    assert did_you_mean("x", []) == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (0.5, "0.5"),
        ("größe", '"größe"'),
        ([], "[]"),
        ([1, 2], "a list of 2"),
        ({}, "{}"),
        ({"type": "x", "dim": 3}, "{type, dim}"),
        ("x" * 100, '"' + "x" * 56 + "..."),
        (10**5000, "an integer of 16610 bits"),
        (int, "<class 'int'>"),
    ],
    ids=lambda each: each if isinstance(each, str) else type(each).__name__,
)
def test_values_are_shown_as_a_file_spells_them_and_never_at_length(value, expected):
    assert show(value) == expected


def test_names_are_listed_as_a_phrase():
    assert one_of(["a"]) == '"a"'
    assert one_of(["a", "b", "c"]) == '"a", "b" or "c"'
    assert one_of([f"n{index}" for index in range(14)]).endswith('"n11" (and 2 more)')
    assert join([]) == ""
    assert (an("Embedder"), an("Reader")) == ("an Embedder", "a Reader")
