"""`foldformer train`."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from foldformer.commands.archive_options import TrustArchive
from foldformer.commands.failures import failures_named
from foldformer.commands.options import (
    Arguments,
    ExtVars,
    FileOptions,
    IncludePackage,
    Overrides,
    include_packages,
)
from foldformer.commands.tables import print_table
from foldformer.config import ConfigurationError, Experiment, Params, check
from foldformer.config.optional import import_optional
from foldformer.config.trust import archives_trusted
from foldformer.engine.heap import keep_freed_memory
from foldformer.models import Model
from foldformer.training.archives.names import ARCHIVE, CONFIG
from foldformer.training.distributed import is_primary
from foldformer.training.experiment_checks import problems_of_machine
from foldformer.training.folder import prepare_folder
from foldformer.training.train_model import TrainModel


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Experiment file.", show_default=False)],
    serialization_dir: Annotated[
        Path | None,
        typer.Option("--serialization-dir", "-s", metavar="DIR", help="New folder for all that comes out."),
    ] = None,
    overrides: Overrides = "",
    ext_vars: ExtVars = "",
    arguments: Arguments = "",
    recover: Annotated[bool, typer.Option("--recover", "-r", help="Go on with the training in DIR.")] = False,
    force: Annotated[bool, typer.Option("--force", "-f", help="Delete the training in DIR first.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Make all up to the first step, show data and model, train nothing.")
    ] = False,
    trust_archive: TrustArchive = False,
    include_package: IncludePackage = [],  # noqa: B006  (typer reads it, nobody changes it)
) -> None:
    """Train the model that an experiment file describes.

    The whole file is checked before anything is loaded. DIR gets the archive model.tar.gz, metrics.json, curves for
    TensorBoard, report.html and checkpoints, from which --recover goes on.
    """
    include_packages(include_package)
    config = Params(FileOptions(overrides, ext_vars, arguments).read(file))
    run_experiment(
        config, serialization_dir, recover=recover, force=force, dry_run=dry_run, trust_archive=trust_archive
    )


def run_experiment(
    config: Params,
    serialization_dir: Path | None,
    *,
    recover: bool = False,
    force: bool = False,
    dry_run: bool = False,
    trust_archive: bool = False,
) -> Model | None:
    """Check an experiment, and train.

    Args:
        config: The experiment.
        serialization_dir: Folder for all that comes out.
        recover: Go on with the training in the folder.
        force: Delete the training in the folder first.
        dry_run: Make all up to the first step, show data and model, and train nothing.
        trust_archive: Let an archive that the experiment names say what it likes.

    Returns:
        The model, with its best weights.

    Raises:
        ConfigurationError: Something in the experiment is wrong, or a file or a package is missing.
    """
    problems = check(Experiment, config)
    if not problems and not dry_run:  # a look is free to happen on another machine than the training
        problems = problems_of_machine(config.as_dict(quiet=True))
    if problems:
        raise ConfigurationError(problems=problems)
    with failures_named(), archives_trusted(trust=trust_archive):
        import_optional("lightning", extra="train")  # before the folder is made
        if dry_run:
            return _show(config)
        if serialization_dir is None:
            raise ConfigurationError("--serialization-dir: got none; expected a folder for what comes out, after -s")
        return _train(config, serialization_dir, recover=recover, force=force)


def _train(config: Params, folder: Path, *, recover: bool, force: bool) -> Model | None:
    prepare_folder(folder, config, recover=recover, force=force)
    keep_freed_memory()
    experiment = _experiment(config, folder)
    with _logging_to(folder / "out.log"):
        metrics = experiment.run()
    if is_primary():
        print_table(("metric", "value"), [(name, _shown(value)) for name, value in metrics.items()])
        print(f"archive: {folder / ARCHIVE}")
    return experiment.model


def _show(config: Params) -> Model:
    with tempfile.TemporaryDirectory(prefix="foldformer-dry-run-") as temporary:
        config.to_file(Path(temporary) / CONFIG)
        experiment = _experiment(config, Path(temporary))
        model, loaders = experiment.dry_run()
        model.vocab.print_statistics()
        rows = [(part, str(sum(1 for _ in loader.iter_instances()))) for part, loader in loaders.items()]
        print_table(("data", "instances"), rows)
        trained = sum(each.numel() for each in model.parameters() if each.requires_grad)
        print(f"{trained:,} of {sum(each.numel() for each in model.parameters()):,} parameters can be trained")
    return model


def _experiment(config: Params, folder: Path) -> TrainModel:
    experiment = Experiment.from_params(config, serialization_dir=str(folder))
    if not isinstance(experiment, TrainModel):
        raise ConfigurationError(f"type: got {config.get('type')!r}, which trains nothing; expected none")
    return experiment


@contextmanager
def _logging_to(file: Path) -> Iterator[None]:
    """Write what is logged into a file and to standard error, by the first process only."""
    logger = logging.getLogger("foldformer")
    before = logger.level, logger.propagate
    handlers: list[logging.Handler] = []
    if is_primary():
        handlers = [logging.StreamHandler(), logging.FileHandler(file, encoding="utf-8")]
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.setLevel(before[0])
        logger.propagate = before[1]
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()


def _shown(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
