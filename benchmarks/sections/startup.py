"""`foldformer embed` of one sentence, against what importing torch and transformers and loading the weights costs."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.environments import UnavailableError
from benchmarks.settings import Settings

LOADING = "import sys, torch, transformers; transformers.AutoModel.from_pretrained(sys.argv[1], dtype=torch.float32)"


def measure(settings: Settings) -> dict[str, Any]:
    """Run both in turn, each in a fresh process."""
    command = str(Path(sys.executable).with_name("foldformer"))
    repeats = settings.pick(7, 1)
    seconds: dict[str, list[float]] = {"loading": [], "embedding": []}
    with tempfile.TemporaryDirectory() as name:
        text = Path(name) / "sentence.txt"
        text.write_text("In the beginning God created the heaven and the earth.\n")
        for i in range(repeats + 1):  # the first fills the page cache
            loading = _time([sys.executable, "-c", LOADING, str(settings.model)])
            output = str(Path(name) / f"vectors{i}")
            embedding = _time([command, "embed", str(text), "--model", str(settings.model), "--output", output])
            if i > 0:
                seconds["loading"].append(loading)
                seconds["embedding"].append(embedding)
    medians = {key: statistics.median(values) for key, values in seconds.items()}
    print(f"  loading {medians['loading']:.2f} s, embedding {medians['embedding']:.2f} s", flush=True)
    return {"seconds": seconds, **medians, "ratio": medians["embedding"] / medians["loading"]}


def _time(command: list[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnavailableError(f"{command[:2]} ended with {done.stderr.strip().splitlines()[-1:]}")
    return time.perf_counter() - start
