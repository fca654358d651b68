"""The machine, and the physical limit: how fast it multiplies matrices."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.environments import ROOT
from benchmarks.settings import Settings

FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "amx_tile")
REPEATS = 3


def measure(settings: Settings) -> dict[str, Any]:
    """Describe the processor and time large products, in processes of their own."""
    repeats = settings.pick(REPEATS, 1)
    gflops = {dtype: max(_peak(dtype) for _ in range(repeats)) for dtype in ("float32", "bfloat16")}
    print(f"  {gflops}", flush=True)
    model, flags = _processor()
    return {
        "processor": model,
        "instructions": [flag for flag in FLAGS if flag in flags],
        "cores": len(os.sched_getaffinity(0)),
        "load_before": os.getloadavg()[0],
        "gflops": gflops,
    }


def _peak(dtype: str) -> float:
    command = [sys.executable, "-m", "benchmarks.peers.matrix_multiplication", dtype]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    gflops: float = json.loads(done.stdout)["gflops"]
    return gflops


def _processor() -> tuple[str, list[str]]:
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return platform.processor(), []
    entries = dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
    by_name = {key.strip(): value.strip() for key, value in entries.items()}
    return by_name.get("model name", platform.machine()), by_name.get("flags", "").split()
