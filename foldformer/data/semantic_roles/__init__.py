"""Data for models of semantic roles."""

from foldformer.data.semantic_roles.ontonotes import Ontonotes, OntonotesSentence
from foldformer.data.semantic_roles.reader import SrlReader

__all__ = ["Ontonotes", "OntonotesSentence", "SrlReader"]
