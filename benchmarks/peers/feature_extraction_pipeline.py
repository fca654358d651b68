"""The feature-extraction pipeline of transformers, on texts cut to fit."""

from typing import Any

import numpy as np
import torch
from transformers import pipeline
from typing_extensions import override

from benchmarks.peers.chunks import cut
from benchmarks.peers.protocol import Documents, Peer, serve


class FeatureExtractionPipeline(Peer):
    """`pipeline("feature-extraction")`.

    Args:
        options: "model" is the folder, "batch" the texts in a batch.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._pipeline = pipeline("feature-extraction", model=options["model"], dtype=torch.float32, device="cpu")
        self._batch = options["batch"]

    @override
    def embed(self, documents: Documents) -> list[np.ndarray]:
        chunks = cut(self._pipeline.tokenizer, documents)
        outputs = self._pipeline(chunks.texts, batch_size=self._batch, return_tensors=True)
        pieces = [sum(lengths) for lengths in chunks.lengths]
        return chunks.pool([rows[0, 1 : n + 1].numpy() for rows, n in zip(outputs, pieces, strict=True)])


if __name__ == "__main__":
    serve(FeatureExtractionPipeline)
