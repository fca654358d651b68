"""Corpora in, Parquet out."""

from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.inputs import Input, InputOptions, KeptKey, Keys
from foldformer.corpus.output.shard import Shard
from foldformer.corpus.reading.load import load_corpus
from foldformer.corpus.runs.embed_corpus import embed_corpus
from foldformer.corpus.runs.options import RayOptions, RunOptions
from foldformer.corpus.runs.summary import Summary
from foldformer.embedding.document_embedder import DocumentEmbedder
from foldformer.embedding.embedded_document import EmbeddedDocument

__all__ = [
    "CorpusError",
    "DocumentEmbedder",
    "EmbeddedDocument",
    "Input",
    "InputOptions",
    "KeptKey",
    "Keys",
    "RayOptions",
    "RunOptions",
    "Shard",
    "Summary",
    "embed_corpus",
    "load_corpus",
]
