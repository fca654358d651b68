"""Make what moves the parameters."""

import torch

from foldformer.config import ConfigurationError
from foldformer.training.state.training_state import TrainingState
from foldformer.training.trainer_settings import TrainerSettings


def make_optimizer(
    settings: TrainerSettings, state: TrainingState, model: torch.nn.Module, num_steps_per_epoch: int | None
) -> torch.optim.Optimizer:
    """Make the optimizer, the schedules and the averages, and note them in the state.

    Args:
        settings: Say which.
        state: Where they belong.
        model: Where the parameters are: the model, or what a strategy has made of it.
        num_steps_per_epoch: Steps of the optimizer; None where the data loader cannot tell.

    Raises:
        ConfigurationError: No parameter is left to train.
    """
    named = [(_plain_name(name), parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    if not named:
        raise ConfigurationError(
            "trainer: the model has no parameter to train; expected one that neither no_grad nor "
            "train_parameters: false freezes"
        )
    state.optimizer = optimizer = settings.optimizer.construct(model_parameters=named)
    if settings.learning_rate_scheduler is not None:
        state.learning_rate_scheduler = settings.learning_rate_scheduler.construct(
            optimizer=optimizer, num_epochs=settings.num_epochs, num_steps_per_epoch=num_steps_per_epoch
        )
    if settings.momentum_scheduler is not None:
        state.momentum_scheduler = settings.momentum_scheduler.construct(optimizer=optimizer)
    if settings.moving_average is not None:
        state.moving_average = settings.moving_average.construct(parameters=named)
    return optimizer


def _plain_name(name: str) -> str:
    # FSDP and torch.compile put names of their own in between.
    return name.replace("_fsdp_wrapped_module.", "").replace("_orig_mod.", "")
