"""`foldformer evaluate`."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.progress import track

from foldformer.commands.archive_options import Archive, BatchSize, CudaDevice, TrustArchive, WeightsFile
from foldformer.commands.failures import failures_named
from foldformer.commands.options import IncludePackage, Overrides, include_packages
from foldformer.commands.tables import print_table
from foldformer.config import ConfigurationError, Params
from foldformer.config.trust import archives_trusted, built_from
from foldformer.data.data_loaders import DataLoader
from foldformer.training.archives.read import Archive as OpenArchive
from foldformer.training.archives.read import load_archive
from foldformer.training.evaluation import evaluate
from foldformer.training.predictors import Predictor
from foldformer.training.report.metrics_files import write_metrics
from foldformer.training.state.random_state import set_seeds

_SEEDS = {"random_seed": 13370, "numpy_seed": 1337, "pytorch_seed": 133}


def command(
    archive: Archive,
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="Data with labels; several: with commas.", show_default=False)
    ],
    output_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the metrics here, as JSON.")] = None,
    predictions_output_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the predictions here, one JSON object an instance.")
    ] = None,
    batch_size: BatchSize = None,
    batch_weight_key: Annotated[
        str, typer.Option(metavar="NAME", help="What the model gives under this name weights the loss of a batch.")
    ] = "",
    weights_file: WeightsFile = None,
    cuda_device: CudaDevice = -1,
    overrides: Overrides = "",
    trust_archive: TrustArchive = False,
    include_package: IncludePackage = [],  # noqa: B006  (typer reads it, nobody changes it)
) -> None:
    """Compute a trained model's metrics on data."""
    include_packages(include_package)
    with failures_named(), archives_trusted(trust=trust_archive):
        opened = load_archive(archive, cuda_device, overrides, weights_file)
        metrics: dict[str, Any] = {}
        paths = [data] if Path(data).exists() else list(dict.fromkeys(data.split(",")))
        for path, prefix in zip(paths, prefixes(paths), strict=True):
            found = _evaluate(opened, path, batch_size, batch_weight_key)
            metrics.update({f"{prefix}{name}": value for name, value in found.items()})
        if predictions_output_file is not None:
            _write_predictions(opened, paths, predictions_output_file, batch_size or 32)
    if output_file is not None:
        write_metrics(output_file, metrics)
    print_table(("metric", "value"), [(name, f"{value:.6g}") for name, value in metrics.items()])


def prefixes(paths: list[str]) -> list[str]:
    """What tells the metrics of several files apart: their names, and as many folders as it takes.

    a/test.jsonl, dev.jsonl        test_, dev_
    a/test.jsonl, b/test.jsonl     a_test_, b_test_
    """
    if len(paths) == 1:
        return [""]
    split = [Path(path).with_suffix("").parts for path in paths]
    for depth in range(1, max(map(len, split)) + 1):
        names = ["_".join(parts[-depth:]) for parts in split]
        if len(set(names)) == len(names):
            return [f"{name}_" for name in names]
    return [f"{path}_" for path in paths]


def _evaluate(archive: OpenArchive, path: str, batch_size: int | None, batch_weight_key: str) -> Mapping[str, Any]:
    # The seeds of the training, so that data that is shuffled comes in the same order every time.
    set_seeds(*(archive.config.get(key, default) for key, default in _SEEDS.items()))
    reader = archive.validation_dataset_reader
    reader.labels_required = True
    with built_from("archive"):
        loader = DataLoader.from_params(_loader_block(archive, batch_size), reader=reader, data_path=path)
    loader.index_with(archive.model.vocab)
    try:
        total: int | None = len(loader)
    except TypeError:
        total = None
    with shown(loader, total) as batches:
        return evaluate(archive.model, batches, batch_weight_key=batch_weight_key)


@contextmanager
def shown(loader: Iterable[Mapping[str, Any]], total: int | None) -> Iterator[Iterable[Mapping[str, Any]]]:
    """Show how far the evaluation is; after an error, too, the thread that draws ends here.

    Else Python 3.13 would wait for it without end when it exits.
    """
    batches = track(loader, "evaluating", total=total, transient=True)
    with closing(cast("Generator[Mapping[str, Any], None, None]", batches)):
        yield batches


def _loader_block(archive: OpenArchive, batch_size: int | None) -> Params:
    block = archive.config.get("validation_data_loader") or archive.config.get("data_loader")
    if not isinstance(block, Params):
        raise ConfigurationError("archive: config.json has no data_loader")
    settings = block.as_dict(quiet=True)
    if batch_size is not None and "batch_sampler" in settings:
        settings["batch_sampler"] = {**settings["batch_sampler"], "batch_size": batch_size}
    elif batch_size is not None:
        settings["batch_size"] = batch_size
    return Params(settings)


def _write_predictions(archive: OpenArchive, paths: list[str], file: Path, batch_size: int) -> None:
    from foldformer.commands.predict import batches_of

    predictor = Predictor(archive.model, archive.validation_dataset_reader)
    with file.open("w", encoding="utf-8") as output:
        for path in paths:
            for batch in batches_of(archive.validation_dataset_reader.read(path), batch_size):
                output.writelines(predictor.dump_line(each) for each in predictor.predict_batch_instance(batch))
