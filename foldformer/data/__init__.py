"""Data: fields, instances, batches, and what turns tokens into tensors."""

from foldformer.data.batch import Batch
from foldformer.data.dataset_readers import DatasetReader, DatasetReaderInput
from foldformer.data.fields import (
    DataArray,
    Field,
    LabelField,
    MetadataField,
    SequenceField,
    SequenceLabelField,
    TextField,
    TextFieldTensors,
)
from foldformer.data.instance import Instance
from foldformer.data.token_indexer import IndexedTokenList, TokenIndexer

__all__ = [
    "Batch",
    "DataArray",
    "DatasetReader",
    "DatasetReaderInput",
    "Field",
    "IndexedTokenList",
    "Instance",
    "LabelField",
    "MetadataField",
    "SequenceField",
    "SequenceLabelField",
    "TextField",
    "TextFieldTensors",
    "TokenIndexer",
]
