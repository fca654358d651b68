"""Make parts on a Ray cluster, with Ray Data.

One task reads the input and streams parts; actors, each with a model, embed and write them; the driver keeps the
manifest. Ray holds the reading back while the actors are busy, and hands on what an actor was at when it died.

    input -> [reading task] -> parts -> [actor] [actor] ... -> what the manifest says -> driver

The input and the output folder must be reachable from every machine under the same path.
"""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from foldformer.config import ConfigurationError, build, include_package
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.runs.options import RayOptions
from foldformer.corpus.runs.part_maker import MadePart, PartMaker
from foldformer.corpus.runs.plan import PartTask, PlanEnd
from foldformer.corpus.runs.ray_plan import COLUMN, RayPlan
from foldformer.embedding.document_embedder import DocumentEmbedder

READING_CPUS = 0
"""Reading is next to nothing beside embedding, and has to have room when actors have all processors."""

OBJECT_STORE_BYTES = 2**30
"""Of a cluster on this machine: the text of some parts. Ray would set a third of the memory aside."""


def make_on_ray(plan: RayPlan, maker: PartMaker, options: RayOptions) -> Iterator[MadePart | PlanEnd]:
    """Make parts on a cluster, and yield them as they are ready.

    Raises:
        ConfigurationError: Ray is not installed, there is no cluster at the address, or the input is a stream.
        CorpusError: A record cannot be embedded and errors are to end the run.
    """
    ray = _import_ray()
    stream = next((source.name for source in plan.documents.sources if source.is_stream), None)
    if stream is not None:
        raise ConfigurationError(f"INPUT: got {stream} with --ray; expected files that every machine can read")
    with _cluster(ray, options):
        try:
            for row in _results(ray, plan, maker, options).iter_rows():
                result = pickle.loads(row[COLUMN])
                if isinstance(result, ConfigurationError):
                    raise result
                yield result
        except ray.exceptions.RayError as error:
            raise CorpusError(
                f"--ray: the cluster gave up ({_last_line(error)}); all parts so far stay; run the same command "
                "again to go on"
            ) from error


def _results(ray: Any, plan: RayPlan, maker: PartMaker, options: RayOptions) -> Any:
    """The job: a Ray Dataset of pickled results, in whatever order they are ready.

    Ray Data starts an actor that died again, and what it was at, without being asked.
    """
    # Not at the top: it needs Ray, whose lack is an error of one line.
    from foldformer.corpus.runs.ray_source import PlanSource

    num_actors = options.num_actors or _room(ray, options)
    with _settings(ray.data.DataContext.get_current()):
        parts = ray.data.read_datasource(PlanSource(plan), override_num_blocks=1, num_cpus=READING_CPUS)
        return parts.map_batches(
            _PartActor,
            fn_constructor_args=(maker, options),
            batch_size=1,
            batch_format="numpy",
            compute=ray.data.ActorPoolStrategy(size=num_actors, max_tasks_in_flight_per_actor=2),
            num_cpus=options.cpus,
            num_gpus=options.gpus or None,
        )


@contextmanager
def _settings(context: Any) -> Iterator[None]:
    """What holds for datasets that are made meanwhile."""
    before = context.enable_progress_bars, context.target_max_block_size
    context.enable_progress_bars = False
    # Every part is a block; otherwise Ray gathers blocks until they are large, and one actor gets them all.
    context.target_max_block_size = 1
    try:
        yield
    finally:
        context.enable_progress_bars, context.target_max_block_size = before


class _PartActor:
    """An actor with a model of its own."""

    def __init__(self, maker: PartMaker, options: RayOptions) -> None:
        import torch

        torch.set_num_threads(options.cpus)
        for name in options.include_packages:
            include_package(name)
        self._maker = maker
        self._embedder: DocumentEmbedder = build(DocumentEmbedder, dict(options.embedder))

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Make the parts of a batch."""
        return {COLUMN: [pickle.dumps(self._result(pickle.loads(each))) for each in batch[COLUMN]]}

    def _result(self, task: PartTask | PlanEnd | ConfigurationError) -> MadePart | PlanEnd | ConfigurationError:
        if not isinstance(task, PartTask):
            return task
        try:
            return self._maker.make(task, self._embedder)
        except ConfigurationError as error:  # handed on, as trying again would not help
            return error


def _import_ray() -> Any:
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ConfigurationError(
            "--ray: got no installation of Ray Data; install it by pip install 'foldformer[ray]'"
        ) from error
    return ray


class _cluster:  # noqa: N801  (used as a context manager)
    """A connection to a cluster; one of its own is stopped in the end."""

    def __init__(self, ray: Any, options: RayOptions) -> None:
        self._ray = ray
        self._options = options
        self._is_own = not ray.is_initialized()

    def __enter__(self) -> None:
        if not self._is_own:
            return
        address = self._options.address
        own = {"object_store_memory": OBJECT_STORE_BYTES, "include_dashboard": False} if address == "local" else {}
        try:
            self._ray.init(address=address, log_to_driver=False, logging_level="ERROR", **own)
        except (OSError, ValueError, RuntimeError) as error:
            raise ConfigurationError(
                f"--ray: got {address!r}, where no cluster answers or begins ({_last_line(error)}); expected local, "
                "auto, HOST:PORT or ray://HOST:PORT"
            ) from error

    def __exit__(self, *_: object) -> None:
        if self._is_own:
            self._ray.shutdown()


def _room(ray: Any, options: RayOptions) -> int:
    """How many actors the cluster has room for."""
    total = ray.cluster_resources()
    room = int(total.get("CPU", 1)) // options.cpus
    if options.gpus:
        room = min(room, int(total.get("GPU", 0) / options.gpus))
    return max(1, room)


def _last_line(error: BaseException) -> str:
    return str(error).strip().rpartition("\n")[2]
