"""Record what AllenNLP 2.0's TensorBoardWriter writes; later releases have none.

    PYTHON_WITH_ALLENNLP tests/record_allennlp/curves.py FILE

FILE is allennlp/training/tensorboard_writer.py of allennlp==2.0.0; it runs within 2.10.1. Writes curves.json in
tests/allennlp_bridge.
"""

import importlib.util
import json
import sys
import types
from pathlib import Path

import torch

BRIDGE = Path(__file__).parents[1] / "allennlp_bridge"


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    torch.set_num_threads(1)
    nothing = types.ModuleType("tensorboardX")
    nothing.SummaryWriter = lambda folder: None
    sys.modules["tensorboardX"] = nothing
    curves, theirs = load(BRIDGE / "curves.py"), load(Path(sys.argv[1]))
    records = [curves.play(theirs.TensorBoardWriter, **options) for options in curves.OPTIONS]
    (BRIDGE / "curves.json").write_text(json.dumps(records, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
