"""Tell weights apart by a checksum."""

import hashlib
from collections.abc import Mapping

import torch
from torch import Tensor, nn


def fingerprint_weights(weights: Mapping[str, Tensor]) -> str:
    """Return a checksum of names and values: hexadecimal, the same in every process."""
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(weights.items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


class WeightsFingerprint:
    """The checksum of a module's weights, computed again only when they may have changed.

    Args:
        module: Its `state_dict` counts.
    """

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._seen: list[tuple[int, int]] = []
        self._value = ""

    def value(self) -> str:
        """Return the checksum of the weights as they are now."""
        weights = self._module.state_dict()
        seen = [(tensor.data_ptr(), 0 if tensor.is_inference() else tensor._version) for tensor in weights.values()]
        if seen != self._seen:
            self._value, self._seen = fingerprint_weights(weights), seen
        return self._value
