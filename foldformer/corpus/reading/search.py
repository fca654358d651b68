"""Exact nearest neighbours in a corpus, streamed: for people who want to look at what they made."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foldformer.config import ConfigurationError
from foldformer.config.nearest import show
from foldformer.corpus.output.fingerprint import tokenizer_checksum
from foldformer.corpus.reading.hits import Hit, PieceTable
from foldformer.corpus.reading.load import Corpus, scaled, vectors_of
from foldformer.embedding.document_embedder import DocumentEmbedder
from foldformer.embedding.embedded_document import EmbeddedDocument
from foldformer.text.tokenizers import WhitespaceTokenizer

_BRACKETS = re.compile(r"\[([^\[\]]+)\]")


def embedder_of(corpus: Corpus, **changes: Any) -> DocumentEmbedder:
    """The embedder that a corpus was made with.

    Args:
        corpus: The corpus.
        changes: Parameters to replace, for instance `device`.

    Raises:
        ConfigurationError: The model is not where it was, or is another one, or words were split by a tokenizer that
            `changes` lack.
    """
    said = corpus.description
    splitter = said["word_tokenizer"]
    if splitter not in (None, WhitespaceTokenizer.__name__) and "word_tokenizer" not in changes:
        raise ConfigurationError(
            f"word_tokenizer: got none; expected the {splitter} that split this corpus into words, whose settings a "
            "corpus does not keep: embedder_of(corpus, word_tokenizer=...) in foldformer.corpus.reading.search takes it"
        )
    modes = {"word": {"word_mode": said["mode"]}, "document": {"document_mode": said["mode"]}}
    names = ("max_length", "level", "layers", "dtype", "embedder")
    windows = {name: said[name] for name in ("overlap", "overlap_mode", "cut", "pool_special_tokens") if name in said}
    options = {**{name: said[name] for name in names}, **windows, **modes.get(said["level"], {}), **changes}
    if said["level"] == "span":  # a query is one span
        options["level"] = "document"
    embedder = DocumentEmbedder(options.pop("model_name", said["model"]), **options)
    _check_model(corpus, embedder)
    return embedder


def _check_model(corpus: Corpus, embedder: DocumentEmbedder) -> None:
    """Check that vectors of an embedder may be compared with those of a corpus."""
    said, now = corpus.description, embedder.description
    if embedder.dim != said["dim"]:
        differs = f"whose vectors have {embedder.dim} numbers instead of {said['dim']}"
    elif now["dtype"] == said["dtype"] and embedder.weights_fingerprint() != corpus.manifest.fingerprint.get("weights"):
        differs = "whose weights are not those that the corpus was made with"
    elif tokenizer_checksum(now) != corpus.manifest.fingerprint.get("tokenizer"):
        differs = "whose tokenizer is not the one that the corpus was made with"
    else:
        return
    raise ConfigurationError(
        f"--model: got {show(now['model'])}, {differs}; expected {show(said['model'])} as it was then, wherever it is "
        "now; or embed the corpus anew"
    )


def query_vector(text: str, embedder: DocumentEmbedder) -> NDArray[np.float32]:
    """The vector of a query: of what stands in brackets, `the [bank] of the river`, otherwise of all of it. (dim,)

    Raises:
        ConfigurationError: The query is no valid Unicode, has no vector, or brackets where only whole documents have
            vectors.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ConfigurationError(
            f"TEXT: got what is no UTF-8 at character {error.start}; expected text; set the terminal to UTF-8"
        ) from error
    match = _BRACKETS.search(text)
    plain = text if match is None else text[: match.start()] + match[1] + text[match.end() :]
    (document,) = embedder.embed([plain])
    chosen = np.ones(len(document.pieces), dtype=bool)
    if match is not None:
        chosen = _overlap(document, match.start(), match.start() + len(match[1]), embedder)
    if not chosen.any():
        raise ConfigurationError(f"TEXT: got {show(text)}, of which nothing has a vector; expected some words")
    mean: NDArray[np.float32] = document.vectors[chosen].mean(axis=0)
    return mean


def nearest_pieces(corpus: Corpus, query: NDArray[np.float32], top: int) -> list[Hit]:
    """The pieces whose vectors have the largest cosine with the query's, the nearest first.

    One row group is in memory at a time.

    Args:
        corpus: Where to look.
        query: (dim,)
        top: How many.
    """
    unit = query / max(float(np.linalg.norm(query)), np.finfo(np.float32).tiny)
    hits: list[Hit] = []
    for batch in corpus.row_groups(corpus.vector_columns):
        vectors = scaled(*vectors_of(batch))
        norms = np.maximum(np.linalg.norm(vectors, axis=1), np.finfo(np.float32).tiny)
        scores = vectors @ unit / norms
        best = np.argsort(-scores, kind="stable")[:top]
        table = PieceTable(batch)
        found = [table.hit(int(index), float(scores[index])) for index in best]
        hits = sorted([*hits, *found], key=lambda hit: -hit.score)[:top]
    return hits


def _overlap(document: EmbeddedDocument, start: int, end: int, embedder: DocumentEmbedder) -> NDArray[np.bool_]:
    if embedder.description["level"] == "document":
        raise ConfigurationError(
            "TEXT: got brackets; expected none, as this corpus has one vector a document or a span"
        )
    if document.starts is None or document.ends is None:
        raise ConfigurationError("TEXT: got brackets; expected none, as this model's tokenizer tells no characters")
    overlapping: NDArray[np.bool_] = (document.starts < end) & (document.ends > start)
    return overlapping
