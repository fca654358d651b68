"""`foldformer evaluate`."""

import pytest

from foldformer.commands.evaluate import prefixes


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["a/test.jsonl"], [""]),
        (["a/test.jsonl", "a/dev.jsonl"], ["test_", "dev_"]),
        (["a/test.jsonl", "b/test.jsonl"], ["a_test_", "b_test_"]),
        (["x/a/test.jsonl", "y/a/test.jsonl", "dev.jsonl"], ["x_a_test_", "y_a_test_", "dev_"]),
        (["a/test.jsonl", "a/test.tsv"], ["a/test.jsonl_", "a/test.tsv_"]),
    ],
)
def test_metrics_of_several_files_have_names_of_their_own(paths, expected):
    assert prefixes(paths) == expected
