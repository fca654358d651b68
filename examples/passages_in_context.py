"""The same sentence in two documents has two vectors, and other neighbours, once it has seen what stands around it.

    python examples/passages_in_context.py --model MODEL one.txt two.txt

Every line of a file is a passage, every file a document. The longest passage that both have is looked up, once by a
vector made of it alone, and once by each of the vectors that it has in context.
"""

import argparse
from itertools import accumulate
from pathlib import Path

import numpy as np

from foldformer.embedding import DocumentEmbedder, Spanned


def main() -> None:
    """Print the neighbours of a passage that two documents share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs=2, type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--max-length", type=int)
    parser.add_argument("--overlap", type=int, default=0)
    parser.add_argument("--top", type=int, default=3)
    arguments = parser.parse_args()
    documents = [
        [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()] for file in arguments.files
    ]
    shared = set(documents[0]) & set(documents[1])
    if not shared:
        raise SystemExit(f"{arguments.files[0]} and {arguments.files[1]} share no line; expected one passage in both")
    passage = max(shared, key=len)
    options = {"max_length": arguments.max_length, "overlap": arguments.overlap}
    embedder = DocumentEmbedder(arguments.model, level="span", normalize=True, **options)
    texts = [text for document in documents for text in document]
    print(f"passage: {passage}\n\nalone:")
    alone = np.concatenate(
        [each.vectors for each in embedder.embed([Spanned(text, [(0, len(text))]) for text in texts])]
    )
    show_neighbours(alone, texts, texts.index(passage), arguments.top)
    vectors = np.concatenate([each.vectors for each in embedder.embed(map(spanned, documents))])
    for number, file in enumerate(arguments.files):
        place = documents[number].index(passage) + number * len(documents[0])
        print(f"\nin {file.stem}:")
        show_neighbours(vectors, texts, place, arguments.top)


def spanned(lines: list[str]) -> Spanned:
    """Join lines to a document, with a span for each."""
    ends = list(accumulate(len(line) + 1 for line in lines))
    return Spanned("\n".join(lines), [(end - len(line) - 1, end - 1) for line, end in zip(lines, ends, strict=True)])


def show_neighbours(vectors: np.ndarray, texts: list[str], place: int, top: int) -> None:
    """Print the passages nearest to one that are not the same text."""
    cosines = vectors @ vectors[place]
    nearest = [int(index) for index in np.argsort(-cosines, kind="stable") if texts[index] != texts[place]]
    for index in nearest[:top]:
        print(f"  {cosines[index]:.3f}  {texts[index]}")


if __name__ == "__main__":
    main()
