import pytest
from hypothesis import given
from hypothesis import strategies as st

from foldformer.config import ConfigurationError
from foldformer.corpus import CorpusError
from foldformer.corpus.inputs import BadRecord, Record
from foldformer.corpus.output.shard import Shard
from foldformer.corpus.runs.plan import PartLimits, PartTask, PlanEnd, pending_parts, plan_parts

LIMITS = PartLimits(rows=3, bytes=100, bytes_per_vector=4, level="wordpiece")


def records(lengths: list[int | None]) -> list:
    return [
        BadRecord(i, "f", "r") if length is None else Record(i, str(i), "x" * length)
        for i, length in enumerate(lengths)
    ]


def tasks_of(lengths: list[int | None], limits: PartLimits = LIMITS) -> list[PartTask]:
    return [task for task in plan_parts(records(lengths), limits) if isinstance(task, PartTask)]


@given(st.lists(st.none() | st.integers(0, 80), max_size=60), st.integers(1, 5), st.integers(1, 200))
def test_every_record_is_in_exactly_one_part_within_the_limits(lengths, rows, size):
    limits = PartLimits(rows, size, 4, "wordpiece")
    *tasks, end = plan_parts(records(lengths), limits)
    assert [record for task in tasks for record in task.records] == records(lengths)
    assert [task.index for task in tasks] == list(range(len(tasks)))
    assert end == PlanEnd(len(tasks), len(lengths))
    for task in tasks:
        good = [record for record in task.records if isinstance(record, Record)]
        assert task.first == task.records[0].position
        assert task.last == task.records[-1].position
        assert 1 <= len(task.records) <= rows
        assert sum(map(limits.guess_bytes, good)) <= size or len(good) == 1


def test_large_document_has_a_part_of_its_own():
    assert [len(task.records) for task in tasks_of([4, 4, 1000, 4, 4])] == [2, 1, 2]


def test_guess_follows_the_level():
    text, words = Record(0, "a", "x" * 120), Record(0, "a", ["xx"] * 60)

    def guess(level, record):
        return PartLimits(9, 9, 10, level).guess_bytes(record) - 120

    assert [guess("wordpiece", text), guess("word", text), guess("document", text)] == [300, 200, 10]
    assert [guess("wordpiece", words), guess("word", words), guess("document", words)] == [300, 600, 10]


def test_shards_share_the_parts_without_a_gap_or_an_overlap():
    made = [
        [
            task.index
            for task in pending_parts(plan_parts(records([1] * 30), LIMITS), {}, Shard(i, 4))
            if isinstance(task, PartTask)
        ]
        for i in (1, 2, 3, 4)
    ]
    assert made == [[0, 4, 8], [1, 5, 9], [2, 6], [3, 7]]


def test_parts_that_are_there_are_left_out():
    plan = list(plan_parts(records([1] * 9), LIMITS))
    pending = list(pending_parts(plan, {0: plan[0].digest, 2: plan[2].digest}))
    assert pending == [plan[1], plan[3]]


def test_input_that_has_changed_is_refused():
    done = {task.index: task.digest for task in tasks_of([1] * 9)}
    with pytest.raises(CorpusError, match="positions 3 to 5"):
        list(pending_parts(plan_parts(records([1, 1, 1, 1, 2, 1]), LIMITS), done))
    with pytest.raises(CorpusError, match="got 2 parts; expected at least 3"):
        list(pending_parts(plan_parts(records([1] * 6), LIMITS), done))


def test_digest_depends_on_id_text_and_kept_values():
    variants = [
        Record(0, "a", "text"), Record(0, "b", "text"), Record(0, "a", "texts"), Record(0, "a", ["text"]),
        Record(0, "a", "text", (1,)), BadRecord(0, "a", "text"), BadRecord(0, "a", "texts"),
    ]  # fmt: skip
    digests = {next(iter(plan_parts([variant], LIMITS))).digest for variant in variants}
    assert len(digests) == len(variants)


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/0", "-1/2", ""])
def test_shard_that_is_none_is_refused(text):
    with pytest.raises(ConfigurationError, match="expected I/N"):
        Shard.parse(text)


def test_limits_are_checked():
    with pytest.raises(ConfigurationError, match="rows_per_part: got 0"):
        PartLimits(0, 1, 1, "word")
    with pytest.raises(ConfigurationError, match="part_bytes: got -1"):
        PartLimits(1, -1, 1, "word")
