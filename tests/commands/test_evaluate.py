"""`foldformer evaluate`."""

import threading

import pytest

from foldformer.commands.evaluate import prefixes, shown


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


def test_an_error_leaves_no_thread_that_draws():
    before, kept = set(threading.enumerate()), []

    def fail():
        with shown([{}, {}], 2) as batches:
            kept.append(batches)
            next(iter(batches))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)  # told to end, but maybe not there yet
    assert set(threading.enumerate()) <= before
