"""The reading task, as Ray Data wants it."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from overrides import overrides
from ray.data.block import BlockMetadata
from ray.data.datasource import Datasource, ReadTask

from foldformer.corpus.runs.ray_plan import COLUMN, RayPlan, serialized


class PlanSource(Datasource):
    """One task that streams the parts of a plan, each in a block of its own.

    Args:
        plan: What to read.
    """

    def __init__(self, plan: RayPlan) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._plan = plan

    @overrides(check_signature=False)
    def estimate_inmemory_data_size(self) -> int | None:
        """Nobody knows."""
        return None

    @overrides(check_signature=False)
    def get_read_tasks(self, parallelism: int, *_: Any, **__: Any) -> list[ReadTask]:  # noqa: ARG002
        """Give the one task, since positions are counted from the beginning of the input."""
        plan = self._plan

        def read() -> Iterator[pa.Table]:
            for pickled in serialized(plan.tasks()):
                yield pa.table({COLUMN: pa.array([pickled], pa.binary())})

        metadata = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
        return [ReadTask(read, metadata)]
