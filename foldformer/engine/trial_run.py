"""Run a transformer on a few wordpieces, and see how wide it is and how many positions it has.

    length 8    the table of positions is read at rows 0 to 7       BERT        512 rows: 512 positions
    length 10   ... at rows 0 to 9
    length 8    ... at rows 2 to 9                                  RoBERTa     514 rows: 512 positions
    length 10   ... at rows 2 to 11

Whatever is read, one row a wordpiece, one row farther with each wordpiece, is a table of positions, whatever its name
and whatever the configuration says; what is left of it is the limit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import PreTrainedModel

from foldformer.config import ConfigurationError
from foldformer.engine.probing import FAILURES, probing
from foldformer.engine.transformer_facts import num_ids

LENGTHS = (8, 10)
_MISFITS = (*FAILURES, AttributeError, KeyError, AssertionError, StopIteration)
"""What transformers raises where text alone is not enough, or where it is too short."""
_aten = torch.ops.aten
_LOOKUPS: dict[Any, tuple[int, int]] = {
    _aten.embedding.default: (0, 1),
    _aten.index_select.default: (0, 2),
    _aten.gather.default: (0, 2),
}
"""Operations that read rows of a table: positions of the table and of the rows among their arguments."""

Table = tuple[str, int, int]
"""An operation, which of its calls it was, and how many rows there are to read."""


@dataclass(frozen=True)
class Trial:
    """What a trial showed.

    Args:
        width: Of the vectors.
        num_layers: Layers that can be mixed, the embedding layer left out; 0 where none are given.
        position_limit: Longest sequence in wordpieces; None: no table of positions was read.
    """

    width: int
    num_layers: int
    position_limit: int | None


class _TableReads(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes the last row that each look-up in a table reads, where it reads one row a wordpiece."""

    def __init__(self, transformer: PreTrainedModel, length: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        own = (*transformer.parameters(), *transformer.buffers())
        self._own = {tensor.untyped_storage().data_ptr() for tensor in own}
        self.last_rows: dict[Table, int] = {}
        self._length = length
        self._count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._note(func, args)
        return func(*args, **(kwargs or {}))

    def _note(self, func: Any, args: Any) -> None:
        found = _LOOKUPS.get(func)
        if found is not None:
            table, rows = args[found[0]], args[found[1]]
            dim = 0 if func is _aten.embedding.default else args[1]
        elif func is _aten.index.Tensor and len(args[1]) and isinstance(args[1][0], Tensor):
            table, rows, dim = args[0], args[1][0], 0
        elif func is _aten.slice.Tensor and len(args) == 4 and args[3] - args[2] == self._length:
            # slices of ids are looked up in another table, or in none; others are cut out of what was padded
            if args[0].is_floating_point() and args[0].untyped_storage().data_ptr() in self._own:
                self._remember("slice", args[0].size(args[1]), args[3] - 1)
            return
        else:
            return
        read = self._one_each(rows) if rows.dtype == torch.int64 and rows.numel() else None
        if read is not None:
            self._remember(str(func), table.size(dim), int(read.max()))

    def _one_each(self, rows: Tensor) -> Tensor | None:
        """Return the rows of the wordpieces where each reads one, farther by one than the one before; else None.

        What a transformer pads itself, as Longformer does up to its window, reads the row of the padding.
        """
        flat = (rows[..., 0] if rows.dim() > 2 else rows).flatten()  # some read each number of a row by itself
        real, padding = flat[: self._length], flat[self._length :]
        is_one_each = len(real) == self._length and bool((real.diff() == 1).all() and (padding.diff() == 0).all())
        return real if is_one_each else None

    def _remember(self, name: str, num_rows: int, last: int) -> None:
        self._count += 1
        self.last_rows[name, self._count, num_rows] = last


def try_out(transformer: PreTrainedModel) -> Trial:
    """Run a transformer on a few wordpieces.

    Raises:
        ConfigurationError: It does not run on text alone; names the parts of it that do.
    """
    try:
        with probing(transformer), _attention_of_any_device(transformer):
            (short, _), (long, output) = (_run(transformer, length) for length in LENGTHS)
    except _MISFITS as error:
        raise ConfigurationError(_refusal(transformer, str(error))) from error
    hidden, layers = output.last_hidden_state, getattr(output, "hidden_states", None)
    growth = LENGTHS[1] - LENGTHS[0]
    limits = [key[2] - last + LENGTHS[1] - 1 for key, last in long.items() if short.get(key, -1) + growth == last]
    return Trial(hidden.size(-1), len(layers) - 1 if layers else 0, min(limits, default=None))


def _run(transformer: PreTrainedModel, length: int) -> tuple[dict[Table, int], Any]:
    parameters = signature(transformer.forward).parameters
    if "input_ids" not in parameters:
        raise TypeError(f"its input is {next(iter(parameters), 'nothing')}")
    padding = getattr(transformer.config, "pad_token_id", None)
    if num_ids(transformer) < 2:
        raise ValueError("it has a vector for one wordpiece only")
    ordinary = next(i for i in range(num_ids(transformer) - 1, -1, -1) if i != padding)
    ids = torch.full((1, length), ordinary, device=transformer.device)  # the same again and again: no positions
    options = {"use_cache": False} if "use_cache" in parameters else {}
    with _TableReads(transformer, length) as reads:
        output = transformer(input_ids=ids, output_hidden_states=True, **options)
    if not isinstance(getattr(output, "last_hidden_state", None), Tensor):
        raise ValueError("its output has no last_hidden_state")
    if output.last_hidden_state.shape[:2] != ids.shape:
        raise ValueError(f"it gives {tuple(output.last_hidden_state.shape)} for {length} wordpieces")
    return reads.last_rows, output


@contextmanager
def _attention_of_any_device(transformer: PreTrainedModel) -> Iterator[None]:
    """Replace attention that only a GPU has; the transformer may still be on its way there."""
    config, asked_for = transformer.config, transformer.config._attn_implementation
    if asked_for in ("eager", "sdpa", None) or transformer.device.type != "cpu":
        yield
        return
    config._attn_implementation_internal = "eager"
    try:
        yield
    finally:
        config._attn_implementation_internal = asked_for


def _refusal(transformer: PreTrainedModel, reason: str) -> str:
    first_line = reason.strip().partition("\n")[0]
    name = type(transformer).__name__
    parts = parts_that_run(transformer)
    if not parts:
        return f"model_name: got a {name}, which does not run on text alone ({first_line}); expected another model"
    choices = " or ".join(f'"{part}"' for part in parts)
    return (
        f"sub_module: missing; {name} does not run on text alone ({first_line}); expected a part that does, "
        f"sub_module: {choices}"
    )


def parts_that_run(transformer: PreTrainedModel) -> dict[str, PreTrainedModel]:
    """Return the parts of a transformer that run on text alone, by name."""
    parts = {name: part for name, part in transformer.named_children() if isinstance(part, PreTrainedModel)}
    return {name: part for name, part in parts.items() if runs_on_text(part)}


def runs_on_text(transformer: PreTrainedModel) -> bool:
    """Tell whether a transformer gives a vector for each of a few wordpieces."""
    try:
        with probing(transformer), _attention_of_any_device(transformer):
            _run(transformer, LENGTHS[0])
    except _MISFITS:
        return False
    return True
