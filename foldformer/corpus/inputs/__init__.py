"""Documents out of text, JSON lines, CoNLL-U and Parquet, streamed from wherever they are."""

from foldformer.corpus.inputs.fields import KeptKey, Keys
from foldformer.corpus.inputs.reader import FORMATS, Input, InputOptions
from foldformer.corpus.inputs.record import BadRecord, Record, Text

__all__ = ["FORMATS", "BadRecord", "Input", "InputOptions", "KeptKey", "Keys", "Record", "Text"]
