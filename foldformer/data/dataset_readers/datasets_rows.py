"""Rows of whatever Hugging Face datasets can load: the hub, saved folders, Parquet, Arrow, CSV and TSV files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.config.optional import import_optional
from foldformer.data.dataset_readers.dataset_reader import DatasetReaderInput
from foldformer.text.archives import FileContentError

Row = Mapping[str, Any]
_BUILDERS: dict[str, tuple[str, dict[str, Any]]] = {
    ".parquet": ("parquet", {}),
    ".arrow": ("arrow", {}),
    ".csv": ("csv", {}),
    ".tsv": ("csv", {"sep": "\t"}),
}
_SAVED = ("state.json", "dataset_dict.json")


@dataclass(frozen=True)
class RowSource:
    """Which rows of a dataset are wanted.

    Args:
        config_name: Of a dataset that has several.
        split: Of a dataset that has several; not of files.
        streaming: Do not download a dataset of the hub before it is read.
    """

    config_name: str | None = None
    split: str | None = None
    streaming: bool = False

    def rows(self, file_path: DatasetReaderInput, columns: tuple[str, ...]) -> Iterator[Row]:
        """Yield rows, class labels by their names.

        Args:
            file_path: Name on the hub, folder of `save_to_disk`, or a file, or several of these.
            columns: What every row must have.

        Raises:
            FileContentError: A column is missing.
            ConfigurationError: `split` is missing or unknown.
        """
        if isinstance(file_path, Mapping):
            names = one_of(list(file_path), "and")
            raise ConfigurationError(f"data path: got files by name ({names}); this reader expected a path or a list")
        for one in [file_path] if isinstance(file_path, (str, PathLike)) else file_path:
            yield from self._rows(fspath(one), columns)

    def _rows(self, path: str, columns: tuple[str, ...]) -> Iterator[Row]:
        dataset = self._split_of(path, self._load(path))
        features = dataset.features
        known = features if features is not None else next(iter(dataset), {})
        for column in columns:
            if column not in known:
                raise FileContentError(
                    f"{path}: got the columns {one_of(list(known), 'and')}; expected one named {show(column)}"
                    f"{did_you_mean(column, known)}"
                )
        names = {column: _names(features[column]) for column in columns} if features is not None else {}
        for row in dataset:
            yield {column: _named(row[column], names.get(column)) for column in columns}

    def _load(self, path: str) -> Any:
        datasets = import_optional("datasets", extra="datasets")
        if any((Path(path) / name).is_file() for name in _SAVED):
            return datasets.load_from_disk(path)
        if Path(path).suffix in _BUILDERS:
            if not Path(path).is_file():
                raise FileNotFoundError(f"{path}: there is no such file")
            builder, options = _BUILDERS[Path(path).suffix]
            return datasets.load_dataset(builder, data_files=path, split="train", streaming=True, **options)
        return datasets.load_dataset(path, self.config_name, split=self.split, streaming=self.streaming)

    def _split_of(self, path: str, dataset: Any) -> Any:
        if not isinstance(dataset, Mapping):
            return dataset
        names = list(dataset)
        if self.split not in dataset:
            hint = did_you_mean(self.split, names) if self.split else ""
            raise ConfigurationError(f"split: got {show(self.split)}; expected {one_of(names)}, those of {path}{hint}")
        return dataset[self.split]


def _names(feature: Any) -> list[str] | None:
    """Return the names of a class label, or of those of a list of them."""
    names: list[str] | None = getattr(getattr(feature, "feature", feature), "names", None)
    return names


def _named(value: Any, names: list[str] | None) -> Any:
    if names is None or value is None:
        return value
    if isinstance(value, list):
        return [_named(each, names) for each in value]
    return names[value] if isinstance(value, int) and value >= 0 else None  # -1: datasets' "no label"
