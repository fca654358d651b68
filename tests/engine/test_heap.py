"""What the C library does with freed memory, counted by the system, in a process of its own."""

import os
import subprocess
import sys

import pytest

from foldformer.engine import heap

PROGRAM = """
import resource
from pathlib import Path
import torch
from foldformer.engine.heap import give_memory_back, keep_freed_memory

def count_faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        activations = [torch.ones(2**22) for _ in range(4)]  # 4 times 16 MiB
        del activations
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

count_faults()
returned = count_faults()
keep_freed_memory()
count_faults()
kept = count_faults()
before = resident()
give_memory_back()
print(returned, kept, before - resident())
"""


@pytest.mark.skipif(heap._LIBRARY is None, reason="needs glibc")
def test_freed_memory_is_kept_until_it_is_given_back() -> None:
    # Without a fixed threshold glibc sets its own, and a small object at the heap's end keeps memory by accident.
    environment = os.environ | {"MALLOC_MMAP_THRESHOLD_": str(2**17)}
    command = [sys.executable, "-c", PROGRAM]
    output = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    returned, kept, given_back = map(int, output.split())
    assert returned > 100  # with huge pages; 160,000 without
    assert kept < returned / 10
    assert given_back > 60 * 2**20
