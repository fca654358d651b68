"""Data loaders: from a reader and a path to batches of tensors."""

from foldformer.data.data_loaders.data_collator import DataCollator, DefaultDataCollator
from foldformer.data.data_loaders.data_loader import DataLoader, TensorDict
from foldformer.data.data_loaders.multiprocess import MultiProcessDataLoader
from foldformer.data.data_loaders.simple import SimpleDataLoader

__all__ = [
    "DataCollator",
    "DataLoader",
    "DefaultDataCollator",
    "MultiProcessDataLoader",
    "SimpleDataLoader",
    "TensorDict",
]
