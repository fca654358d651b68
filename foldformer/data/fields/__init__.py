"""Fields: the pieces of an instance, one class a file."""

from foldformer.data.fields.adjacency_field import AdjacencyField
from foldformer.data.fields.field import DataArray, Field
from foldformer.data.fields.flag_field import FlagField
from foldformer.data.fields.index_field import IndexField
from foldformer.data.fields.label_field import LabelField
from foldformer.data.fields.list_field import ListField
from foldformer.data.fields.metadata_field import MetadataField
from foldformer.data.fields.multilabel_field import MultiLabelField
from foldformer.data.fields.namespace_swapping_field import NamespaceSwappingField
from foldformer.data.fields.sequence_field import SequenceField
from foldformer.data.fields.sequence_label_field import SequenceLabelField
from foldformer.data.fields.span_field import SpanField
from foldformer.data.fields.tensor_field import ArrayField, TensorField
from foldformer.data.fields.text_field import TextField, TextFieldTensors

__all__ = [
    "AdjacencyField",
    "ArrayField",
    "DataArray",
    "Field",
    "FlagField",
    "IndexField",
    "LabelField",
    "ListField",
    "MetadataField",
    "MultiLabelField",
    "NamespaceSwappingField",
    "SequenceField",
    "SequenceLabelField",
    "SpanField",
    "TensorField",
    "TextField",
    "TextFieldTensors",
]
