"""Split running text into sentences or paragraphs, and find where its wordpieces may be cut."""

from foldformer.text.splitters.cut_places import CutPlaces
from foldformer.text.splitters.fixed import FixedSplitter
from foldformer.text.splitters.paragraphs import ParagraphSplitter
from foldformer.text.splitters.sentences import SentenceSplitter
from foldformer.text.splitters.spacy import SpacySplitter
from foldformer.text.splitters.splitter import Splitter

__all__ = ["CutPlaces", "FixedSplitter", "ParagraphSplitter", "SentenceSplitter", "SpacySplitter", "Splitter"]
