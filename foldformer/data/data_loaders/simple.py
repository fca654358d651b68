"""A data loader of instances that are there already."""

from collections.abc import Iterator

import torch
from overrides import overrides
from typing_extensions import Self

from foldformer.config import AtLeastOne, ConfigurationError
from foldformer.data.data_loaders.data_collator import DefaultDataCollator
from foldformer.data.data_loaders.data_loader import DataLoader, TensorDict, not_indexed
from foldformer.data.data_loaders.epochs import EpochsOfLength
from foldformer.data.dataset_readers import DatasetReader, DatasetReaderInput
from foldformer.data.devices import as_device, move_to_device
from foldformer.data.instance import Instance
from foldformer.data.samplers import RandomBatchSampler, SequentialBatchSampler
from foldformer.text import Vocabulary


@DataLoader.register("simple", constructor="from_dataset_reader")
class SimpleDataLoader(DataLoader):
    """Make batches of a list of instances, in this process.

    Args:
        instances: All of them.
        batch_size: Instances in a batch.
        shuffle: Shuffle the instances every epoch.
        batches_per_epoch: Batches in an epoch; the next one goes on from there. By default once through the data.
        vocab: Indexes the instances.

    Raises:
        ConfigurationError: There are no instances, or a number is below 1.
    """

    def __init__(
        self,
        instances: list[Instance],
        batch_size: AtLeastOne,
        *,
        shuffle: bool = False,
        batches_per_epoch: AtLeastOne | None = None,
        vocab: Vocabulary | None = None,
    ) -> None:
        if not instances:
            raise ConfigurationError("instances: got none; expected at least one")
        if batches_per_epoch is not None and batches_per_epoch < 1:
            raise ConfigurationError(f"batches_per_epoch: got {batches_per_epoch}; expected at least 1")
        self.instances = instances
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.batches_per_epoch = batches_per_epoch
        self.vocab: Vocabulary | None = None
        self.cuda_device: torch.device | None = None
        self.collate_fn = DefaultDataCollator()
        self._sampler = RandomBatchSampler(batch_size) if shuffle else SequentialBatchSampler(batch_size)
        self._epochs = None if batches_per_epoch is None else EpochsOfLength(self._batches, batches_per_epoch)
        if vocab is not None:
            self.index_with(vocab)

    @classmethod
    def from_dataset_reader(
        cls,
        reader: DatasetReader,
        data_path: DatasetReaderInput,
        batch_size: AtLeastOne,
        shuffle: bool = False,
        batches_per_epoch: AtLeastOne | None = None,
        quiet: bool = False,  # noqa: ARG003
    ) -> Self:
        """Read all instances.

        Args:
            reader: Reads them.
            data_path: What the reader reads.
            batch_size: Instances in a batch.
            shuffle: Shuffle the instances every epoch.
            batches_per_epoch: Batches in an epoch.
            quiet: Kept for files that have it; this loader shows no progress.
        """
        return cls(list(reader.read(data_path)), batch_size, shuffle=shuffle, batches_per_epoch=batches_per_epoch)

    @overrides
    def __len__(self) -> int:
        return self.batches_per_epoch or self._sampler.get_num_batches(self.instances)

    @overrides
    def __iter__(self) -> Iterator[TensorDict]:
        if self.vocab is None:
            raise not_indexed(self)
        return self._batches() if self._epochs is None else self._epochs.next_epoch()

    @overrides
    def iter_instances(self) -> Iterator[Instance]:
        return iter(self.instances)

    @overrides
    def index_with(self, vocab: Vocabulary) -> None:
        self.vocab = vocab
        for instance in self.instances:
            instance.index_fields(vocab)

    @overrides
    def set_target_device(self, device: torch.device) -> None:
        self.cuda_device = as_device(device)

    def _batches(self) -> Iterator[TensorDict]:
        for indices in self._sampler.get_batch_indices(self.instances):
            batch = self.collate_fn([self.instances[index] for index in indices])
            yield batch if self.cuda_device is None else move_to_device(batch, self.cuda_device)
