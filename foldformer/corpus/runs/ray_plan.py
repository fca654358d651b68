"""What the reading task of a Ray cluster is told, and how it hands on what it read."""

import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from foldformer.config import ConfigurationError
from foldformer.corpus.inputs import Input
from foldformer.corpus.output.shard import Shard
from foldformer.corpus.runs.plan import PartLimits, PartTask, PlanEnd, pending_parts, plan_parts

COLUMN = "pickled"


@dataclass(frozen=True)
class RayPlan:
    """What the reading task needs to know.

    Args:
        documents: The input.
        limits: Where a part ends.
        done: Digest of the input of every part that is there.
        shard: This run's.
    """

    documents: Input
    limits: PartLimits
    done: Mapping[int, str]
    shard: Shard | None

    def tasks(self) -> Iterator[PartTask | PlanEnd]:
        """Read the input."""
        return pending_parts(plan_parts(self.documents, self.limits), self.done, self.shard)


def serialized(tasks: Iterable[PartTask | PlanEnd]) -> Iterator[bytes]:
    """Pickle what the reading task yields; an error in the input is the last of it, as trying again would not help."""
    try:
        for task in tasks:
            yield pickle.dumps(task)
    except ConfigurationError as error:
        yield pickle.dumps(error)
