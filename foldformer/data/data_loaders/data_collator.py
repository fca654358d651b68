"""From instances to the tensors of a batch."""

from abc import ABC, abstractmethod

from overrides import overrides

from foldformer.config import Registrable
from foldformer.data.batch import Batch
from foldformer.data.data_loaders.data_loader import TensorDict
from foldformer.data.instance import Instance


class DataCollator(Registrable, ABC):
    """Makes a batch of instances, and may change its tensors, anew every epoch."""

    default_implementation = "allennlp"

    @abstractmethod
    def __call__(self, instances: list[Instance]) -> TensorDict:
        """Make a batch of indexed instances."""


@DataCollator.register("allennlp")
class DefaultDataCollator(DataCollator):
    """Pad every field to the longest of the batch."""

    @overrides
    def __call__(self, instances: list[Instance]) -> TensorDict:
        return Batch(instances).as_tensor_dict()
