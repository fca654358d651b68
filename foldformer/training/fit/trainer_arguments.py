"""What the keys of an experiment file mean to `lightning.Trainer`."""

import inspect
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.training.distributed import DistributedBlock
from foldformer.training.errors import wrong_at
from foldformer.training.trainer_settings import TrainerSettings

logger = logging.getLogger(__name__)


def trainer_arguments(settings: TrainerSettings, folder: Path, callbacks: list[Any]) -> dict[str, Any]:
    """Collect the arguments of `lightning.Trainer`.

    Args:
        settings: Those of the experiment's trainer.
        folder: The training folder.
        callbacks: Lightning's, beside those that the block `lightning` may bring.

    Raises:
        ConfigurationError: The block `lightning` has a key that `lightning.Trainer` does not take, or the accelerator
            is unknown.
    """
    own = settings.lightning or {}
    check_lightning_block(own)
    arguments: dict[str, Any] = {
        "max_epochs": settings.num_epochs,
        "accumulate_grad_batches": settings.num_gradient_accumulation_steps,
        "default_root_dir": str(folder),
        "num_sanity_val_steps": 0,
        "logger": False,
        "enable_checkpointing": False,
        "enable_model_summary": False,
        "use_distributed_sampler": False,
        "inference_mode": False,
        "precision": _precision(settings),
        **_devices(settings),
    }
    more_callbacks = own.get("callbacks") or []
    return {**arguments, **own, "callbacks": [*callbacks, *more_callbacks]}


def check_lightning_block(block: Mapping[str, Any]) -> None:
    """Make sure that `lightning.Trainer` takes what the block `lightning` has.

    Raises:
        ConfigurationError: It does not take a key.
    """
    from lightning.pytorch import Trainer

    known = [name for name in inspect.signature(Trainer.__init__).parameters if name != "self"]
    for key in block:
        if key not in known:
            raise wrong_at(
                f"trainer.lightning.{key}",
                f"got {show(key)}; expected an argument of lightning.Trainer, such as "
                f"{one_of(('devices', 'strategy', 'precision', 'max_steps'))}{did_you_mean(key, known)}",
            )


def _precision(settings: TrainerSettings) -> str:
    if not settings.use_amp:
        return "32-true"
    on_processor = settings.distributed.on_processor if settings.distributed else not _uses_gpu(settings.cuda_device)
    return "bf16-mixed" if on_processor or not settings.grad_scaling else "16-mixed"


def _uses_gpu(cuda_device: int | None) -> bool:
    return torch.cuda.is_available() if cuda_device is None else cuda_device >= 0


def _devices(settings: TrainerSettings) -> dict[str, Any]:
    if settings.distributed is not None:
        return _processes(settings.distributed, settings.ddp_accelerator)
    if settings.lightning and {"strategy", "devices"} & settings.lightning.keys():
        return {}
    device = settings.cuda_device
    if not _uses_gpu(device):
        return {"accelerator": "cpu", "devices": 1}
    return {"accelerator": "gpu", "devices": 1 if device is None else [device]}


def _processes(block: DistributedBlock, ddp_accelerator: dict[str, Any] | str | None) -> dict[str, Any]:
    if ddp_accelerator is not None and block.ddp_accelerator is None:
        block = DistributedBlock(
            block.cuda_devices, block.num_nodes, block.primary_address, block.primary_port, ddp_accelerator
        )
    if block.num_nodes > 1:
        os.environ.setdefault("MASTER_ADDR", block.primary_address)
    if block.primary_port is not None:
        os.environ.setdefault("MASTER_PORT", str(block.primary_port))
    devices: int | list[int] = len(block.cuda_devices) if block.on_processor else block.cuda_devices
    return {
        "accelerator": "cpu" if block.on_processor else "gpu",
        "devices": devices,
        "num_nodes": block.num_nodes,
        "strategy": _strategy(block),
    }


def _strategy(block: DistributedBlock) -> Any:
    from lightning.pytorch.strategies import DDPStrategy, FSDPStrategy

    name = block.accelerator_name
    if name == "fairscale_fsdp":
        ignored = sorted(block.accelerator_options)
        if ignored:
            logger.warning("distributed.ddp_accelerator: %s is ignored with FSDP of torch", ", ".join(ignored))
        return FSDPStrategy()
    # A transformer's pooler is often there without being used; without this, the second step would stop on it.
    find_unused = bool(block.accelerator_options.get("find_unused_parameters", True))
    backend = "gloo" if block.on_processor else None
    return DDPStrategy(find_unused_parameters=find_unused, process_group_backend=backend)
