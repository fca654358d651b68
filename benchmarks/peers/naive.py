"""The oracle: one segment after the other through plain transformers, nothing batched, nothing clever."""

from typing import Any

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer
from typing_extensions import override

from benchmarks.peers.protocol import Documents, Peer, serve

CONTENT = 510


class Naive(Peer):
    """Plain transformers, a segment at a time, pooled in a loop.

    Args:
        options: "model" is the folder.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(options["model"])
        self._model = AutoModel.from_pretrained(options["model"], dtype=torch.float32).eval()

    @override
    def embed(self, documents: Documents) -> list[np.ndarray]:
        with torch.no_grad():
            return [self._embed(words).numpy() for words in documents]

    @override
    def gradients(self, documents: Documents) -> dict[str, float]:
        self._model.zero_grad()
        vectors = [self._embed(words) for words in documents]
        loss = torch.cat(vectors).pow(2).mean()
        loss.backward()
        gradient = self._model.get_input_embeddings().weight.grad
        return {"loss": loss.item(), "norm": gradient.norm().item()}

    def _embed(self, words: list[str]) -> torch.Tensor:
        pieces = [self._tokenizer(word, add_special_tokens=False)["input_ids"] for word in words]
        ids = [i for piece in pieces for i in piece]
        chunks = [ids[i : i + CONTENT] for i in range(0, len(ids), CONTENT)]
        rows = torch.cat([self._run(chunk) for chunk in chunks]).split([len(piece) for piece in pieces])
        return torch.stack([row.mean(0) for row in rows])

    def _run(self, ids: list[int]) -> torch.Tensor:
        around = [self._tokenizer.cls_token_id, *ids, self._tokenizer.sep_token_id]
        return self._model(torch.tensor([around])).last_hidden_state[0, 1:-1]


if __name__ == "__main__":
    serve(Naive)
