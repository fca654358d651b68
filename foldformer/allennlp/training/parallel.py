"""Several processes under AllenNLP's names, for trainers of one's own; trainings here leave them to Lightning."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from overrides import overrides
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from foldformer.config import Registrable
from foldformer.models import Model

StateDictType = dict[str, Tensor]


class DdpWrappedModel:
    """A model in a wrapper that adds up gradients over processes.

    Args:
        model: The wrapper.
        local_rank: Which process of its machine this is.
        world_size: How many processes there are, on all machines.
    """

    is_sharded = False

    def __init__(self, model: nn.Module, local_rank: int | None = None, world_size: int | None = None) -> None:
        self.model = model
        self.local_rank = local_rank
        self.world_size = world_size

    @staticmethod
    def consolidate_sharded_state(sharded_state_files: Iterable[Any]) -> StateDictType:
        """Put the parts of a state together.

        Raises:
            NotImplementedError: The model is whole in every process.
        """
        raise NotImplementedError(f"{type(sharded_state_files).__name__}: got parts of a model; expected a whole one")

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> Any:
        """Load weights."""
        return self.model.load_state_dict(state_dict, strict=strict)

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Give the weights."""
        return self.model.state_dict(*args, **kwargs)

    def clip_grad_norm_(self, max_norm: float) -> Tensor:
        """Limit the norm of the gradients."""
        return torch.nn.utils.clip_grad_norm_(
            [each for each in self.model.parameters() if each.grad is not None], max_norm
        )

    def init_grad_scaler(self) -> Any:
        """Make what scales gradients in 16 bits."""
        return torch.amp.GradScaler()


class DdpAccelerator(Registrable):
    """Wraps a model so that processes train it together.

    Args:
        local_rank: Which process of its machine this is.
        world_size: How many processes there are.
        cuda_device: Where the model goes; -1: the CPU.
    """

    default_implementation = "torch"

    def __init__(
        self, local_rank: int | None = None, world_size: int | None = None, cuda_device: torch.device | int = -1
    ) -> None:
        self.local_rank = local_rank
        self.world_size = world_size
        is_cpu = isinstance(cuda_device, int) and cuda_device < 0
        self.cuda_device = torch.device("cpu") if is_cpu else torch.device(cuda_device)

    def wrap_model(self, model: Model) -> tuple[Model, DdpWrappedModel]:
        """Put the model on its device, and wrap it."""
        raise NotImplementedError(f"{type(self).__name__} has no wrap_model")

    def wrap_module(self, module: nn.Module) -> nn.Module:
        """Wrap a part of a model while it is made; nothing, unless an accelerator does."""
        return module


@DdpAccelerator.register("torch")
class TorchDdpAccelerator(DdpAccelerator):
    """Uses `torch.nn.parallel.DistributedDataParallel`.

    Args:
        find_unused_parameters: Look for parameters that a batch did not use.
        local_rank: Which process of its machine this is.
        world_size: How many processes there are.
        cuda_device: Where the model goes; -1: the CPU.
    """

    def __init__(
        self,
        *,
        find_unused_parameters: bool = False,
        local_rank: int | None = None,
        world_size: int | None = None,
        cuda_device: torch.device | int = -1,
    ) -> None:
        super().__init__(local_rank, world_size, cuda_device)
        self._find_unused_parameters = find_unused_parameters

    @overrides
    def wrap_model(self, model: Model) -> tuple[Model, DdpWrappedModel]:
        model = model.to(self.cuda_device)
        devices = None if self.cuda_device.type == "cpu" else [self.cuda_device]
        wrapper = DistributedDataParallel(model, devices, find_unused_parameters=self._find_unused_parameters)
        return model, DdpWrappedModel(wrapper, self.local_rank, self.world_size)
