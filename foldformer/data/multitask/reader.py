"""One reader for each task."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.data.dataset_readers import DatasetReader, DatasetReaderInput, DistributedInfo, WorkerInfo
from foldformer.data.fields import MetadataField
from foldformer.data.instance import Instance

TASK = "task"
"""Name of the field that says which task an instance is for."""


class TaskReader(DatasetReader):
    """Reads with another reader, and writes the name of the task into each instance.

    Args:
        inner: Reads.
        head: Name of the task, which is that of the model's head.
    """

    def __init__(self, inner: DatasetReader, head: str) -> None:
        super().__init__(manual_distributed_sharding=True, manual_multiprocess_sharding=True)
        self.inner = inner
        self.head = head

    @overrides
    def read(self, file_path: DatasetReaderInput) -> Iterator[Instance]:
        self.inner.labels_required = self.labels_required
        return map(self._marked, self.inner.read(file_path))

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        return map(self._marked, self.inner._read(file_path))

    @overrides
    def text_to_instance(self, *inputs: Any, **named_inputs: Any) -> Instance | None:
        instance = self.inner.text_to_instance(*inputs, **named_inputs)
        return None if instance is None else self._marked(instance)

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        self.inner.apply_token_indexers(instance)

    @overrides
    def _set_worker_info(self, info: WorkerInfo | None) -> None:
        super()._set_worker_info(info)
        self.inner._set_worker_info(info)

    @overrides
    def _set_distributed_info(self, info: DistributedInfo | None) -> None:
        super()._set_distributed_info(info)
        self.inner._set_distributed_info(info)

    def _marked(self, instance: Instance) -> Instance:
        instance.add_field(TASK, MetadataField(self.head))
        return instance


@DatasetReader.register("multitask")
class MultiTaskDatasetReader(DatasetReader):
    """Holds a reader for each task; `MultiTaskDataLoader` reads with them.

    Args:
        readers: Readers by the name of their task, which is that of the model's head.
    """

    def __init__(self, readers: dict[str, DatasetReader]) -> None:
        super().__init__()
        self.readers: Mapping[str, TaskReader] = {task: TaskReader(reader, task) for task, reader in readers.items()}

    @overrides(check_signature=False)
    def read(self, file_path: DatasetReaderInput, *, force_task: str | None = None) -> Iterator[Instance]:
        """Read the instances of one task, or of all, one task after the other.

        Args:
            file_path: What the task's reader reads; for all tasks, that of each by its name.
            force_task: The task; None: all.

        Raises:
            ConfigurationError: `file_path` does not name the tasks.
        """
        if force_task is not None:
            return self.readers[force_task].read(file_path)
        paths = paths_of_tasks(file_path, self.readers)
        return (instance for task in self.readers for instance in self.readers[task].read(paths[task]))

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterator[Instance]:
        yield from self.read(file_path)

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        task = instance[TASK]
        assert isinstance(task, MetadataField), "written by TaskReader"
        self.readers[task.metadata].apply_token_indexers(instance)


def paths_of_tasks(data_path: DatasetReaderInput, readers: Mapping[str, DatasetReader]) -> Mapping[str, Any]:
    """Check that there is one path for each task.

    Raises:
        ConfigurationError: There is not.
    """
    if not isinstance(data_path, Mapping) or data_path.keys() != readers.keys():
        given = ", ".join(data_path) if isinstance(data_path, Mapping) else repr(data_path)
        raise ConfigurationError(
            f"data_path: got {given}; expected a path for each task of the reader: {', '.join(readers)}"
        )
    return data_path
