"""Peak memory, under the names that metrics files have for it."""

import resource
import sys

import torch

from foldformer.training.distributed import gather_objects

_BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024


def peak_memory() -> dict[str, float]:
    """Peak memory of every process and GPU so far, in MB; to be called in every process."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES_PER_UNIT / 2**20
    gpu = torch.cuda.max_memory_allocated() / 2**20 if torch.cuda.is_available() else None
    peaks: dict[str, float] = {}
    for rank, (process, device) in enumerate(gather_objects((own, gpu))):
        peaks[f"worker_{rank}_memory_MB"] = process
        if device is not None:
            peaks[f"gpu_{rank}_memory_MB"] = device
    return peaks
