"""Find out before training whether the metric that decides will be there."""

from itertools import islice

import torch

from foldformer.data.devices import move_to_device
from foldformer.nn.rnn import memories_of
from foldformer.training.fit.metric_state import metric_state, set_metric_state
from foldformer.training.fit.trainer_parts import TrainerParts
from foldformer.training.state.random_state import random_state, set_random_state

MOST_BATCHES = 20
"""A model of several tasks reports a task's metrics from its first batch on."""


@torch.no_grad()
def check_validation_metric(parts: TrainerParts, device: torch.device) -> None:
    """Compare `validation_metric` with what the model reports after a few batches of validation data.

    Raises:
        ConfigurationError: No epoch would report it.
    """
    loader, model, tracker = parts.validation_data_loader, parts.model, parts.state.metric_tracker
    if loader is None or all(name in ("loss", "reg_loss") for _, name in tracker.tracked_metrics):
        return
    before, was_training = random_state(), model.training
    counted = metric_state(model)
    remembered = [(memory, memory.states) for memory in memories_of(model)]
    model.eval()
    for batch in islice(loader, MOST_BATCHES):
        model(**move_to_device(batch, device))
        reported = {"loss", *model.get_metrics(reset=False)}
        if reported.issuperset(name for _, name in tracker.tracked_metrics):
            break
    tracker.check_names(["loss", *model.get_metrics(reset=True)])
    set_metric_state(model, counted)  # a metric of a project may be one that never resets
    for memory, states in remembered:
        memory.states = states
    model.train(was_training)
    set_random_state(before)
