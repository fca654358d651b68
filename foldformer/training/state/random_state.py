"""Seeds, and the state of every random generator that training draws from."""

import random
from typing import Any

import numpy as np
import torch

from foldformer.config import Params

DEFAULT_SEEDS = {"random_seed": 13370, "numpy_seed": 1337, "pytorch_seed": 133}


def set_seeds(random_seed: int | None, numpy_seed: int | None, pytorch_seed: int | None) -> None:
    """Seed Python, NumPy and torch; None leaves one as it is."""
    if random_seed is not None:
        random.seed(random_seed)
    if numpy_seed is not None:
        np.random.seed(numpy_seed)
    if pytorch_seed is not None:
        torch.manual_seed(pytorch_seed)


def prepare_environment(params: Params) -> None:
    """Seed Python, NumPy and torch as an experiment file says, and take its three seeds out."""
    seeds = [params.pop(key, default) for key, default in DEFAULT_SEEDS.items()]
    set_seeds(*[None if seed is None else int(seed) for seed in seeds])


def random_state() -> dict[str, Any]:
    """The state of all generators, as plain data that `torch.load` reads without running code."""
    version, numbers, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state()
    return {
        "python": [version, list(numbers), gauss],
        "numpy": [name, np.asarray(keys).tolist(), int(position), int(has_gauss), float(cached)],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def set_random_state(state: dict[str, Any]) -> None:
    """Put all generators where `random_state` found them."""
    version, numbers, gauss = state["python"]
    random.setstate((version, tuple(numbers), gauss))
    name, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((name, np.array(keys, dtype=np.uint32), position, has_gauss, cached))
    torch.set_rng_state(state["torch"].cpu())
    if state["cuda"] and torch.cuda.device_count() == len(state["cuda"]):
        torch.cuda.set_rng_state_all([each.cpu() for each in state["cuda"]])
