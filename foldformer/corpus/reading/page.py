"""A self-contained page that shows a document among the others of its corpus.

What comes from the corpus stands in the page as JSON, and the script puts it there as text: nothing of it is markup.
"""

import base64
import json
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from foldformer.corpus.reading.hits import Hit
from foldformer.corpus.reading.page_assets import SCRIPT, STYLE
from foldformer.corpus.reading.surroundings import Surroundings

LONGEST_TEXT = 2000
"""Characters of one piece that are shown in the document."""
LONGEST_QUOTE = 200
"""The same in a list or on the map."""


def surroundings_page(seen: Surroundings, corpus: str, model: str) -> str:
    """The page, as HTML without any other file.

    Args:
        seen: What is on it.
        corpus: Path or URL of the corpus.
        model: Name of the model.
    """
    title = f"{seen.document.id} in {corpus}"
    left = len(seen.document.pieces) - seen.num_pieces
    more = f" The last {left:,} of its pieces are left out." if left else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{escape(title)}</h1>
<p>Vectors of {escape(model)}. Click a piece: the nearer another is to it, the bluer it is.{more}</p>
<div class="columns">
<section><h2>The document</h2><div class="card pieces" id="pieces"></div>
<p class="scale"><span id="least"></span><span class="ramp"></span><span id="most"></span> cosine</p></section>
<section><h2>Nearest in other documents</h2><ol class="card" id="nearest"></ol></section>
</div>
<h2>The map</h2>
<p>{len(seen.sample):,} pieces of the corpus by chance, and those of the document, on the two principal components:
{seen.share:.0%} of the sample's variance. Point at a piece to read it.</p>
<div class="card"><svg id="map" viewBox="0 0 1000 560" role="img" aria-label="map of pieces"></svg>
<div id="told">&nbsp;</div></div>
<script type="application/json" id="data">{_json(_data(seen))}</script>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _json(data: Any) -> str:
    """JSON that a script element can hold: without a character that HTML knows."""
    text = json.dumps(data, separators=(",", ":"))  # ASCII
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _data(seen: Surroundings) -> dict[str, Any]:
    count = seen.num_pieces
    every = np.concatenate([seen.sample_points, seen.own_points])
    low, high = (every.min(axis=0), every.max(axis=0)) if len(every) else (np.zeros(2), np.ones(2))
    wide = np.where(high > low, high - low, 1)
    places = np.round(20 + (every - low) / wide * [960, 520], 1).tolist()
    num_sampled = len(seen.sample)
    return {
        "pieces": [_shortened(piece, LONGEST_TEXT) for piece in seen.document.pieces[:count]],
        "joined": _joined(seen),
        # little-endian, as every browser's machine is
        "cosines": base64.b64encode(np.rint(seen.cosines * 32767).astype("<i2").tobytes()).decode("ascii"),
        "nearest": [[_hit(hit) for hit in hits] for hits in seen.nearest],
        "sample": [[*place, *_quote(hit)] for place, hit in zip(places[:num_sampled], seen.sample, strict=True)],
        "own": places[num_sampled:],
    }


def _joined(seen: Surroundings) -> list[bool]:
    """Whether each piece begins where the one before it ends."""
    starts, ends = seen.document.starts, seen.document.ends
    if starts is None or ends is None:
        return [False] * seen.num_pieces
    return [False, *(starts[1 : seen.num_pieces] == ends[: seen.num_pieces - 1]).tolist()][: seen.num_pieces]


def _hit(hit: Hit) -> list[Any]:
    return [f"{hit.score:.3f}", *_quote(hit), _context(hit.before), _context(hit.after)]


def _quote(hit: Hit) -> list[Any]:
    return [hit.id, hit.place, _shortened(hit.piece, LONGEST_QUOTE)]


def _context(pieces: Sequence[str]) -> str:
    return _shortened(" ".join(pieces), LONGEST_QUOTE)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
