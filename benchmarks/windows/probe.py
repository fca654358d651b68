"""A linear probe: how well one matrix finds a word's class in its vector."""

import numpy as np
import torch
from numpy.typing import NDArray

WEIGHT_DECAY = 1e-4
MOST_STEPS = 60
KEPT = 0.9
"""Part of the training documents that a seed draws."""


def predict(
    train: NDArray[np.float32],
    labels: NDArray[np.int64],
    test: NDArray[np.float32],
    documents: NDArray[np.int64],
    seed: int,
) -> NDArray[np.int64]:
    """Fit multinomial logistic regression on some of the training documents, and predict.

    Args:
        train: Vectors of training words. (words, dim)
        labels: Their classes. (words,)
        test: Vectors to predict for. (test words, dim)
        documents: Document of each training word. (words,)
        seed: Draws the documents.
    """
    generator = np.random.default_rng(seed)
    count = documents.max() + 1
    chosen = np.isin(documents, generator.choice(count, max(1, int(KEPT * count)), replace=False))
    mean, deviation = train[chosen].mean(0), train[chosen].std(0) + 1e-6
    inputs = torch.from_numpy((train[chosen] - mean) / deviation)
    targets = torch.from_numpy(labels[chosen])
    linear = torch.nn.Linear(inputs.size(1), int(labels.max()) + 1)
    torch.nn.init.zeros_(linear.weight)
    torch.nn.init.zeros_(linear.bias)
    optimizer = torch.optim.LBFGS(linear.parameters(), max_iter=MOST_STEPS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = torch.nn.functional.cross_entropy(linear(inputs), targets)
        value = value + WEIGHT_DECAY * linear.weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    with torch.no_grad():
        return linear(torch.from_numpy((test - mean) / deviation)).argmax(1).numpy()


def entity_counts(
    predicted: NDArray[np.int64], gold: NDArray[np.int64], documents: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Count right, predicted and gold entities of each document. (documents, 3)"""
    counts = np.zeros((documents.max() + 1, 3))
    spans = [_entities(tags, documents) for tags in (predicted, gold)]
    for start, _ in spans[0] & spans[1]:
        counts[documents[start], 0] += 1
    for column, found in enumerate(spans, 1):
        for start, _ in found:
            counts[documents[start], column] += 1
    return counts


def _entities(tags: NDArray[np.int64], documents: NDArray[np.int64]) -> set[tuple[int, int]]:
    """Return half-open spans of words; what goes on with nothing begins."""
    inside = tags > 0
    begins = inside & (tags == 1)
    begins[1:] |= inside[1:] & (~inside[:-1] | (documents[1:] != documents[:-1]))
    begins[:1] |= inside[:1]
    starts = np.flatnonzero(begins)
    stops = np.flatnonzero(begins | ~inside)
    places = np.searchsorted(stops, starts, side="right")
    ends = np.append(stops, len(tags))[places]
    return set(zip(starts.tolist(), ends.tolist(), strict=True))
