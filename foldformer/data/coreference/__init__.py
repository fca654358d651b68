"""Data for models of coreference."""

from foldformer.data.coreference.instances import make_coref_instance
from foldformer.data.coreference.reader import ConllCorefReader

__all__ = ["ConllCorefReader", "make_coref_instance"]
