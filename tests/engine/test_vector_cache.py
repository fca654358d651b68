"""Vectors on disk: what is kept, what is made again."""

import copy
import logging
import pickle
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from foldformer.engine import vector_cache
from foldformer.engine.vector_cache import FILE_NAME, VectorCache

LENGTHS = [5, 0, 3, 1]
KEYS = [b"five", b"none", b"three", b"one"]


def vectors_of(number: int, dtype: torch.dtype = torch.float32) -> Tensor:
    generator = torch.Generator().manual_seed(number)
    return torch.randn(LENGTHS[number], 4, generator=generator).to(dtype)


class Computer:
    """Computes documents, and remembers which."""

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        self.dtype = dtype
        self.calls: list[list[int]] = []

    def __call__(self, missing: list[int]) -> Sequence[Tensor]:
        self.calls.append(missing)
        padding = torch.full((2, 4), 7.0, dtype=self.dtype)
        return [torch.cat([vectors_of(number, self.dtype), padding]) for number in missing]


def fill(cache: VectorCache, computer: Computer, keys: Sequence[bytes] = KEYS) -> list[Tensor]:
    rows = [torch.zeros(length, 4, dtype=computer.dtype) for length in LENGTHS]
    cache.fill(keys, rows, computer)
    return rows


def assert_right(rows: list[Tensor]) -> None:
    assert all(torch.equal(row, vectors_of(number, row.dtype)) for number, row in enumerate(rows))


def change(cache: VectorCache, statement: str, *values: object) -> None:
    connection = sqlite3.connect(cache.folder / FILE_NAME)
    with connection:
        assert connection.execute(statement, values).rowcount == 1
    connection.close()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_what_was_computed_once_is_read_from_then_on(dtype: torch.dtype, tmp_path: Path) -> None:
    computer = Computer(dtype)
    assert_right(fill(VectorCache(tmp_path / "new" / "folder"), computer))
    again = VectorCache(tmp_path / "new" / "folder")
    assert_right(fill(again, computer))
    assert computer.calls == [[0, 2, 3]]  # a document without vectors needs no computing


def test_only_unknown_keys_are_computed(tmp_path: Path) -> None:
    cache, computer = VectorCache(tmp_path), Computer()
    fill(cache, computer)
    assert_right(fill(cache, computer, [KEYS[0], KEYS[1], b"other", KEYS[3]]))
    assert computer.calls[1:] == [[2]]


def test_long_documents_are_kept_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_cache, "PART_BYTES", 2 * 4 * 4)  # two vectors
    cache, computer = VectorCache(tmp_path), Computer()
    fill(cache, computer)
    assert_right(fill(cache, computer))
    assert len(computer.calls) == 1
    change(cache, "DELETE FROM vectors WHERE key = ? AND part = 2", KEYS[0])
    assert_right(fill(cache, computer))
    assert computer.calls[1:] == [[0]]


def test_vectors_of_another_document_are_not_taken(tmp_path: Path) -> None:
    cache, computer = VectorCache(tmp_path), Computer()
    rows = [torch.zeros(1, 4), torch.zeros(1, 4)]
    cache.fill([b"a", b"b"], rows, lambda missing: [torch.full((1, 4), float(number)) for number in missing])
    change(cache, "DELETE FROM vectors WHERE key = ?", b"a")
    change(cache, "UPDATE vectors SET key = ? WHERE key = ?", b"a", b"b")
    fill(cache, computer, [b"1", b"2", b"3", b"a"])
    assert computer.calls == [[0, 2, 3]]


@pytest.mark.parametrize("damage", ["substr(data, 1, 16)", "zeroblob(length(data))", "CAST(data || x'00' AS BLOB)"])
def test_damaged_entry_is_computed_anew_and_mended(damage: str, tmp_path: Path) -> None:
    cache, computer = VectorCache(tmp_path), Computer()
    fill(cache, computer)
    change(cache, f"UPDATE vectors SET data = {damage} WHERE key = ?", KEYS[2])
    assert_right(fill(cache, computer))
    assert_right(fill(cache, computer))
    assert computer.calls[1:] == [[2]]


def test_unusable_file_is_named_once_and_everything_is_computed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all, but long enough to look like one" * 100)
    cache, computer = VectorCache(tmp_path), Computer()
    with caplog.at_level(logging.WARNING):
        assert_right(fill(cache, computer))
        assert_right(fill(cache, computer))
    assert len(computer.calls) == 2
    assert [record.message.count(str(tmp_path / FILE_NAME)) for record in caplog.records] == [1]


def test_copies_and_pickles_share_the_folder(tmp_path: Path) -> None:
    cache, computer = VectorCache(tmp_path), Computer()
    fill(cache, computer)
    for twin in (copy.deepcopy(cache), pickle.loads(pickle.dumps(cache))):
        assert_right(fill(twin, computer))
    assert len(computer.calls) == 1


IN_ANOTHER_PROCESS = """
import sys, torch
from foldformer.engine.vector_cache import FILE_NAME, VectorCache
for number in range(50):
    cache, rows = VectorCache(sys.argv[1]), [torch.zeros(2, 4)]
    cache.fill([str(number).encode()], rows, lambda missing: [torch.full((2, 4), 1.0)])
    assert rows[0].eq(1).all() and cache._usable
own = VectorCache()
own.fill([b"key"], [torch.zeros(2, 4)], lambda missing: [torch.zeros(2, 4)])
assert (own.folder / FILE_NAME).exists()
print(own.folder)
"""


def test_processes_share_a_folder_and_clear_up_their_own(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", IN_ANOTHER_PROCESS, str(tmp_path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        cache = VectorCache(tmp_path)
        for number in range(50):
            rows = [torch.zeros(2, 4)]
            cache.fill([str(number).encode()], rows, lambda missing: [torch.full((2, 4), 1.0)])
            assert rows[0].eq(1).all()
        output, _ = process.communicate(timeout=100)
    assert process.returncode == 0
    assert cache._usable
    own_folder = Path(output.strip())
    assert own_folder.name.startswith("foldformer-vectors-")
    assert not own_folder.exists()
