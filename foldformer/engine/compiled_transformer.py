"""A transformer compiled for fixed shapes.

    packed rows    1 x 2048                                    as many wordpieces as the budget allows
    a row of 2000 wordpieces runs with one more segment of 48, which is dropped
    padded rows    32 x 64  16 x 128 ... 4 x 448  4 x 512      eighths of the longest segment
    15 rows of 120 wordpieces run as 16 x 128, and come back as 15 x 120

What fills its shape badly does not pay: padding costs more than compiling saves. Where padding changes vectors, nothing
runs compiled. `torch.compile` makes kernels for each shape when it first comes, and keeps them on disk for later
processes.
"""

import os
import shutil
import sysconfig
from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad
from transformers import PreTrainedModel

from foldformer.engine.micro_batches import Inputs
from foldformer.engine.neighbours import shortest_beside
from foldformer.engine.packed_rows import takes_packed_rows

NUM_STEPS = 8
"""Fewer widths compile sooner, but with 5 that double, ragged documents cost 15 % more padding, with 8 steps 7 %."""
STEP_MULTIPLE = 32
NARROWEST = 64
"""Where an eighth of the longest segment is wider than this, narrower shapes halve down to it."""
WORTHWHILE = 0.85
"""Share of a shape that must be filled: compiled kernels take 0.8 to 0.9 of the time, padding included."""
CACHE_VARIABLE = "TORCHINDUCTOR_CACHE_DIR"


class CompiledTransformer:
    """Runs micro-batches through a transformer without gradients; hides that shapes are fixed.

    The weights are frozen into what is compiled: they must not change afterwards.

    Args:
        transformer: In evaluation mode, on the CPU.
        longest: Wordpieces of the longest segment.
        max_batch_tokens: Most wordpieces in one shape; one row of a wider shape runs alone.
    """

    def __init__(self, transformer: PreTrainedModel, longest: int, max_batch_tokens: int) -> None:
        self._arguments = (transformer, longest, max_batch_tokens)
        self._padding_id: int = transformer.config.pad_token_id or 0
        self._packed = takes_packed_rows(transformer, transformer.device)
        self._fills = shortest_beside(transformer, transformer.device, packed=self._packed) is None
        self._longest = longest
        self._widths = (max(longest, max_batch_tokens),) if self._packed else shape_widths(longest)
        self._max_batch_tokens = max_batch_tokens
        os.environ.setdefault(CACHE_VARIABLE, str(_cache_folder()))
        self._run = {
            width: torch.compile(_forward_of(transformer, width), dynamic=False, options=_options(transformer))
            for width in self._widths
        }

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to other processes without what is compiled: they find it on disk."""
        return CompiledTransformer, self._arguments

    def pays(self, rows: int, width: int) -> bool:
        """Tell whether a micro-batch fills the shape that it would run at so well that compiling repays the rest."""
        if width > self._widths[-1] or not self._fills:
            return False
        shape_rows, shape_width = self._shape(width)
        return rows <= shape_rows and rows * width >= WORTHWHILE * shape_rows * shape_width

    def __call__(self, inputs: Inputs) -> Tensor:
        """Run one micro-batch.

        Args:
            inputs: Of a micro-batch, packed where the transformer takes that; no more rows than the budget has room
                for. (rows, width)

        Returns:
            Hidden states of the last layer. (rows, width, dim)
        """
        rows, width = inputs["input_ids"].shape
        shape_rows, shape_width = self._shape(width)
        fixed = self._fill_row(inputs) if self._packed else self._fill_shape(inputs, shape_rows, shape_width)
        return self._run[shape_width](**fixed)[:rows, :width]

    def _fill_row(self, inputs: Inputs) -> Inputs:
        """Fill a packed row with one more segment, and with empty ones up to a fixed number."""
        (full,) = self._widths
        around = (0, full - inputs["input_ids"].size(1))
        bounds = inputs["cu_seq_lens_q"]
        bounds = pad(bounds, (0, full + 1 - len(bounds)), value=full)
        fixed: Inputs = {"input_ids": pad(inputs["input_ids"], around, value=self._padding_id)}
        fixed |= {name: pad(inputs[name], around) for name in ("position_ids", "token_type_ids") if name in inputs}
        lengths = {"max_length_q": self._longest, "max_length_k": self._longest}
        return fixed | lengths | {"cu_seq_lens_q": bounds, "cu_seq_lens_k": bounds}

    def _fill_shape(self, inputs: Inputs, shape_rows: int, shape_width: int) -> Inputs:
        """Pad rows, and add empty ones."""
        rows, width = inputs["input_ids"].shape
        if "attention_mask" not in inputs and (rows, width) == (shape_rows, shape_width):
            return inputs  # attention is faster without a mask
        mask = inputs.get("attention_mask", torch.ones_like(inputs["input_ids"]))
        around = (0, shape_width - width, 0, shape_rows - rows)
        fixed: Inputs = {
            "input_ids": pad(inputs["input_ids"], around, value=self._padding_id),
            "attention_mask": pad(mask, around),
        }
        fixed["attention_mask"][rows:, 0] = 1  # attention over nothing would be no number
        if "token_type_ids" in inputs:
            fixed["token_type_ids"] = pad(inputs["token_type_ids"], around)
        return fixed

    def _shape(self, width: int) -> tuple[int, int]:
        """Return rows and width of the shape that has room for this width."""
        shape_width = self._widths[bisect_left(self._widths, width)]
        if self._packed:
            return 1, shape_width
        return max(1, self._max_batch_tokens // shape_width), shape_width


def _forward_of(transformer: PreTrainedModel, width: int) -> Callable[..., Tensor]:
    """Return a function of inputs that gives the last hidden states: a single output is all that need be computed.

    Each has code of its own, because what `torch.compile` makes belongs to the code, up to eight shapes of it.
    """

    def forward(**inputs: Any) -> Tensor:
        hidden: Tensor = transformer(**inputs).last_hidden_state
        return hidden

    code = forward.__code__.replace(co_name=f"forward_{width}")
    return FunctionType(code, forward.__globals__, code.co_name, closure=forward.__closure__)


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
