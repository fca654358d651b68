"""Tell weights apart by a checksum."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

SAMPLE = 8
"""Most numbers of a tensor that are compared each time."""


def fingerprint_weights(weights: Mapping[str, Tensor]) -> str:
    """Return a checksum of names and values: hexadecimal, the same in every process."""
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(weights.items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


class WeightsFingerprint:
    """The checksum of a module's weights, computed again only when they may have changed.

    That is seen by what PyTorch counts (in-place writes of optimizers, `load_state_dict`, other tensors), and by
    `SAMPLE` numbers of each contiguous tensor, since nothing counts what is written through `.data`. Writing so to
    other numbers alone goes unseen until `forget`.
    """

    def __init__(self) -> None:
        self._seen: list[tuple[int, int]] = []
        self._views: list[list[Tensor]] = []
        self._sample: list[Tensor] = []
        self._value = ""

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel without the weights."""
        return WeightsFingerprint, ()

    def forget(self) -> None:
        """Compute the checksum the next time, whatever is seen."""
        self._seen = []

    def value(self, module: nn.Module) -> str:
        """Return the checksum of the weights as they are now; the `state_dict` of the module counts."""
        weights = module.state_dict()
        seen = [(tensor.data_ptr(), 0 if tensor.is_inference() else tensor._version) for tensor in weights.values()]
        if not seen or seen != self._seen or not all(map(_same_bytes, map(torch.cat, self._views), self._sample)):
            self._value, self._seen = fingerprint_weights(weights), seen
            self._views = _sparse_views(weights.values())
            self._sample = list(map(torch.cat, self._views))
        return self._value


def _sparse_views(weights: Iterable[Tensor]) -> list[list[Tensor]]:
    """Return views of few numbers, those of one device and dtype together."""
    views: dict[tuple[torch.device, torch.dtype], list[Tensor]] = {}
    for tensor in weights:
        if tensor.is_contiguous() and tensor.numel():
            view = tensor.detach().view(-1)[:: -(-tensor.numel() // SAMPLE)]
            views.setdefault((tensor.device, tensor.dtype), []).append(view)
    return list(views.values())


def _same_bytes(first: Tensor, second: Tensor) -> bool:
    return torch.equal(first.view(torch.uint8), second.view(torch.uint8))  # NaN equals itself here
