"""Several processes, as an experiment file asks for them."""

import os
from dataclasses import dataclass, field
from typing import Annotated, Any

import torch
import torch.distributed as dist

from foldformer.config import AtLeastOne, FromParams, Range
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.training.errors import wrong_at

ACCELERATORS = ("torch", "fairscale_fsdp")


@dataclass(frozen=True)
class DistributedBlock(FromParams):
    """One process for every device, on one machine or several; each has batches of its own.

    Args:
        cuda_devices: Numbers of the GPUs; as many -1 as there shall be processes on the processor.
        num_nodes: Machines. Start the same command on each, as `docs/scaling.md` shows.
        primary_address: Of the first machine.
        primary_port: On the first machine; a free one by default.
        ddp_accelerator: `{"type": "torch", "find_unused_parameters": true}`, or `"fairscale_fsdp"`, which becomes FSDP.
    """

    cuda_devices: list[int] = field(default_factory=list)
    num_nodes: AtLeastOne = 1
    primary_address: str = "127.0.0.1"
    primary_port: Annotated[int, Range(min=1, max=65535)] | None = None
    ddp_accelerator: dict[str, Any] | str | None = None

    def __post_init__(self) -> None:
        """Check the devices and the accelerator.

        Raises:
            ConfigurationError: There is one device on one machine, GPUs and processors are mixed, or there is no such
                accelerator.
        """
        if len(self.cuda_devices) < 1 or (len(self.cuda_devices) == 1 and self.num_nodes < 2):
            raise wrong_at(
                "distributed.cuda_devices",
                f"got {self.cuda_devices}; expected several devices, or several machines; "
                "for one device, leave the block out and set trainer.cuda_device",
            )
        if not self.on_processor and min(self.cuda_devices) < 0:
            raise wrong_at(
                "distributed.cuda_devices",
                f"got {self.cuda_devices}; expected numbers of GPUs, or -1 everywhere",
            )
        name = self.accelerator_name
        if name not in ACCELERATORS:
            raise wrong_at(
                "distributed.ddp_accelerator.type",
                f"got {show(name)}; expected {one_of(ACCELERATORS)}{did_you_mean(name, ACCELERATORS)}; "
                "any other strategy of Lightning goes into trainer.lightning.strategy",
            )

    @property
    def on_processor(self) -> bool:
        """Whether no process uses a GPU."""
        return all(device < 0 for device in self.cuda_devices)

    @property
    def accelerator_name(self) -> str:
        """The registered name of the accelerator."""
        block = self.ddp_accelerator
        return str(block.get("type", "torch")) if isinstance(block, dict) else block or "torch"

    @property
    def accelerator_options(self) -> dict[str, Any]:
        """What the block of the accelerator says beside its name."""
        block = self.ddp_accelerator if isinstance(self.ddp_accelerator, dict) else {}
        return {key: value for key, value in block.items() if key != "type"}


def is_distributed() -> bool:
    """Whether several processes are training together."""
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


def is_primary() -> bool:
    """Whether this is the first of the processes that train together, also before they have found each other."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank() == 0
    ranks = (os.environ.get(name) for name in ("RANK", "LOCAL_RANK", "SLURM_PROCID", "NODE_RANK"))
    return all(rank in (None, "", "0") for rank in ranks)


def sum_over_processes(values: list[float], device: torch.device) -> list[float]:
    """Add up numbers over all processes, place by place."""
    if not is_distributed():
        return values
    total = torch.tensor(values, dtype=torch.float64, device=device if device.type != "mps" else "cpu")
    dist.all_reduce(total)
    return [float(value) for value in total]


def gather_objects(value: Any) -> list[Any]:
    """One object from every process, in the order of their ranks."""
    if not is_distributed():
        return [value]
    gathered: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(gathered, value)
    return gathered
