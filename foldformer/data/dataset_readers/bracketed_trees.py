"""Labelled trees written with brackets, one a line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from foldformer.text.text_files import Line

_PIECE = re.compile(r"[()]|[^\s()]+")


@dataclass(frozen=True)
class Node:
    """A node of a tree.

    Args:
        label: What stands behind its opening bracket.
        words: The words below it, in order.
    """

    label: str
    words: Sequence[str]


def read_tree(line: Line) -> list[Node]:
    """Read `(3 (2 It) (4 (2 's) (4 good)))` into its nodes, each before those below it, from left to right.

    Raises:
        FileContentError: The brackets do not match, a node has no label or nothing below it, or there is text outside.
    """
    words: list[str] = []
    nodes: list[tuple[str, int]] = []  # label, number of words before it
    ends: dict[int, int] = {}
    open_nodes: list[int] = []
    pieces = _PIECE.finditer(line.text)
    for piece in pieces:
        text, column = piece.group(), piece.start() + 1
        if text == "(":
            label = next(pieces, None)
            if label is None or label.group() in "()":
                raise line.error(
                    f"got no label behind the ( in column {column}; expected a tree: (label word-or-trees)"
                )
            if nodes and not open_nodes:
                raise line.error(f"got a second tree in column {column}; expected one tree a line")
            open_nodes.append(len(nodes))
            nodes.append((label.group(), len(words)))
        elif not open_nodes:
            raise line.error(f'got "{text}" outside the tree in column {column}; expected (label word-or-trees)')
        elif text == ")":
            ends[open_nodes.pop()] = len(words)
        else:
            words.append(text)
    if open_nodes or not nodes:
        raise line.error(f"got {len(open_nodes)} brackets that are never closed; expected one whole tree on every line")
    empty = [label for number, (label, start) in enumerate(nodes) if ends[number] == start]
    if empty:
        raise line.error(f'got a node "{empty[0]}" without words; expected words below every node')
    return [Node(label, words[start : ends[number]]) for number, (label, start) in enumerate(nodes)]
