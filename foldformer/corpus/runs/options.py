"""How a run goes about its work; the vectors do not depend on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from foldformer.config import ConfigurationError
from foldformer.corpus.output.shard import Shard
from foldformer.corpus.runs.plan import PART_BYTES, ROWS_PER_PART


@dataclass(frozen=True)
class RayOptions:
    """How to use a Ray cluster.

    Args:
        embedder: Parameters of the `DocumentEmbedder`, from which every actor builds its own.
        address: Of the cluster, as `ray.init` takes it; "local" starts one on this machine.
        num_actors: Processes that embed; None takes as many as the cluster has room for when the run begins.
        cpus: For each actor, and so its threads.
        gpus: For each actor; a fraction lets actors share one.
        include_packages: Packages whose components the parameters name.
    """

    embedder: Mapping[str, Any]
    address: str = "local"
    num_actors: int | None = None
    cpus: int = 1
    gpus: float = 0.0
    include_packages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.cpus < 1 or self.gpus < 0:
            raise ConfigurationError(f"cpus, gpus: got {self.cpus} and {self.gpus}; expected at least 1 and at least 0")

    @property
    def device_type(self) -> str:
        """What the actors run on, which see no other GPUs than those they are given."""
        named: str | None = self.embedder.get("device")
        return named.partition(":")[0] if named else "cuda" if self.gpus else "cpu"


@dataclass(frozen=True)
class RunOptions:
    """Where parts end, who makes them, and what happens to what cannot be embedded.

    Args:
        storage_dtype: "float16", "float32" or "int8".
        rows_per_part: Most records in one part.
        part_bytes: About how large the vectors of one part may be before compression.
        on_error: "fail" or "skip".
        force: Remove what earlier runs left in the folder.
        shard: Which share of the parts to make; None makes all.
        workers: Processes on this machine.
        ray: Makes the parts on a cluster instead.
        unsafe_store: Write to an object store without conditional writes: nothing keeps two runs from mixing then.

    Raises:
        ConfigurationError: A number is out of range.
    """

    storage_dtype: str = "float16"
    rows_per_part: int = ROWS_PER_PART
    part_bytes: int = PART_BYTES
    on_error: str = "fail"
    force: bool = False
    shard: Shard | None = None
    workers: int = 1
    ray: RayOptions | None = None
    unsafe_store: bool = False

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.workers < 1:
            raise ConfigurationError(f"workers: got {self.workers}; expected at least 1")
