"""The practical limit: what somebody who knows this hardware writes by hand with plain transformers, for BERT only.

One tokenizer call, all segments of all documents sorted by length, micro-batches under a token budget, no mask where
nothing is padded, one output array, word averages by one sparse sum. No checks, no generality, nothing bounded.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer
from typing_extensions import override

from benchmarks.peers.protocol import Documents, Peer, serve

CONTENT = 510


class HandPacked(Peer):
    """Plain transformers, packed by hand.

    Args:
        options: "model" is the folder, "budget" the most wordpieces in a micro-batch, "dtype" a name of torch's.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(options["model"])
        dtype = getattr(torch, options["dtype"])
        self._model = AutoModel.from_pretrained(options["model"], dtype=dtype, add_pooling_layer=False).eval()
        self._budget = options["budget"]
        self._around = (self._tokenizer.cls_token_id, self._tokenizer.sep_token_id)
        self._optimizer = torch.optim.AdamW(self._model.parameters(), lr=1e-5)

    @override
    def embed(self, documents: Documents) -> list[np.ndarray]:
        with torch.inference_mode():
            pooled = self._words(documents).numpy()
        return np.split(pooled, np.cumsum([len(words) for words in documents])[:-1])

    @override
    def train_step(self, documents: Documents) -> None:
        self._model.train()
        self._optimizer.zero_grad()
        self._words(documents).pow(2).mean().backward()
        self._optimizer.step()

    @override
    def gradients(self, documents: Documents) -> dict[str, float]:
        self._model.eval()
        self._model.zero_grad()
        loss = self._words(documents).pow(2).mean()
        loss.backward()
        return {"loss": loss.item(), "norm": self._model.get_input_embeddings().weight.grad.norm().item()}

    @override
    def prepare(self, documents: Documents) -> None:
        list(self._batches(self._cut(documents)[0]))

    def _words(self, documents: Documents) -> torch.Tensor:
        segments, word_of_piece, num_words = self._cut(documents)
        starts = np.cumsum([0, *map(len, segments)])
        totals = torch.zeros(num_words, self._model.config.hidden_size)
        for chosen, ids, mask in self._batches(segments):
            output = self._run(ids, mask)[:, 1:-1]
            hidden = output.flatten(0, 1) if mask is None else output[mask[:, 2:].bool()]
            rows = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in chosen])
            totals.index_add_(0, torch.from_numpy(word_of_piece[rows]), hidden.float())
        counts = torch.from_numpy(np.bincount(word_of_piece, minlength=num_words))
        return totals.div_(counts.clamp(min=1).unsqueeze(1))

    def _run(self, ids: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Run one micro-batch. (rows, width) -> (rows, width, dim)"""
        return self._model(ids, attention_mask=mask).last_hidden_state

    def _cut(self, documents: Documents) -> tuple[list[np.ndarray], np.ndarray, int]:
        """Return segments without special tokens, and for each wordpiece its word among the words of all documents."""
        segments, words_of, num_words = [], [], 0
        for words, encoding in zip(documents, self._encode(documents), strict=True):
            ids = np.array(encoding.ids)
            segments += [ids[i : i + CONTENT] for i in range(0, len(ids), CONTENT)]
            words_of.append(np.array(encoding.word_ids, dtype=np.int64) + num_words)
            num_words += len(words)
        return segments, np.concatenate(words_of), num_words

    def _encode(self, documents: Documents) -> list[Any]:
        fast = self._tokenizer.backend_tokenizer
        fast.no_truncation()
        fast.no_padding()
        return fast.encode_batch(documents, is_pretokenized=True, add_special_tokens=False)

    def _batches(self, segments: list[np.ndarray]) -> Iterator[tuple[np.ndarray, torch.Tensor, torch.Tensor | None]]:
        lengths = np.array([len(segment) + 2 for segment in segments])
        order = np.argsort(-lengths, kind="stable")
        start = 0
        while start < len(order):
            width = lengths[order[start]]
            chosen = order[start : start + max(1, self._budget // width)]
            yield chosen, *self._rows([segments[i] for i in chosen], width)
            start += len(chosen)

    def _rows(self, segments: list[np.ndarray], width: int) -> tuple[torch.Tensor, torch.Tensor | None]:
        ids = np.zeros((len(segments), width), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, segment in enumerate(segments):
            ids[row, : len(segment) + 2] = [self._around[0], *segment, self._around[1]]
            mask[row, : len(segment) + 2] = 1
        return torch.from_numpy(ids), None if mask.all() else torch.from_numpy(mask)


if __name__ == "__main__":
    serve(HandPacked)
