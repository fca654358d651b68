"""The best tree over the words of a sentence, by the algorithm of Chu and Liu, and of Edmonds."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from foldformer.config import ConfigurationError

Heads = dict[int, int]
"""Head of each word but the root."""


def decode_mst(
    energy: NDArray[np.floating], length: int, has_labels: bool = True
) -> tuple[NDArray[np.int32], NDArray[np.int32] | None]:
    """Find the tree whose arcs have the largest sum of scores, with word 0 as root.

    Args:
        energy: Score of the arc from a head to a word. (labels, heads, words), or without labels (heads, words)
        length: Number of words, the root included; what follows is padding.
        has_labels: Whether arcs have labels, of which each takes its best.

    Returns:
        Head of each word, -1 for the root and 0 for padding; and the labels, 1 for padding, or None. (words,) each

    Raises:
        ConfigurationError: The scores have another number of dimensions.
    """
    if energy.ndim != (3 if has_labels else 2):
        raise ConfigurationError(
            f"energy: got {energy.ndim} dimensions; expected {3 if has_labels else 2}, as there are "
            f"{'' if has_labels else 'no '}labels"
        )
    scores = energy[..., :length, :length].astype(np.float64)
    best = scores.max(axis=0) if has_labels else scores
    found = _best_tree({word: {head: best[head, word] for head in range(length) if head != word}
                        for word in range(1, length)})  # fmt: skip
    heads = np.zeros(energy.shape[-1], dtype=np.int32)
    heads[0] = -1
    for word, head in found.items():
        heads[word] = head
    if not has_labels:
        return heads, None
    labels = np.ones(energy.shape[-1], dtype=np.int32)
    labels[:length] = scores.argmax(axis=0)[heads[:length], np.arange(length)]
    return heads, labels


def _best_tree(arcs: Mapping[int, Mapping[int, float]]) -> Heads:
    """Choose a head for each node, so that no cycle is left.

    Args:
        arcs: For each node but the root, the scores of its heads.
    """
    heads = {node: max(own, key=lambda head: own[head]) for node, own in arcs.items()}
    cycle = _cycle(heads)
    if not cycle:
        return heads
    # The cycle becomes one node. An arc into it takes the place of one within, and so costs the difference.
    merged = max(max(own) for own in arcs.values()) + max(arcs) + 1
    outside: dict[int, dict[int, float]] = {merged: {}}
    entered: dict[int, int] = {}  # head outside -> the node of the cycle that it would reach
    left: dict[int, int] = {}  # node outside -> its best head in the cycle
    for node in cycle:
        for head, score in arcs[node].items():
            gain = score - arcs[node][heads[node]]
            if head not in cycle and (head not in entered or gain > outside[merged][head]):
                outside[merged][head], entered[head] = gain, node
    for node, own in arcs.items():
        if node not in cycle:
            outside[node] = {head: score for head, score in own.items() if head not in cycle}
            left[node] = max(cycle, key=lambda head: own.get(head, -np.inf))
            outside[node][merged] = own[left[node]]
    tree = _best_tree(outside)
    into = tree.pop(merged)
    whole = {node: left[node] if head == merged else head for node, head in tree.items()}
    return {**whole, **{node: heads[node] for node in cycle}, entered[into]: into}


def _cycle(heads: Heads) -> list[int]:
    """The nodes of a cycle; none where there is none."""
    done: set[int] = set()
    for start in heads:
        path: list[int] = []
        node = start
        while node in heads and node not in done:
            if node in path:
                return path[path.index(node) :]
            path.append(node)
            node = heads[node]
        done.update(path)
    return []
