"""Small models of every architecture that transformers can make from a default configuration.

A default configuration is that of the model which was published: far too large. What an entry counts is read off the
words of its name, the same for all architectures, and a few ways to shrink are tried until one makes a model.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from transformers import AutoConfig, AutoModel, PreTrainedConfig, PreTrainedModel
from transformers.models.auto.modeling_auto import MODEL_MAPPING_NAMES

NUM_IDS = 300
NUM_POSITIONS = 64
MOST_PARAMETERS = 60_000_000
RAISED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    RuntimeError,
    StrictDataclassError,
    TypeError,
    ValueError,
)
"""What architectures raise that do not go with the numbers of a configuration, or that want more than text."""
HIDDEN = ("hidden_size", "d_model", "dim", "n_embd")
WIDTHS = (*HIDDEN, "embedding_size", "intermediate_size", "ffn_dim", "d_ff", "d_inner", "hidden_dim", "d_ssm")
HEADS = {"heads", "head"}
LAYERS = {"layers", "layer", "blocks"}
MOST = {
    "experts": 4,
    "position": NUM_POSITIONS,
    "positions": NUM_POSITIONS,
    "ctx": NUM_POSITIONS,
    "buckets": NUM_POSITIONS,
    "group": 2,
    "topk": 2,
    "k": 2,
}
"""By a word in the name of an entry, the largest number that it may have."""
OPEN = {
    "vocab_size": NUM_IDS,
    "head_dim": 16,
    "experts_per_tok": 2,
    "mask_token_id": 9,
    "pad_token_id": 0,
    "experts": 4,
    "group": 1,
    "heads": 4,
    "topk": 2,
}
"""By the end of its name, what an entry gets that the default configuration leaves open."""


@dataclass(frozen=True)
class Way:
    """How to shrink.

    Args:
        width: Of hidden states; other widths are divided by the same number. 0 leaves all as they are.
        heads: Most attention heads; None divides them as the widths.
        fills: Fill entries that are None.
    """

    width: int
    heads: int | None
    fills: bool = False


WAYS = (Way(64, 4), Way(64, 4, fills=True), Way(64, None), Way(256, None), Way(0, None), Way(0, None, fills=True))


def model_types() -> list[str]:
    """Return all that `AutoModel` can make."""
    return sorted(MODEL_MAPPING_NAMES)


def small_models(model_type: str) -> Iterator[PreTrainedModel]:
    """Yield models of one architecture, those that could be made; some are too small for it to run."""
    for way in WAYS:
        torch.manual_seed(0)
        try:
            config = shrunk(AutoConfig.for_model(model_type), way)
            config.validate()
            with torch.device("meta"):
                size = sum(weight.numel() for weight in AutoModel.from_config(config).parameters())
            if size <= MOST_PARAMETERS:
                yield AutoModel.from_config(config).eval()
        except RAISED:
            continue


def shrunk(config: PreTrainedConfig, way: Way) -> PreTrainedConfig:
    """Make a configuration small.

    Args:
        config: Changed in place, with those within it.
        way: How.
    """
    hidden = next((value for name in HIDDEN if isinstance(value := getattr(config, name, None), int)), 0)
    factor = max(1, hidden // way.width) if way.width else 1
    num_layers, kept = _layers_to_keep(config)
    special = NUM_IDS
    for name, value in sorted(vars(config).items()):
        if isinstance(value, PreTrainedConfig):
            shrunk(value, way)
        elif isinstance(value, list) and len(value) == num_layers and num_layers > kept:
            setattr(config, name, value[:kept])
        elif value is None and way.fills:
            filling = next((number for end, number in OPEN.items() if name.endswith(end)), None)
            _set(config, name, filling)
        elif isinstance(value, int) and not isinstance(value, bool) and value > 0:
            if name.endswith(("_token_id", "_token_index")) and value >= NUM_IDS:
                special -= 1
                value = special
            _set(config, name, _smaller(name, value, factor, kept, way))
    _fit_sections(config)
    return config


def _set(config: PreTrainedConfig, name: str, value: Any) -> None:
    if getattr(config, name) != value:
        setattr(config, name, value)


def _smaller(name: str, value: int, factor: int, num_layers: int, way: Way) -> int:
    words = name.split("_")
    if name.endswith("vocab_size"):
        return min(value, NUM_IDS)
    if name.endswith(WIDTHS) and "head" not in words:
        return value if factor == 1 else max(value // factor // 8, 1) * 8  # as some kernels want them
    if words[-1] in HEADS and "d" not in words and way.width:
        return min(value, way.heads) if way.heads else max(value // factor, 1)
    if words[-1] in LAYERS:
        return 0 if "shared" in words else min(value, num_layers)
    if "index" in words:  # how many of the past are attended to: fewer, and equal scores would decide by their order
        return value
    return min((MOST[word] for word in words if word in MOST and value > MOST[word]), default=value)


def _layers_to_keep(config: PreTrainedConfig) -> tuple[int, int]:
    """Return how many layers there are, and how many of the first ones hold every kind of layer."""
    names = ("num_hidden_layers", "num_layers", "n_layer", "encoder_layers")
    num_layers = next((value for name in names if isinstance(value := getattr(config, name, None), int)), 0)
    kept = 2
    for name in dir(config):
        if name.startswith("layer") or name.endswith(("types", "layers", "pattern")):
            kinds = getattr(config, name, None)
            if isinstance(kinds, (list, tuple)) and len(kinds) == num_layers:
                kept = max(kept, *(kinds.index(kind) + 1 for kind in kinds)) if kinds else kept
    return num_layers, kept


def _fit_sections(config: PreTrainedConfig) -> None:
    """Give heads the width that rotary positions of several axes are made for."""
    rope = getattr(config, "rope_parameters", None)
    sections = rope.get("mrope_section") if isinstance(rope, dict) else None
    if sections:
        config.head_dim = int(2 * sum(sections) / rope.get("partial_rotary_factor", 1.0))
