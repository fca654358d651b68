"""Choose what runs a transformer whose weights stay as they are, and keep it."""

import logging
from typing import Any

import torch
from transformers import PreTrainedModel

from foldformer.choices import BackendName
from foldformer.config import ConfigurationError
from foldformer.engine.backends.backend import Backend
from foldformer.engine.backends.openvino import UnavailableError, openvino_backend
from foldformer.engine.backends.pytorch import PyTorchBackend
from foldformer.engine.backends.quantization import Calibration
from foldformer.engine.scalar_mix import ScalarMix

logger = logging.getLogger(__name__)


class FrozenBackend:
    """Makes the backend of a transformer when it is first wanted; copies and pickles go without what is compiled.

    Args:
        transformer: In evaluation mode.
        mix: Mixes all layers; None takes the last one.
        dtype: What OpenVINO computes in; PyTorch computes in the dtype of the weights.
        longest: Wordpieces of the longest segment.
        max_batch_tokens: Most wordpieces in one micro-batch; None takes what is best for each backend.
        calibration: What to measure activations on, for int8; None computes in `dtype`.
    """

    def __init__(
        self,
        transformer: PreTrainedModel,
        mix: ScalarMix | None,
        *,
        dtype: torch.dtype,
        longest: int,
        max_batch_tokens: int | None,
        calibration: Calibration | None = None,
    ) -> None:
        self._transformer, self._mix = transformer, mix
        self._options: dict[str, Any] = {
            "dtype": dtype,
            "longest": longest,
            "max_batch_tokens": max_batch_tokens,
            "calibration": calibration,
        }
        self._made: dict[BackendName, tuple[str, Backend]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Travel without what is compiled."""
        return {**self.__dict__, "_made": {}}

    def get(self, name: BackendName, weights: str = "") -> Backend:
        """Return the backend of a name.

        Args:
            name: "auto" takes OpenVINO where it can be had and gives PyTorch's numbers, else PyTorch, and says which.
            weights: A checksum of the weights, if they may have changed since the last call.

        Raises:
            ConfigurationError: "openvino" cannot be had; says why.
        """
        made = self._made.get(name)
        if made is None or made[0] != weights:
            made = self._made[name] = weights, self._make(name)
        return made[1]

    def _make(self, name: BackendName) -> Backend:
        if name != "torch":
            try:
                backend = openvino_backend(self._transformer, self._mix, **self._options)
            except UnavailableError as error:
                if name == "openvino":
                    raise ConfigurationError(f'backend: got "openvino", but {error}') from error
                logger.info("backend auto: torch, as %s", error)
            else:
                logger.info("backend %s: openvino", name)
                return backend
        return PyTorchBackend(self._transformer, self._mix, self._options["max_batch_tokens"])
