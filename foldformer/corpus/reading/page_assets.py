"""Style and script of the page that shows a document among the others of its corpus."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #667085; --paper: #fbfaf7; --card: #ffffff; --line: #e3e0d8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e4df; --soft: #98a2b3; --paper: #15181d; --card: #1d2127; --line: #333944; }
}
body { margin: 0 auto; max-width: 78rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
p { color: var(--soft); margin: .25rem 0 1rem; max-width: 52rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.1rem; }
.columns { display: grid; grid-template-columns: 3fr 2fr; gap: 0 1.25rem; align-items: start; }
.columns section { min-width: 0; }
@media (max-width: 50rem) { .columns { grid-template-columns: 1fr; } }
.pieces { line-height: 2.1; max-height: 32rem; overflow: auto; }
.piece { font: inherit; color: inherit; border: 0; border-radius: 4px; padding: .1em .2em; margin: 0; text-align: start;
  background: hsl(210 85% 50% / calc(var(--near, 0) * .65)); cursor: pointer; overflow-wrap: anywhere;
  unicode-bidi: isolate; white-space: pre-wrap; }
.piece:hover, .piece:focus-visible { outline: 2px solid hsl(210 60% 50%); }
.piece[aria-pressed=true] { background: hsl(24 95% 53%); color: #fff; }
.ramp { display: inline-block; width: 8rem; height: .7em; margin: 0 .5em; border-radius: 3px;
  background: linear-gradient(to right, hsl(210 85% 50% / 0), hsl(210 85% 50% / .65)); border: 1px solid var(--line); }
.scale { font-size: .85rem; }
#nearest { margin: 0; padding-left: 2.2rem; max-height: 32rem; overflow: auto; }
#nearest li { margin-bottom: .6rem; overflow-wrap: anywhere; }
#nearest bdi { white-space: pre-wrap; }
#nearest mark { background: hsl(210 85% 50% / .3); color: inherit; border-radius: 3px; padding: 0 .15em; }
.of { color: var(--soft); font-size: .85rem; }
svg { width: 100%; height: auto; display: block; }
.dot { fill: var(--soft); fill-opacity: .35; }
.own { fill: hsl(210 85% 50%); fill-opacity: calc(.15 + var(--near, 0) * .85); stroke: var(--card); cursor: pointer; }
.own.chosen { fill: hsl(24 95% 53%); fill-opacity: 1; }
#told { min-height: 1.6em; overflow-wrap: anywhere; unicode-bidi: isolate; }
"""

SCRIPT = """
const data = JSON.parse(document.getElementById("data").textContent);
const bytes = Uint8Array.from(atob(data.cosines), c => c.charCodeAt(0));
const cosines = new Int16Array(bytes.buffer), count = data.pieces.length;
const element = (name, className, text) => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};
const dot = (place, className, radius) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  made.setAttribute("cx", place[0]);
  made.setAttribute("cy", 560 - place[1]);
  made.setAttribute("r", radius);
  made.setAttribute("class", className);
  return made;
};
const tell = text => { document.getElementById("told").textContent = text; };
const shown = piece => piece.trim() === "" ? "\\u00a0" : piece;

const map = document.getElementById("map");
for (const [x, y, id, place, piece] of data.sample) {
  const made = dot([x, y], "dot", 4);
  made.addEventListener("mouseover", () => tell(`${piece} \\u2014 ${id}, piece ${place}`));
  map.append(made);
}
const dots = data.own.map((place, i) => {
  const made = dot(place, "own", 6);
  made.dataset.piece = i;
  made.addEventListener("mouseover", () => tell(`${data.pieces[i]} \\u2014 this document, piece ${i}`));
  made.addEventListener("click", () => choose(i));
  map.append(made);
  return made;
});
const buttons = data.pieces.map((piece, i) => {
  const made = element("button", "piece", shown(piece));
  made.type = "button";
  made.addEventListener("click", () => choose(i));
  const box = document.getElementById("pieces");
  if (i && !data.joined[i]) box.append(" ");
  box.append(made);
  return made;
});

const listed = ([score, id, place, piece, before, after]) => {
  const item = document.createElement("li"), words = document.createElement("bdi");
  words.append(before && before + " ", element("mark", "", shown(piece)), after && " " + after);
  item.append(words, document.createElement("br"), element("bdi", "of", `${score} \\u2014 ${id}, piece ${place}`));
  return item;
};
const choose = chosen => {
  const row = Array.from(cosines.subarray(chosen * count, (chosen + 1) * count), each => each / 32767);
  const others = row.filter((_, i) => i !== chosen);
  const least = Math.min(...others), most = Math.max(...others);
  row.forEach((cosine, i) => {
    const near = i === chosen ? 1 : most > least ? (cosine - least) / (most - least) : 0;
    for (const each of [buttons[i], dots[i]]) each.style.setProperty("--near", near.toFixed(3));
    buttons[i].title = `cosine ${cosine.toFixed(2)}`;
    buttons[i].setAttribute("aria-pressed", i === chosen);
    dots[i].classList.toggle("chosen", i === chosen);
  });
  map.append(dots[chosen]);
  document.getElementById("least").textContent = others.length ? least.toFixed(2) : "";
  document.getElementById("most").textContent = others.length ? most.toFixed(2) : "";
  document.getElementById("nearest").replaceChildren(...data.nearest[chosen].map(listed));
};
if (count) choose(0);
"""
