"""This project: the front for corpora, and the embedder under autograd."""

from typing import Any

import numpy as np
import torch
from typing_extensions import override

from benchmarks.peers.protocol import Documents, Peer, serve
from embedders import PretrainedTransformerMismatchedEmbedder
from foldformer.corpus import DocumentEmbedder
from foldformer.data import Batch, Instance
from foldformer.data.fields import TextField
from foldformer.engine.heap import keep_freed_memory
from foldformer.text import Token, Vocabulary
from indexers import PretrainedTransformerMismatchedIndexer


class Corpus(Peer):
    """`DocumentEmbedder` at level "word".

    Args:
        options: "model" is the folder; "dtype", "layers" and "level" are the front's own.
    """

    packages = ("foldformer", "torch", "transformers", "tokenizers")

    def __init__(self, options: dict[str, Any]) -> None:
        chosen = {key: options[key] for key in ("dtype", "layers") if key in options}
        level = options.get("level", "word")
        self._embedder = DocumentEmbedder.from_model(options["model"], level=level, max_length=512, **chosen)
        # weights are mapped from their file, and only count as memory once they are read
        self._embedder.weights_fingerprint()

    @override
    def embed(self, documents: Documents) -> list[np.ndarray]:
        return [document.vectors for document in self._embedder.embed(documents)]

    @override
    def prepare(self, documents: Documents) -> None:
        backend = self._embedder._backend_for(0)
        for window in self._embedder._windows(documents, backend):
            list(self._embedder._prepare(window).blocks(backend.block_tokens))


class Module(Peer):
    """Indexer and embedder, as in a training loop of one's own.

    Args:
        options: "model" is the folder.
    """

    packages = ("foldformer", "torch", "transformers", "tokenizers")

    def __init__(self, options: dict[str, Any]) -> None:
        keep_freed_memory()  # as docs/embedders.md advises
        self._indexers = {"tokens": PretrainedTransformerMismatchedIndexer(options["model"], max_length=512)}
        self._embedder = PretrainedTransformerMismatchedEmbedder(options["model"], max_length=512)
        self._optimizer = torch.optim.AdamW(self._embedder.parameters(), lr=1e-5)
        self._vocabulary = Vocabulary()

    @override
    def embed(self, documents: Documents) -> list[np.ndarray]:
        self._embedder.eval()
        vectors = []
        with torch.inference_mode():
            for i in range(0, len(documents), 8):
                batch, mask = self._forward(documents[i : i + 8])
                vectors += [row[kept].numpy() for row, kept in zip(batch, mask, strict=True)]
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
        gradients = {name: weight.grad for name, weight in self._embedder.named_parameters() if weight.grad is not None}
        name = "_matched_embedder.transformer_model.embeddings.word_embeddings.weight"
        return {"loss": loss.item(), "norm": gradients[name].norm().item()}

    def _loss(self, documents: Documents) -> torch.Tensor:
        vectors, mask = self._forward(documents)
        return vectors[mask].pow(2).mean()

    def _forward(self, documents: Documents) -> tuple[torch.Tensor, torch.Tensor]:
        fields = [TextField([Token(word) for word in words], self._indexers) for words in documents]
        batch = Batch([Instance({"text": field}) for field in fields])
        batch.index_instances(self._vocabulary)
        tensors = batch.as_tensor_dict()["text"]["tokens"]
        return self._embedder(**tensors), tensors["mask"]


def _make(options: dict[str, Any]) -> Peer:
    return Module(options) if options.get("module") else Corpus(options)


if __name__ == "__main__":
    serve(_make)
