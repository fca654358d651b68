"""Corpora in, Parquet out."""

from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.document_embedder import DocumentEmbedder
from foldformer.corpus.embed_corpus import embed_corpus
from foldformer.corpus.embedded_document import EmbeddedDocument
from foldformer.corpus.inputs import Input, InputOptions, KeptKey, Keys
from foldformer.corpus.load import load_corpus
from foldformer.corpus.plan import Shard
from foldformer.corpus.run_options import RayOptions, RunOptions
from foldformer.corpus.summary import Summary

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
