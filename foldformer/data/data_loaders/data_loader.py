"""What every data loader can do."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import torch

from foldformer.config import Registrable
from foldformer.data.instance import Instance
from foldformer.text import Vocabulary

TensorDict = dict[str, Any]
"""A batch: field name -> tensor, dictionary of tensors, or list of metadata."""


class DataLoader(Registrable, ABC):
    """Batches of tensors, epoch by epoch: each `iter` is one."""

    default_implementation = "multiprocess"

    def __len__(self) -> int:
        """Count the batches of an epoch.

        Raises:
            TypeError: It is not known before the data is read.
        """
        raise TypeError(f"{type(self).__name__} does not know its number of batches")

    @abstractmethod
    def __iter__(self) -> Iterator[TensorDict]:
        """Yield the batches of one epoch."""

    @abstractmethod
    def iter_instances(self) -> Iterator[Instance]:
        """Yield the instances one by one, to make a vocabulary of them; indexed once there is one."""

    @abstractmethod
    def index_with(self, vocab: Vocabulary) -> None:
        """Index all instances, those that are still to be read too; must come before the first batch."""

    @abstractmethod
    def set_target_device(self, device: torch.device) -> None:
        """Put the tensors of all batches from now on onto a device."""


def not_indexed(loader: DataLoader) -> ValueError:
    """Make the error of a loader that was iterated too early."""
    return ValueError(
        f"{type(loader).__name__}: got no vocabulary; expected index_with(vocab) before the first batch is taken"
    )
