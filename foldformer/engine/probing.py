"""Find out what a transformer does by trying it, once, and leave it as it was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

from foldformer.engine.micro_batches import Inputs
from foldformer.engine.packed_attention import OWN_ATTENTION
from foldformer.engine.transformer_facts import dtype_of

Found = TypeVar("Found")
Trial = Callable[[PreTrainedModel, torch.device], Found]

FAILURES = (ImportError, RuntimeError, ValueError, TypeError, IndexError)
"""What a transformer raises that has no kernel for this device, dtype or shape, or too few positions."""
LEAK = 1e-5
"""Fraction of a vector by which it may change with what it must not see; in 16 bits, a quarter of what they resolve."""

_HOOKS_MARK = "_output_capturing_hooks_installed"
_one_at_a_time = RLock()


class Verdicts(Generic[Found]):
    """What trying showed: once for each transformer, device, dtype, autocast and attention.

    Args:
        trial: Takes a transformer, and the device of its inputs.
    """

    def __init__(self, trial: Trial[Found]) -> None:
        self._trial = trial
        self._found: WeakKeyDictionary[PreTrainedModel, dict[tuple[object, ...], Found]] = WeakKeyDictionary()

    def of(self, transformer: PreTrainedModel, device: torch.device) -> Found:
        """Return the verdict, which is found first if need be."""
        autocast = torch.is_autocast_enabled(device.type) and torch.get_autocast_dtype(device.type)
        key = (device.type, dtype_of(transformer), autocast, attention_of(transformer.config))
        found = self._found.get(transformer)
        if found is None or key not in found:
            with _one_at_a_time:
                found = self._found.setdefault(transformer, {})
                if key not in found:
                    found[key] = self._trial(transformer, device)
        return found[key]


def attention_of(config: PretrainedConfig) -> str:
    """Return the name of a transformer's attention; another thread may have put ours in its place just now."""
    name = config._attn_implementation or ""
    return "sdpa" if name.startswith(OWN_ATTENTION) else name


@contextmanager
def probing(transformer: PreTrainedModel) -> Iterator[None]:
    """Evaluate a transformer without gradients, in one thread at a time, and leave it as it was."""
    with _one_at_a_time, torch.no_grad():
        in_training = [module for module in transformer.modules() if module.training]
        attention_type = getattr(transformer, "attention_type", None)
        set_attention_type: Any = getattr(transformer, "set_attention_type", None)
        hooks = {module: (set(module._forward_hooks), hasattr(module, _HOOKS_MARK)) for module in transformer.modules()}
        transformer.train(False)
        try:
            yield
        finally:
            for module in in_training:
                module.training = True
            if set_attention_type is not None:  # after a short text, BigBird's attention is full from then on
                set_attention_type(attention_type)
            _remove_new_hooks(hooks)


def _remove_new_hooks(before: dict[nn.Module, tuple[set[int], bool]]) -> None:
    """Remove the hooks by which transformers collects hidden states; with them, a model cannot be pickled.

    Args:
        before: The hooks that each module had, and whether transformers had marked it as having its own.
    """
    for module, (known, was_marked) in before.items():
        for hook in set(module._forward_hooks) - known:
            del module._forward_hooks[hook]
        if not was_marked:  # so that transformers adds them again when they are wanted
            module.__dict__.pop(_HOOKS_MARK, None)


def last_states(transformer: PreTrainedModel, inputs: Inputs) -> Tensor:
    """Run a transformer. (rows, width, dim)"""
    hidden: Tensor = transformer(**inputs).last_hidden_state
    return hidden


def are_equal_numbers(got: Tensor, expected: Tensor) -> bool:
    """Tell whether vectors are the same but for the order of summation. Both (wordpieces, dim)"""
    tolerance = max(1e-4, 5 * torch.finfo(got.dtype).eps)
    return got.shape == expected.shape and bool((got - expected).float().norm() <= tolerance * expected.float().norm())


def are_untouched(got: Tensor, expected: Tensor) -> bool:
    """Tell whether vectors are the same though something that they must not see has changed.

    Both come from inputs of one shape, so that even summation is in the same order. In 16 bits, this sees small leaks
    that would pass for rounding where shapes differ. Both (wordpieces, dim)
    """
    tolerance = max(LEAK, torch.finfo(got.dtype).eps / 4)
    distances = (got - expected).float().norm(dim=-1)
    return bool((distances <= tolerance * expected.float().norm(dim=-1)).all())
