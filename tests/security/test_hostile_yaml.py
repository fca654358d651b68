"""YAML whose aliases stand for more than any machine holds."""

import pytest

from foldformer.config import ConfigurationError, Params


def test_nested_aliases_end_at_once(tmp_path):
    rows = ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 20))]
    (tmp_path / "bomb.yaml").write_text("\n".join(rows))
    with pytest.raises(ConfigurationError, match="its aliases stand for"):
        Params.from_file(tmp_path / "bomb.yaml")


def test_a_few_aliases_are_free(tmp_path):
    (tmp_path / "fine.yaml").write_text("a: &a [1, 2]\nb: [*a, *a]\n")
    assert Params.from_file(tmp_path / "fine.yaml").as_dict(quiet=True) == {"a": [1, 2], "b": [[1, 2], [1, 2]]}
