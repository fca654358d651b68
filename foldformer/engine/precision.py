"""Choose the dtype that a transformer computes in."""

import logging

import torch

from foldformer.choices import DtypeName

logger = logging.getLogger(__name__)


def resolve_dtype(name: DtypeName, device: torch.device | None = None) -> torch.dtype:
    """Return the dtype of a name; `auto` is bfloat16 where the hardware computes in it, else float32, and says so.

    Args:
        name: What the user asked for.
        device: Where the transformer will run; the CPU by default.
    """
    if name != "auto":
        return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[name]
    device = device or torch.device("cpu")
    dtype = torch.bfloat16 if _computes_in_bfloat16(device) else torch.float32
    logger.info("dtype auto: %s on %s", dtype, device)
    return dtype


def _computes_in_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # oneDNN multiplies bfloat16 matrices in hardware with either instruction set
    return device.type == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
