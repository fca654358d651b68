"""Data: fields, instances, batches, and what turns tokens into tensors."""

from foldformer.data.batch import Batch
from foldformer.data.coreference import ConllCorefReader
from foldformer.data.data_loaders import DataCollator, DataLoader, TensorDict
from foldformer.data.dataset_readers import DatasetReader, DatasetReaderInput
from foldformer.data.fields import (
    AdjacencyField,
    ArrayField,
    DataArray,
    Field,
    FlagField,
    IndexField,
    LabelField,
    ListField,
    MetadataField,
    MultiLabelField,
    NamespaceSwappingField,
    SequenceField,
    SequenceLabelField,
    SpanField,
    TensorField,
    TextField,
    TextFieldTensors,
)
from foldformer.data.instance import Instance
from foldformer.data.multitask import MultiTaskDataLoader, MultiTaskDatasetReader
from foldformer.data.samplers import BatchSampler
from foldformer.data.semantic_roles import SrlReader
from foldformer.data.token_indexer import IndexedTokenList, TokenIndexer

__all__ = [
    "AdjacencyField",
    "ArrayField",
    "Batch",
    "BatchSampler",
    "ConllCorefReader",
    "DataArray",
    "DataCollator",
    "DataLoader",
    "DatasetReader",
    "DatasetReaderInput",
    "Field",
    "FlagField",
    "IndexField",
    "IndexedTokenList",
    "Instance",
    "LabelField",
    "ListField",
    "MetadataField",
    "MultiLabelField",
    "MultiTaskDataLoader",
    "MultiTaskDatasetReader",
    "NamespaceSwappingField",
    "SequenceField",
    "SequenceLabelField",
    "SpanField",
    "SrlReader",
    "TensorField",
    "TensorDict",
    "TextField",
    "TextFieldTensors",
    "TokenIndexer",
]
