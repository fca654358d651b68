"""YAML whose aliases stand for more than any machine holds."""

import pytest

from foldformer.config import ConfigurationError, Params


def test_nested_aliases_end_at_once(tmp_path):
    rows = ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 20))]
    (tmp_path / "bomb.yaml").write_text("\n".join(rows))
    with pytest.raises(ConfigurationError, match="its aliases stand for"):
        Params.from_file(tmp_path / "bomb.yaml")


def merges(depth, times=9):
    text = "{k: 1}"
    for i in range(depth):
        text = f"{{<<: [&a{i} {text}{f', *a{i}' * times}]}}"
    return f"x: {text}\n"


def test_nested_merges_end_at_once(tmp_path):
    (tmp_path / "bomb.yaml").write_text(merges(40))
    assert Params.from_file(tmp_path / "bomb.yaml").as_dict(quiet=True) == {"x": {"k": 1}}


@pytest.mark.parametrize(
    "value",
    [
        "1" * 5000,
        "!!int x",
        "!!float x",
        "!!bool x",
        "!!timestamp x",
        "!!set {b}",
        "!!binary eA==",
        "!!omap []",
        "!x y",
    ],
)
def test_values_that_json_has_not_are_one_line(tmp_path, value):
    (tmp_path / "odd.yaml").write_text(f"a: {value}\n")
    with pytest.raises(ConfigurationError, match=r"odd\.yaml:1: is not YAML: got") as caught:
        Params.from_file(tmp_path / "odd.yaml")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_tags_of_plain_values_are_free(tmp_path):
    (tmp_path / "fine.yaml").write_text("a: !!str 1\nb: !!int 2\nc: !!seq [1]\nd: {<<: {x: 1}, y: 2}\n")
    expected = {"a": "1", "b": 2, "c": [1], "d": {"x": 1, "y": 2}}
    assert Params.from_file(tmp_path / "fine.yaml").as_dict(quiet=True) == expected


def test_a_few_aliases_are_free(tmp_path):
    (tmp_path / "fine.yaml").write_text("a: &a [1, 2]\nb: [*a, *a]\n")
    assert Params.from_file(tmp_path / "fine.yaml").as_dict(quiet=True) == {"a": [1, 2], "b": [[1, 2], [1, 2]]}
