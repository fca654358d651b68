"""One experiment file through both commands: UD English EWT, dev as training data, test as validation."""

import json
import os
import subprocess
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import environments
from benchmarks.environments import ROOT, UnavailableError
from benchmarks.settings import Settings

TREEBANK = ROOT / ".." / "shared" / "data" / "ud_english_ewt"
EXPERIMENT = ROOT / "benchmarks" / "experiments" / "tagging.jsonnet"


def measure(settings: Settings) -> dict[str, Any]:
    """Train with each command, whole: from starting the process to the archive."""
    if not TREEBANK.exists():
        raise UnavailableError(f"there is no {TREEBANK.relative_to(ROOT)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        most = settings.pick(1_000_000, 300)
        variables = {
            "MODEL": str(settings.model),
            "TRAIN": str(_convert(TREEBANK / "en_ewt-ud-dev.conllu", folder / "train.txt", most)),
            "VALIDATION": str(_convert(TREEBANK / "en_ewt-ud-test.conllu", folder / "validation.txt", most)),
        }
        rows = []
        for name, environment in (("foldformer", environments.OWN), ("AllenNLP 2.10.1", environments.ALLENNLP)):
            try:
                command = environment.interpreter().parent / name.split()[0].lower()
                rows.append({"name": name, **_train(command, folder / name.split()[0], variables)})
                print(f"  {name}: {rows[-1]}", flush=True)
            except UnavailableError as error:
                print(f"  skipped: {name}: {error}", flush=True)
    return {"rows": rows}


def _train(command: Path, output: Path, variables: dict[str, str]) -> dict[str, float]:
    start = time.perf_counter()
    done = subprocess.run(
        [str(command), "train", str(EXPERIMENT), "-s", str(output)],
        env={**os.environ, **variables, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise UnavailableError(f"ended with status {done.returncode}: {lines[-1]}")
    metrics = json.loads((output / "metrics.json").read_text())
    return {"seconds": seconds, "accuracy": metrics["best_validation_accuracy"]}


def _convert(treebank: Path, output: Path, most: int) -> Path:
    """Write one sentence a line, `word###UPOS` a word."""
    sentences = treebank.read_text().strip().split("\n\n")
    output.write_text("".join(_line(sentence) + "\n" for sentence in islice(sentences, most)))
    return output


def _line(sentence: str) -> str:
    rows = [line.split("\t") for line in sentence.splitlines() if not line.startswith("#")]
    return " ".join(f"{row[1].replace(' ', '_')}###{row[3]}" for row in rows if row[0].isdigit())
