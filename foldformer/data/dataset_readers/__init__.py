"""Dataset readers: from files to instances, one registered class a file."""

from foldformer.data.dataset_readers.boolq import BoolQDatasetReader
from foldformer.data.dataset_readers.conll2003 import Conll2003DatasetReader
from foldformer.data.dataset_readers.dataset_reader import DatasetReader, DatasetReaderInput, PathOrStr
from foldformer.data.dataset_readers.datasets_classification import DatasetsClassificationReader
from foldformer.data.dataset_readers.datasets_tagging import DatasetsTaggingReader
from foldformer.data.dataset_readers.ontonotes_ner import OntonotesNamedEntityRecognition
from foldformer.data.dataset_readers.sequence_tagging import SequenceTaggingDatasetReader
from foldformer.data.dataset_readers.sharded import ShardedDatasetReader
from foldformer.data.dataset_readers.sharding import DistributedInfo, WorkerInfo
from foldformer.data.dataset_readers.snli import SnliReader
from foldformer.data.dataset_readers.sst_tokens import StanfordSentimentTreeBankDatasetReader
from foldformer.data.dataset_readers.tag_schemes import to_bioul
from foldformer.data.dataset_readers.text_classification_json import TextClassificationJsonReader
from foldformer.data.dataset_readers.transformer_superglue_rte import TransformerSuperGlueRteReader
from foldformer.data.dataset_readers.universal_dependencies import UniversalDependenciesDatasetReader

__all__ = [
    "BoolQDatasetReader",
    "Conll2003DatasetReader",
    "DatasetReader",
    "DatasetReaderInput",
    "DatasetsClassificationReader",
    "DatasetsTaggingReader",
    "DistributedInfo",
    "OntonotesNamedEntityRecognition",
    "PathOrStr",
    "SequenceTaggingDatasetReader",
    "ShardedDatasetReader",
    "SnliReader",
    "StanfordSentimentTreeBankDatasetReader",
    "TextClassificationJsonReader",
    "TransformerSuperGlueRteReader",
    "UniversalDependenciesDatasetReader",
    "WorkerInfo",
    "to_bioul",
]
