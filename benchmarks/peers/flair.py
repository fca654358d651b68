"""flair: `TransformerWordEmbeddings` for long sentences, which run in windows that overlap by half."""

from typing import Any

import numpy as np
import torch
from flair.data import Sentence
from flair.embeddings import TransformerWordEmbeddings
from typing_extensions import override

from benchmarks.peers.protocol import Documents, Peer, serve


class Flair(Peer):
    """Word embeddings of the last layer.

    Args:
        options: "model" is the folder, "batch" the sentences in a batch.
    """

    packages = ("flair", "torch", "transformers")

    def __init__(self, options: dict[str, Any]) -> None:
        self._embeddings = TransformerWordEmbeddings(
            options["model"], layers="-1", subtoken_pooling="mean", fine_tune=False, allow_long_sentences=True
        )
        self._embeddings.eval()
        self._batch = options["batch"]

    @override
    def embed(self, documents: Documents) -> list[np.ndarray]:
        vectors = []
        with torch.inference_mode():
            for i in range(0, len(documents), self._batch):
                sentences = [Sentence(words) for words in documents[i : i + self._batch]]
                self._embeddings.embed(sentences)
                vectors += [torch.stack([token.embedding for token in sentence]).numpy() for sentence in sentences]
        return vectors


if __name__ == "__main__":
    serve(Flair)
