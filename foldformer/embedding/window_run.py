"""Run a window block by block, each begun before the vectors of the one before it are pooled.

caller     cut 1 | begin 1 | cut 2 | begin 2 | pool 1 | ...
backend              1 1 1 1 1 1 1 1 1 1 1 1 1 | 2 2 2 2 2 2 ...
"""

import torch
from torch import Tensor

from foldformer.embedding.window import Block, Window
from foldformer.engine.backends.backend import Backend, Chunks
from foldformer.engine.heap import give_memory_back, keep_freed_memory


class WindowRun:
    """A window on its way through a backend, which begins with it at once if it has threads of its own.

    Args:
        window: What runs.
        backend: What runs it.
        device: Where the transformer is.
        dim: Width of a wordpiece's vector.
    """

    def __init__(self, window: Window, backend: Backend, device: torch.device, dim: int) -> None:
        self.window = window
        self._backend = backend
        self._device = device
        self._dim = dim
        self._blocks = window.blocks(backend.block_tokens)
        self._begun = self._begin()

    def _begin(self) -> tuple[Block, Chunks] | None:
        block = next(self._blocks, None)
        if block is None:
            return None
        return block, self._backend.run(block.wordpieces(self._device), block.segments)

    def vectors(self) -> Tensor:
        """Wait for all blocks, and return the vectors of all pieces; once. float32 (pieces, dim)"""
        is_on_cpu, has_threads = self._device.type == "cpu", self._backend.has_threads
        if is_on_cpu and not has_threads:  # where activations are in the heap of this process
            keep_freed_memory()
        pool = self.window.pool(self._dim, self._device)
        while self._begun is not None:
            present, self._begun = self._begun, self._begin()
            pool.add(*present, by_numpy=has_threads)
            if is_on_cpu:
                give_memory_back()
        return pool.vectors
