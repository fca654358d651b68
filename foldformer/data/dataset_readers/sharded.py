"""Several files through one reader."""

from collections.abc import Iterable
from typing import Any

from overrides import overrides

from foldformer.data.dataset_readers.dataset_reader import DatasetReader, DatasetReaderInput
from foldformer.data.dataset_readers.sources import data_files
from foldformer.data.instance import Instance
from foldformer.text.files import LocalFile, cached_path


@DatasetReader.register("sharded")
class ShardedDatasetReader(DatasetReader):
    """Read every file of a folder, an archive or a glob with another reader.

    Only for readers of other people that take one path at a time: those of this package take globs and lists.

    Args:
        base_reader: Reads each file.
        kwargs: Those of every `DatasetReader`.
    """

    def __init__(self, base_reader: DatasetReader, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reader = base_reader
        # It reads whole files; this one shards what it yields.
        self.reader._set_worker_info(None)
        self.reader._set_distributed_info(None)

    @overrides
    def _read(self, file_path: DatasetReaderInput) -> Iterable[Instance]:
        self.reader.labels_required = self.labels_required
        for source in data_files(file_path):
            for file in _files_in(source):
                yield from self.reader._read(file)

    @overrides
    def text_to_instance(self, *inputs: Any, **named_inputs: Any) -> Instance | None:
        return self.reader.text_to_instance(*inputs, **named_inputs)

    @overrides
    def apply_token_indexers(self, instance: Instance) -> None:
        self.reader.apply_token_indexers(instance)


def _files_in(source: LocalFile) -> list[str]:
    folder = cached_path(source.path, extract_archive=True)
    if folder.is_file():
        return [str(folder)]
    return [str(path) for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
