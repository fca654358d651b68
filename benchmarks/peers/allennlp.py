"""AllenNLP 2.10.1 as it is shipped: its indexer, its batches, its embedder, documents as they come."""

from typing import Any

import numpy as np
import torch
from allennlp.data import Batch, Instance, Token, Vocabulary
from allennlp.data.fields import TextField
from allennlp.data.token_indexers import PretrainedTransformerMismatchedIndexer
from allennlp.modules.token_embedders import PretrainedTransformerMismatchedEmbedder
from typing_extensions import override

from benchmarks.peers.protocol import Documents, Peer, serve


class AllenNLP(Peer):
    """Indexer and embedder.

    Args:
        options: "model" is the folder, "batch" the documents in a batch.
    """

    packages = ("allennlp", "torch", "transformers")

    def __init__(self, options: dict[str, Any]) -> None:
        self._indexers = {"tokens": PretrainedTransformerMismatchedIndexer(options["model"], max_length=512)}
        self._embedder = PretrainedTransformerMismatchedEmbedder(options["model"], max_length=512)
        self._optimizer = torch.optim.AdamW(self._embedder.parameters(), lr=1e-5)
        self._vocabulary = Vocabulary()
        self._batch = options["batch"]

    @override
    def embed(self, documents: Documents) -> list[np.ndarray]:
        self._embedder.eval()
        vectors = []
        with torch.inference_mode():
            for i in range(0, len(documents), self._batch):
                batch, mask = self._forward(documents[i : i + self._batch])
                vectors += [row[kept].numpy() for row, kept in zip(batch, mask)]  # noqa: B905 - as in its own loops
        return vectors

    @override
    def train_step(self, documents: Documents) -> None:
        self._embedder.train()
        self._optimizer.zero_grad()
        self._loss(documents).backward()
        self._optimizer.step()

    @override
    def gradients(self, documents: Documents) -> dict[str, float]:
        self._embedder.eval()
        self._embedder.zero_grad()
        loss = self._loss(documents)
        loss.backward()
        gradient = self._embedder._matched_embedder.transformer_model.get_input_embeddings().weight.grad
        return {"loss": loss.item(), "norm": gradient.norm().item()}

    @override
    def prepare(self, documents: Documents) -> None:
        for i in range(0, len(documents), self._batch):
            self._tensors(documents[i : i + self._batch])

    def _loss(self, documents: Documents) -> torch.Tensor:
        vectors, mask = self._forward(documents)
        return vectors[mask].pow(2).mean()

    def _forward(self, documents: Documents) -> tuple[torch.Tensor, torch.Tensor]:
        tensors = self._tensors(documents)
        return self._embedder(**tensors), tensors["mask"]

    def _tensors(self, documents: Documents) -> dict[str, torch.Tensor]:
        fields = [TextField([Token(word) for word in words], self._indexers) for words in documents]
        batch = Batch([Instance({"text": field}) for field in fields])
        batch.index_instances(self._vocabulary)
        return batch.as_tensor_dict()["text"]["tokens"]


if __name__ == "__main__":
    serve(AllenNLP)
