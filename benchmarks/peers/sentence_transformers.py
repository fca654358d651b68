"""sentence-transformers giving token embeddings, on texts cut to fit; it sorts them by length itself."""

from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer
from typing_extensions import override

from benchmarks.peers.chunks import cut
from benchmarks.peers.protocol import Documents, Peer, serve


class SentenceTransformers(Peer):
    """`encode(output_value="token_embeddings")`.

    Args:
        options: "model" is the folder, "batch" the texts in a batch, "backend" what runs them.
    """

    packages = ("sentence-transformers", "torch", "transformers")

    def __init__(self, options: dict[str, Any]) -> None:
        self._model = SentenceTransformer(options["model"], device="cpu", backend=options.get("backend", "torch"))
        self._model.max_seq_length = 512
        self._batch = options["batch"]

    @override
    def embed(self, documents: Documents) -> list[np.ndarray]:
        chunks = cut(self._model.tokenizer, documents)
        outputs = self._model.encode(
            chunks.texts, output_value="token_embeddings", batch_size=self._batch, show_progress_bar=False
        )
        pieces = [sum(lengths) for lengths in chunks.lengths]
        return chunks.pool([rows[1 : n + 1].numpy() for rows, n in zip(outputs, pieces, strict=True)])


if __name__ == "__main__":
    serve(SentenceTransformers)
