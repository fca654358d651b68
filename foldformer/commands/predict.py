"""`foldformer predict`."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from foldformer.commands.archive_options import Archive, CudaDevice, TrustArchive, WeightsFile
from foldformer.commands.failures import failures_named
from foldformer.commands.options import IncludePackage, Overrides, include_packages
from foldformer.config import ConfigurationError
from foldformer.config.nearest import one_of
from foldformer.config.trust import archives_trusted
from foldformer.data import DatasetReader, MultiTaskDatasetReader
from foldformer.text.text_files import read_lines
from foldformer.training.archives.read import load_archive
from foldformer.training.predictors import JsonDict, Predictor

Item = TypeVar("Item")


def command(
    archive: Archive,
    input_file: Annotated[
        str, typer.Argument(metavar="INPUT", help="JSON objects, one a line; - is standard input.", show_default=False)
    ],
    output_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write here, not to standard output.")
    ] = None,
    use_dataset_reader: Annotated[
        bool, typer.Option("--use-dataset-reader", help="INPUT is data as in training, read by the model's reader.")
    ] = False,
    dataset_reader_choice: Annotated[
        str, typer.Option(metavar="NAME", help='Which reader: "validation" or "train".')
    ] = "validation",
    multitask_head: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --use-dataset-reader: the task whose reader reads INPUT.")
    ] = None,
    batch_size: Annotated[int, typer.Option(metavar="N", min=1, help="Instances in a batch.")] = 1,
    predictor: Annotated[str | None, typer.Option(metavar="NAME", help="By default the one the model names.")] = None,
    predictor_args: Annotated[str, typer.Option(metavar="JSON", help="More arguments of the predictor.")] = "",
    weights_file: WeightsFile = None,
    cuda_device: CudaDevice = -1,
    overrides: Overrides = "",
    silent: Annotated[bool, typer.Option("--silent", help="Accepted; with a file, nothing is printed.")] = False,
    trust_archive: TrustArchive = False,
    include_package: IncludePackage = [],  # noqa: B006  (typer reads it, nobody changes it)
) -> None:
    """Let a trained model predict, line by line.

    Without --use-dataset-reader a line is {"sentence": "..."}, or {"words": [...]} for a tagger.
    """
    del silent
    include_packages(include_package)
    with failures_named(), archives_trusted(trust=trust_archive), ExitStack() as stack:
        opened = load_archive(archive, cuda_device, overrides, weights_file)
        chosen = Predictor.from_archive(opened, predictor, dataset_reader_choice, _arguments(predictor_args))
        output = sys.stdout if output_file is None else stack.enter_context(output_file.open("w", encoding="utf-8"))
        is_train = dataset_reader_choice == "train"
        reader = opened.dataset_reader if is_train else opened.validation_dataset_reader
        reader = _reader_of_head(reader, multitask_head) if use_dataset_reader else reader
        if use_dataset_reader and input_file == "-":
            raise ConfigurationError("INPUT: got -, which a dataset reader cannot read; expected a path")
        if use_dataset_reader:
            results = (chosen.predict_batch_instance(each) for each in batches_of(reader.read(input_file), batch_size))
        else:
            results = (_predict(chosen, each) for each in batches_of(_objects(chosen, input_file), batch_size))
        for outputs in results:
            output.writelines(chosen.dump_line(each) for each in outputs)


def _reader_of_head(reader: DatasetReader, head: str | None) -> DatasetReader:
    """The reader of one task, where there are several."""
    if not isinstance(reader, MultiTaskDatasetReader):
        if head is not None:
            raise ConfigurationError(f"--multitask-head: got {head}, but the model has one task; expected none")
        return reader
    if head is None or head not in reader.readers:
        raise ConfigurationError(f"--multitask-head: got {head or 'none'}; expected {one_of(list(reader.readers))}")
    return reader.readers[head]


def batches_of(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Cut a stream into lists of `size`, the last one perhaps shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _predict(predictor: Predictor, batch: list[tuple[str, JsonDict]]) -> list[JsonDict]:
    try:
        return predictor.predict_batch_json([each for _, each in batch])
    except ConfigurationError as error:
        first, last = batch[0][0], batch[-1][0]
        raise ConfigurationError(f"{first if first == last else f'{first} to {last}'}: {error}") from error


def _objects(predictor: Predictor, input_file: str) -> Iterator[tuple[str, JsonDict]]:
    """Yield each object of the input and where it stands."""
    named = ((f"line {number}", text) for number, text in enumerate(sys.stdin, start=1))
    if input_file != "-":
        named = ((f"{line.file}:{line.number}", line.text) for line in read_lines(Path(input_file)))
    for place, text in named:
        if not text.strip():
            continue
        try:
            yield place, predictor.load_line(text)
        except ConfigurationError as error:
            raise ConfigurationError(f"{place}: {error}") from error


def _arguments(text: str) -> dict[str, Any]:
    try:
        arguments = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"--predictor-args: got {text}; expected a JSON object: {error}") from error
    if not isinstance(arguments, dict):
        raise ConfigurationError(f"--predictor-args: got {text}; expected a JSON object")
    return arguments
