"""A self-contained page that shows how a text is folded and stitched."""

from collections.abc import Iterator
from html import escape

from foldformer.embedding.folded_text import FoldedText

NUM_COLOURS = 6

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #667085; --paper: #fbfaf7; --card: #ffffff; --line: #e3e0d8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e4df; --soft: #98a2b3; --paper: #15181d; --card: #1d2127; --line: #333944; }
}
body { margin: 0 auto; max-width: 70rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 2.25rem 0 .5rem; }
p { color: var(--soft); margin: .25rem 0 1rem; max-width: 46rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.1rem; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 2; }
.row { display: grid; grid-template-columns: 5.5rem 1fr; gap: .75rem; padding: .55rem 0; }
.row + .row { border-top: 1px solid var(--line); }
.name { color: var(--soft); font-size: .85rem; padding-top: .2rem; }
.pieces { display: flex; flex-wrap: wrap; gap: 3px; }
.w, .s { font: 13px/1.6 ui-monospace, monospace; border-radius: 4px; padding: 0 .35em; white-space: pre; }
.s { border: 1px dashed var(--soft); color: var(--soft); }
.w, .t { background: hsl(var(--h) 75% 50% / .22); }
.d { text-decoration: underline double; text-underline-offset: 3px; }
.t { border-radius: 3px; padding: .1em 0; }
.on { outline: 2px solid hsl(var(--h) 80% 45%); }
.c0 { --h: 210; } .c1 { --h: 35; } .c2 { --h: 145; } .c3 { --h: 330; } .c4 { --h: 265; } .c5 { --h: 5; }
"""
_SCRIPT = """
const mark = (target, on) => {
  const id = target.dataset && target.dataset.i;
  if (id !== undefined) document.querySelectorAll(`[data-i="${id}"]`).forEach(e => e.classList.toggle("on", on));
};
document.addEventListener("mouseover", event => mark(event.target, true));
document.addEventListener("mouseout", event => mark(event.target, false));
"""


def folded_page(folded: FoldedText, model_name: str) -> str:
    """The page, as HTML without any other file."""
    num_specials = len(folded.start) + len(folded.end)
    title = f"{len(folded.pieces):,} wordpieces in {len(folded.segments):,} segments"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{title}</h1>
<p>{escape(model_name)}, at most {folded.max_length:,} wordpieces in a segment, {num_specials} of them special tokens.
{_about_shared(folded)}Point at a wordpiece to see where it comes from and where it goes.</p>
<h2>The text</h2>
<div class="card text">{"".join(_text(folded))}</div>
<h2>Folded</h2>
<p>Each segment runs by itself, with its own special tokens: {folded.num_run:,} wordpieces run.</p>
<div class="card">{"".join(_segments(folded))}</div>
<h2>Stitched</h2>
<p>The special tokens are taken out; every wordpiece has one vector.</p>
<div class="card"><div class="pieces">{"".join(_stitched(folded))}</div></div>
<script>{_SCRIPT}</script>
</body>
</html>
"""


def _text(folded: FoldedText) -> Iterator[str]:
    if folded.characters is None:
        yield escape(folded.text)
        return
    shown = 0
    for number in range(len(folded.segments)):
        for i in folded.new_pieces(number):
            start, end = folded.characters[i]
            start = max(start, shown)  # wordpieces that share a character: it is shown once
            end = max(end, start)
            text = escape(folded.text[start:end])
            before = escape(folded.text[shown:start])
            yield f'{before}<span class="t {_colours(folded, i, number)}" data-i="{i}">{text}</span>'
            shown = end
    yield escape(folded.text[shown:])


def _segments(folded: FoldedText) -> Iterator[str]:
    for number, (first, last) in enumerate(folded.segments):
        yield f'<div class="row"><div class="name">segment {number + 1}</div><div class="pieces">'
        yield from map(_special, folded.start)
        yield from (_piece(folded, i, number) for i in range(first, last))
        yield from map(_special, folded.end)
        yield "</div></div>\n"


def _stitched(folded: FoldedText) -> Iterator[str]:
    for number in range(len(folded.segments)):
        yield from (_piece(folded, i, number) for i in folded.new_pieces(number))


def _about_shared(folded: FoldedText) -> str:
    if not folded.shared:
        return ""
    return (
        f"Underlined: {len(folded.shared):,} wordpieces that several segments hold, drawn in the first one's colour. "
    )


def _piece(folded: FoldedText, i: int, segment: int) -> str:
    return f'<span class="w {_colours(folded, i, segment)}" data-i="{i}">{escape(folded.pieces[i])}</span>'


def _special(token: str) -> str:
    return f'<span class="s">{escape(token)}</span>'


def _colours(folded: FoldedText, i: int, segment: int) -> str:
    return f"c{segment % NUM_COLOURS}{' d' if i in folded.shared else ''}"
