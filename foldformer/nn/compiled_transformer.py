"""A transformer compiled for a handful of fixed shapes.

    widths     64 128 192 256 320 384 448 512          eighths of the longest segment
    rows       32  16  10   8   6   5   4   4          as many as the budget allows, here 2048 wordpieces
    a batch of 3 rows of 100 wordpieces runs as 16 x 128, and comes back as 3 x 100

`torch.compile` makes kernels for each shape when it first comes, and keeps them on disk for later processes.
"""

import logging
import os
import shutil
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad
from transformers import PreTrainedModel

from foldformer.data.segments import IntArray

NUM_STEPS = 8
"""Fewer widths compile sooner, but with 5 that double, ragged documents cost 15 % more padding, with 8 steps 7 %."""
STEP_MULTIPLE = 32
NARROWEST = 64
"""Where an eighth of the longest segment is wider than this, narrower shapes halve down to it."""
CACHE_VARIABLE = "TORCHINDUCTOR_CACHE_DIR"

logger = logging.getLogger(__name__)


class CompiledTransformer:
    """Runs padded segments through a transformer without gradients; hides that shapes are fixed.

    The weights are frozen into what is compiled: they must not change afterwards.

    Args:
        transformer: In evaluation mode, on the CPU.
        longest: Wordpieces of the longest segment.
        max_batch_tokens: Most wordpieces in one shape; one row of a wider shape runs alone.
    """

    def __init__(self, transformer: PreTrainedModel, longest: int, max_batch_tokens: int) -> None:
        self._arguments = (transformer, longest, max_batch_tokens)
        self._padding_id: int = transformer.config.pad_token_id or 0
        self.widths = shape_widths(longest)
        self.max_batch_tokens = max_batch_tokens
        os.environ.setdefault(CACHE_VARIABLE, str(_cache_folder()))
        # one function a width, so that none of them looks like the recompilation of another
        self._run = {width: torch.compile(_Forward(transformer), dynamic=False, options=_options(transformer))
                     for width in self.widths}  # fmt: skip

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to other processes without what is compiled: they find it on disk."""
        return CompiledTransformer, self._arguments

    def widths_for(self, lengths: IntArray) -> IntArray:
        """Return the width that segments of these lengths run at. (segments,)"""
        widths: IntArray = np.array(self.widths)[np.searchsorted(self.widths, lengths)]
        return widths

    def __call__(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Run one micro-batch.

        Args:
            inputs: `input_ids`, perhaps `token_type_ids` and `attention_mask`, as a transformer takes them; no more
                rows than the budget has room for. (segments, width)

        Returns:
            Hidden states of the last layer. (segments, width, dim)
        """
        rows, width = inputs["input_ids"].shape
        shape_width = int(self.widths_for(np.array([width]))[0])
        shape_rows = max(1, self.max_batch_tokens // shape_width)
        mask = inputs.get("attention_mask", torch.ones_like(inputs["input_ids"]))
        around = (0, shape_width - width, 0, shape_rows - rows)
        fixed = {
            "input_ids": pad(inputs["input_ids"], around, value=self._padding_id),
            "attention_mask": pad(mask, around),
        }
        fixed["attention_mask"][rows:, 0] = 1  # attention over nothing would be no number
        if "token_type_ids" in inputs:
            fixed["token_type_ids"] = pad(inputs["token_type_ids"], around)
        hidden: Tensor = self._run[shape_width](**fixed)[:rows, :width]
        return hidden


class _Forward(torch.nn.Module):
    """The last hidden states alone: a single output is all that need be computed."""

    def __init__(self, transformer: PreTrainedModel) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(self, **inputs: Tensor) -> Tensor:
        hidden: Tensor = self.transformer(**inputs).last_hidden_state
        return hidden


def shape_widths(longest: int) -> tuple[int, ...]:
    """Return the widths that cover every segment, the last one as wide as the longest segment."""
    step = -(-longest // (NUM_STEPS * STEP_MULTIPLE)) * STEP_MULTIPLE
    narrow: list[int] = []
    half = step // 2
    while half >= NARROWEST:
        narrow.insert(0, half)
        half //= 2
    return (*narrow, *range(step, longest, step), longest)


def compile_obstacle(device: torch.device) -> str | None:
    """Return why nothing can be compiled here, or None where it can."""
    if device.type != "cpu":
        return f"compiling is for the CPU, and this runs on {device.type}"
    compiler = os.environ.get("CXX", "g++")
    if shutil.which(compiler) is None:
        return f"there is no C++ compiler {compiler}; install one, or name it in the environment variable CXX"
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        return "the headers of Python are not installed (python3-dev)"
    return None


def _options(transformer: PreTrainedModel) -> dict[str, Any]:
    # oneDNN's own layout of weights pays in bfloat16 only, and torch 2.13 cannot keep graphs that hold it on disk
    return {"freezing": True, "cpp.weight_prepack": transformer.dtype == torch.bfloat16}


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "foldformer", "inductor")
