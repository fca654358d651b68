"""The same model with its positions shifted: do short windows win because early positions are better trained?"""

import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

SHIFTS = (0, 64, 192, 384)
TABLE = "embeddings.position_embeddings.weight"


def shifted(model: Path, shift: int, folder: Path) -> Path:
    """Copy a model so that its first position is what another was; the table goes round."""
    if shift == 0:
        return model
    target = folder / f"shifted-{shift}"
    if not (target / "config.json").exists():
        target.mkdir(parents=True, exist_ok=True)
        weights = load_file(model / "model.safetensors")
        weights[TABLE] = torch.roll(weights[TABLE], -shift, dims=0).contiguous()
        save_file(weights, target / "model.safetensors", metadata={"format": "pt"})
        for file in model.glob("*.json"):
            shutil.copy(file, target)
        for file in model.glob("*.txt"):
            shutil.copy(file, target)
    return target
