"""Dependency trees in the form that the viewer Hierplane draws."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

_COLOURS = {
    "color1": "nsubj nsubjpass csubj csubjpass",
    "color2": "pobj dobj iobj mark pcomp xcomp ccomp acomp",
    "color3": "aux cop det conj cc prep number possesive poss discourse expletive prt advcl",
    "color4": "mod amod tmod quantmod npadvmod infmod advmod appos nn",
    "color0": "neg punct",
}
_SIDES = {
    "left": "nsubj nsubjpass csubj csubjpass",
    "right": "pobj dobj iobj pcomp xcomp ccomp acomp",
}
NODE_TYPE_TO_STYLE = {"root": ["color5", "strong"], "dep": ["color5", "strong"]} | {
    label: [colour] for colour, labels in _COLOURS.items() for label in labels.split()
}
"""How a word with a label is drawn."""
LINK_TO_POSITION = {label: side for side, labels in _SIDES.items() for label in labels.split()}
"""On which side of its head a word with a label is drawn."""


def hierplane_tree(
    words: Sequence[str], heads: Sequence[int], labels: Sequence[str], pos: Sequence[str]
) -> dict[str, Any]:
    """Draw a dependency tree.

    Args:
        words: Of a sentence.
        heads: Of each word, from 1; 0 is the root.
        labels: Of each word's arc.
        pos: The part of speech of each word.

    Returns:
        `text`, `root` with its `children`, `nodeTypeToStyle` and `linkToPosition`.

    Raises:
        ValueError: No word has the root as its head.
    """
    starts = list(accumulate((len(word) + 1 for word in words), initial=0))

    def node(place: int) -> dict[str, Any]:
        children = [node(other) for other, head in enumerate(heads) if head == place + 1]
        return {
            "word": words[place],
            "nodeType": labels[place],
            "attributes": [pos[place]],
            "link": labels[place],
            "spans": [{"start": starts[place], "end": starts[place + 1]}],
            **({"children": children} if children else {}),
        }

    return {
        "text": " ".join(words),
        "root": node(list(heads).index(0)),
        "nodeTypeToStyle": NODE_TYPE_TO_STYLE,
        "linkToPosition": LINK_TO_POSITION,
    }
