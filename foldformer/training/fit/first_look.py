"""Find out before training whether the metric that decides will be there."""

import torch

from foldformer.data.devices import move_to_device
from foldformer.training.gradient_descent import GradientDescentTrainer
from foldformer.training.random_state import random_state, set_random_state


@torch.no_grad()
def check_validation_metric(settings: GradientDescentTrainer, device: torch.device) -> None:
    """Compare `validation_metric` with what the model reports after one batch of validation data.

    Raises:
        ConfigurationError: No epoch would report it.
    """
    loader, model = settings.validation_data_loader, settings.model
    if loader is None or all(name in ("loss", "reg_loss") for _, name in settings.metric_tracker.tracked_metrics):
        return
    before, was_training = random_state(), model.training
    model.eval()
    model(**move_to_device(next(iter(loader)), device))
    settings.metric_tracker.check_names(["loss", *model.get_metrics(reset=True)])
    model.train(was_training)
    set_random_state(before)
