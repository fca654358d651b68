"""Parts and states of a loaded transformer."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from transformers import PreTrainedModel

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean
from foldformer.engine.scalar_mix import ScalarMix

logger = logging.getLogger(__name__)


def part_of(transformer: PreTrainedModel, name: str | None, model_name: str) -> PreTrainedModel:
    """Return a part of a transformer; all of it for no name.

    Raises:
        ConfigurationError: There is no such part, or it takes no wordpieces.
    """
    if not name:
        return transformer
    parts = dict(transformer.named_children())
    if name not in parts:
        raise ConfigurationError(
            f'sub_module: got "{name}"; expected a part of {model_name}: {", ".join(parts)}{did_you_mean(name, parts)}'
        )
    part = parts[name]
    if not isinstance(part, PreTrainedModel):
        raise ConfigurationError(
            f'sub_module: got "{name}", a {type(part).__name__} of {model_name}; expected a part that takes wordpiece '
            "ids, as the encoder of an encoder-decoder transformer does"
        )
    return part


def mix_of_layers(num_layers: int) -> ScalarMix:
    """Return a scalar mix of all layers.

    Raises:
        ConfigurationError: The transformer gives none but its last.
    """
    if num_layers == 0:
        raise ConfigurationError(
            "last_layer_only: got false, but this transformer gives its last layer only; expected true"
        )
    return ScalarMix(num_layers)


def is_replica(transformer: PreTrainedModel) -> bool:
    """Tell whether `DataParallel` has made this copy, which has no state dict."""
    return bool(getattr(transformer, "_is_replica", False))


def set_checkpointing(transformer: PreTrainedModel, enabled: bool) -> None:
    """Recompute activations in the backward pass, or keep them; warns where a transformer cannot."""
    if enabled and not transformer.supports_gradient_checkpointing:
        logger.warning("gradient_checkpointing: %s cannot recompute activations; ignored", type(transformer).__name__)
        return
    # transformers 5.23 renamed these methods
    verb = "enable" if enabled else "disable"
    names = (f"activation_checkpointing_{verb}", f"gradient_checkpointing_{verb}")
    switch: Callable[..., None] = next(getattr(transformer, name) for name in names if hasattr(transformer, name))
    switch()


@contextmanager
def outermost_training(transformer: PreTrainedModel, trains: bool) -> Iterator[None]:
    """Put the outermost module of a frozen transformer into evaluation mode too, while it runs.

    Its own flag follows `train()` as AllenNLP's does, but some architectures drop out there.
    """
    was_training = transformer.training
    transformer.training = was_training and trains
    try:
        yield
    finally:
        transformer.training = was_training


def checked_max_length(max_length: int | None, num_special_tokens: int, most: int | None) -> int | None:
    """Return a `max_length` that leaves room for content and that a transformer has the positions for; or None.

    Raises:
        ConfigurationError: It is another one.
    """
    if max_length is None:
        return None
    least = num_special_tokens + 1
    if max_length < least or (most is not None and max_length > most):
        upper = "" if most is None else f", and at most {most}, the positions this transformer has"
        raise ConfigurationError(
            f"max_length: got {max_length}; expected at least {least}, "
            f"since every segment holds {num_special_tokens} special tokens{upper}"
        )
    return max_length


def check_positions(longest: int, limit: int | None) -> None:
    """Refuse segments longer than the positions of a transformer.

    Raises:
        ValueError: One is.
    """
    if limit is not None and longest > limit:
        raise ValueError(
            f"token_ids: a segment has {longest} wordpieces; expected at most {limit}, "
            "the positions this transformer has: set max_length to that or less in indexer and embedder"
        )
