# ruff: noqa: ARG002  (hooks take what they are given)
"""Callbacks that files name and that have nothing to do here."""

import logging
from typing import TYPE_CHECKING, Any

from overrides import overrides

from foldformer.training.callbacks.trainer_callback import TrainerCallback

if TYPE_CHECKING:
    from foldformer.training.trainer import RunningTrainer

logger = logging.getLogger(__name__)


@TrainerCallback.register("sanity_checks")
@TrainerCallback.register("confidence_checks")
class ConfidenceChecksCallback(TrainerCallback):
    """Accepted and ignored: no model is checked for biases before normalization."""

    @overrides
    def on_start(self, trainer: "RunningTrainer", is_primary: bool = True, **kwargs: Any) -> None:
        """Say so."""
        super().on_start(trainer, is_primary)
        logger.warning("trainer.callbacks: confidence_checks is ignored")


@TrainerCallback.register("mixed_precision_backward")
class MixedPrecisionBackwardCallback(TrainerCallback):
    """Accepted and ignored: with `use_amp` the gradients are scaled anyway."""
