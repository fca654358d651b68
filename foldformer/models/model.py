"""The base of every model."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from foldformer.config import ConfigurationError, Registrable
from foldformer.data import Batch, Instance
from foldformer.data.devices import move_to_device
from foldformer.models.named_output import NamedOutput
from foldformer.nn import RegularizerApplicator
from foldformer.nn.devices import device_of
from foldformer.text import Vocabulary

logger = logging.getLogger(__name__)

ModelOutput = dict[str, Any]
"""What a model gives for a batch: `loss` if labels were there, and whatever is predicted, by name."""


class Model(nn.Module, Registrable):
    """A model that takes the tensors of a batch by the names of its fields and gives a dictionary.

    Implement `forward`, whose result has `loss` (a scalar) when labels were given, and where it makes sense
    `make_output_human_readable` and `get_metrics`.
    """

    default_predictor: str | None = None
    """Registered name of the predictor to use where none is named."""

    def __init__(
        self,
        vocab: Vocabulary,
        regularizer: RegularizerApplicator | None = None,
        serialization_dir: str | None = None,
    ) -> None:
        """Build.

        Args:
            vocab: The vocabulary; in a configuration it comes from outside.
            regularizer: Penalties on parameters that training adds to the loss.
            serialization_dir: Folder of the run, for models that write more than their weights.
        """
        super().__init__()
        self.vocab = vocab
        self.serialization_dir = serialization_dir
        self._regularizer = regularizer
        self._unseparable_outputs: set[str] = set()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward`; what it gives can be asked for by attribute too: `output.loss` beside `output["loss"]`."""
        output = super().__call__(*args, **kwargs)
        return NamedOutput(output) if type(output) is dict else output

    def get_regularization_penalty(self) -> Tensor | None:
        """Compute the penalties on the parameters; None without a regularizer.

        Returns:
            A scalar.
        """
        return None if self._regularizer is None else self._regularizer(self)

    def get_parameters_for_histogram_logging(self) -> list[str]:
        """Name the parameters whose values a logger may draw; all, unless a model knows better."""
        return [name for name, _ in self.named_parameters()]

    def make_output_human_readable(self, output_dict: ModelOutput) -> ModelOutput:
        """Add what a person can read, such as labels for their indices.

        Args:
            output_dict: What `forward` gave.

        Returns:
            The same with more, or other, entries.
        """
        return output_dict

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        """Compute the metrics over the batches since the last reset.

        Args:
            reset: Begin anew.

        Returns:
            Numbers by name.
        """
        del reset
        return {}

    def forward_on_instance(self, instance: Instance) -> ModelOutput:
        """Predict for one instance; see `forward_on_instances`."""
        return self.forward_on_instances([instance])[0]

    def forward_on_instances(self, instances: Sequence[Instance]) -> list[ModelOutput]:
        """Predict for instances in one batch, in evaluation mode and without gradients.

        Args:
            instances: At least one.

        Returns:
            One dictionary an instance, tensors as NumPy arrays. What cannot be split by instance is left out, but for
            the loss with a warning.
        """
        batch = Batch(instances)
        batch.index_instances(self.vocab)
        was_training = self.training
        self.eval()
        try:
            with torch.no_grad():
                tensors = move_to_device(batch.as_tensor_dict(), device_of(self))
                outputs = self.make_output_human_readable(self(**tensors))
        finally:
            self.train(was_training)
        split = self._split(outputs, len(instances))
        return [self.without_padding(output, instance) for output, instance in zip(split, instances, strict=True)]

    def without_padding(self, output: ModelOutput, instance: Instance) -> ModelOutput:
        """Take away what an instance's output owes to longer instances of its batch; nothing, unless a model knows.

        Args:
            output: What a person can read, of one instance.
            instance: The instance.
        """
        del instance
        return output

    def _split(self, outputs: Mapping[str, Any], batch_size: int) -> list[ModelOutput]:
        split: list[ModelOutput] = [{} for _ in range(batch_size)]
        for name, output in outputs.items():
            values = _as_array(output) if isinstance(output, Tensor) else output
            if len(values) != batch_size:
                if not name.endswith("loss"):  # which everybody knows to be of the batch
                    self._warn_unseparable(name)
                continue
            for each, value in zip(split, values, strict=True):
                each[name] = value
        return split

    def _warn_unseparable(self, name: str) -> None:
        if name not in self._unseparable_outputs:
            self._unseparable_outputs.add(name)
            logger.warning("%s: the output %r has not one entry an instance and is left out", type(self).__name__, name)

    def extend_embedder_vocab(self, embedding_sources_mapping: Mapping[str, str] | None = None) -> None:
        """Make room in every embedder for the tokens that the vocabulary has gained.

        Args:
            embedding_sources_mapping: File of word vectors by the path of the embedder in the model.

        Raises:
            ConfigurationError: A path is not that of such an embedder, or the vocabulary has lost tokens.
        """
        sources = embedding_sources_mapping or {}
        extensible = {path: module for path, module in self.named_modules() if hasattr(module, "extend_vocab")}
        unknown = [path for path in sources if path not in extensible]
        if unknown:
            known = ", ".join(extensible) or "none"
            raise ConfigurationError(f"embedding sources: got {unknown[0]!r}; expected one of: {known}")
        for path, module in extensible.items():
            extend: Any = module.extend_vocab
            extend(self.vocab, extension_pretrained_file=sources.get(path), model_path=path)


def _as_array(output: Tensor) -> np.ndarray[Any, Any]:
    # NumPy knows no bfloat16.
    known = output.float() if output.dtype == torch.bfloat16 else output
    array: np.ndarray[Any, Any] = known.detach().cpu().numpy()
    return np.atleast_1d(array)


def check_same_width(given: int, expected: int, giver: str, taker: str) -> None:
    """Check that one part of a model takes vectors as wide as another one gives.

    Args:
        given: Width of the vectors that come out of `giver`.
        expected: Width of the vectors that `taker` takes.
        giver: Its name in the configuration.
        taker: Its name in the configuration.

    Raises:
        ConfigurationError: They differ.
    """
    if given != expected:
        raise ConfigurationError(
            f"{taker}: takes vectors of {expected}; expected {given}, the width that {giver} gives"
        )


def count_labels(vocab: Vocabulary, namespace: str, key: str = "label_namespace") -> int:
    """Count the labels that a model is to tell apart.

    Args:
        vocab: The vocabulary.
        namespace: Namespace of the labels.
        key: Where the namespace stands in the configuration.

    Raises:
        ConfigurationError: There is none.
    """
    size = vocab.get_vocab_size(namespace)
    if size <= (2 if vocab.is_padded(namespace) else 0):  # a padded namespace begins with padding and "unknown"
        known = ", ".join(sorted(vocab.get_namespaces() - {namespace})) or "none"
        raise ConfigurationError(
            f"{key}: the vocabulary has no labels in namespace {namespace!r}; others: {known}; "
            "does the training data have labels?"
        )
    return size
