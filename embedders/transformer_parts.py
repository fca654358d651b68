"""Parts and states of a loaded transformer."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from transformers import PreTrainedModel

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean

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
