"""A tagger whose transformer trains, under several rules."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from benchmarks.windows.features import NUM_SPECIAL
from benchmarks.windows.rules import Rule
from benchmarks.windows.store import Arrays, Store
from benchmarks.windows.treebank import Treebank
from embedders import PretrainedTransformerMismatchedEmbedder
from foldformer.data import Batch, Instance, TextField
from foldformer.text import Token, Vocabulary
from indexers import PretrainedTransformerMismatchedIndexer

LEARNING_RATE = 5e-4
BATCH = 8
EPOCHS = 2
RULES = [Rule(size, part) for size in (30, 126) for part in (0.0, 1 / 4)]


def fine_tune(store: Store, model: Path, name: str, rule: Rule, parts: tuple[Treebank, Treebank], seed: int) -> Arrays:
    """Return `tags`, whether the part of speech of each test word is right. (words,)"""
    return store.get(f"fine-tuning {name} {rule.name} {seed}", lambda: {"tags": _train(model, rule, parts, seed)})


def _train(model: Path, rule: Rule, parts: tuple[Treebank, Treebank], seed: int) -> np.ndarray:
    train, test = parts
    torch.manual_seed(seed)
    options = {"max_length": rule.size + NUM_SPECIAL, "overlap": rule.overlap}
    indexer = PretrainedTransformerMismatchedIndexer(str(model), **options)
    embedder = PretrainedTransformerMismatchedEmbedder(str(model), overlap_mode=rule.mode, **options)
    linear = torch.nn.Linear(embedder.get_output_dim(), len(train.tag_names))
    optimizer = torch.optim.AdamW([*embedder.parameters(), *linear.parameters()], lr=LEARNING_RATE, weight_decay=0.0)
    steps = EPOCHS * -(-len(train.documents) // BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    tags = np.split(train.tags, np.cumsum([len(words) for words in train.documents])[:-1])
    generator = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        order = generator.permutation(len(train.documents))
        for chosen in np.split(order, range(BATCH, len(order), BATCH)):
            scores = _scores(embedder, linear, indexer, [train.documents[i] for i in chosen])
            loss = cross_entropy(scores, torch.from_numpy(np.concatenate([tags[i] for i in chosen])))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(embedder.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    embedder.eval()
    with torch.no_grad():
        predicted = [
            _scores(embedder, linear, indexer, test.documents[i : i + BATCH]).argmax(1)
            for i in range(0, len(test.documents), BATCH)
        ]
    return torch.cat(predicted).numpy() == test.tags


def _scores(embedder: torch.nn.Module, linear: torch.nn.Module, indexer: object, documents: list[list[str]]) -> Tensor:
    """Score the words of documents, one document after the other. (words, tags)"""
    fields = [TextField([Token(word) for word in words], {"tokens": indexer}) for words in documents]
    batch = Batch([Instance({"text": field}) for field in fields])
    batch.index_instances(Vocabulary())
    tensors = batch.as_tensor_dict()["text"]["tokens"]
    return linear(embedder(**tensors)[tensors["mask"]])
