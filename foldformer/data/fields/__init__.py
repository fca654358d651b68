"""Fields: the pieces of an instance, one class a file."""

from foldformer.data.fields.field import DataArray, Field
from foldformer.data.fields.label_field import LabelField
from foldformer.data.fields.metadata_field import MetadataField
from foldformer.data.fields.sequence_field import SequenceField
from foldformer.data.fields.sequence_label_field import SequenceLabelField
from foldformer.data.fields.text_field import TextField, TextFieldTensors

__all__ = [
    "DataArray",
    "Field",
    "LabelField",
    "MetadataField",
    "SequenceField",
    "SequenceLabelField",
    "TextField",
    "TextFieldTensors",
]
