"""Find out before training whether the metric that decides will be there."""

import torch

from foldformer.data.devices import move_to_device
from foldformer.training.fit.trainer_parts import TrainerParts
from foldformer.training.state.random_state import random_state, set_random_state


@torch.no_grad()
def check_validation_metric(parts: TrainerParts, device: torch.device) -> None:
    """Compare `validation_metric` with what the model reports after one batch of validation data.

    Raises:
        ConfigurationError: No epoch would report it.
    """
    loader, model, tracker = parts.validation_data_loader, parts.model, parts.state.metric_tracker
    if loader is None or all(name in ("loss", "reg_loss") for _, name in tracker.tracked_metrics):
        return
    before, was_training = random_state(), model.training
    model.eval()
    model(**move_to_device(next(iter(loader)), device))
    tracker.check_names(["loss", *model.get_metrics(reset=True)])
    model.train(was_training)
    set_random_state(before)
