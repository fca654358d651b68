"""The experiment that trains a model."""

import logging
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from overrides import overrides

from foldformer.config import ConfigurationError, Experiment, Lazy, Params, Problem, Provides
from foldformer.data import DatasetReader, Instance
from foldformer.data.data_loaders import DataLoader
from foldformer.models import Model
from foldformer.text import Vocabulary
from foldformer.training.archives.names import CONFIG, METRICS, VOCABULARY
from foldformer.training.archives.pretrained_folder import save_pretrained_copies
from foldformer.training.archives.write import archive_model, check_include_in_archive, write_meta
from foldformer.training.distributed import DistributedBlock, is_distributed, is_primary
from foldformer.training.evaluation import evaluate
from foldformer.training.experiment_checks import PARTS, problems_of_data, problems_of_experiment
from foldformer.training.report.confusion import count_confusion
from foldformer.training.report.metrics_files import write_metrics
from foldformer.training.report.page import write_report
from foldformer.training.state.random_state import set_seeds
from foldformer.training.trainer import Trainer
from foldformer.training.unseen_labels import LabelWatch

logger = logging.getLogger(__name__)

LazyModel = Annotated[Lazy[Model], Provides("vocab", "serialization_dir", "ddp_accelerator")]
LazyLoader = Annotated[Lazy[DataLoader], Provides("reader", "data_path")]
LazyVocabulary = Annotated[Lazy[Vocabulary], Provides("instances")]
LazyTrainer = Annotated[
    Lazy[Trainer],
    Provides(
        "model",
        "serialization_dir",
        "data_loader",
        "validation_data_loader",
        "distributed",
        "local_rank",
        "world_size",
        "ddp_accelerator",
    ),
]


@dataclass(frozen=True)
class Source:
    """Data, and what reads them.

    Args:
        reader: Makes instances.
        path: What it reads.
        loader: Makes batches.
        needs_labels: Whether an instance without a label is an error.
    """

    reader: DatasetReader
    path: Any
    loader: Lazy[DataLoader]
    needs_labels: bool

    def make(self) -> DataLoader:
        """Read the data, if they are to be held in memory, and make a loader."""
        reader = copy(self.reader)  # several parts share it, and what is streamed is read again and again
        reader.labels_required = self.needs_labels
        return self.loader.construct(reader=reader, data_path=self.path)


@Experiment.register("default")
class TrainModel(Experiment):
    """Train a model, and pack it into an archive.

    Args:
        dataset_reader: Reads the training data, and by default all others.
        train_data_path: Path, glob or URL, or whatever the reader takes.
        model: What is trained.
        data_loader: Makes batches of training data, and by default of all others.
        trainer: Trains.
        vocabulary: By default everything in all the data.
        datasets_for_vocab_creation: Count only these: "train", "validation", "test".
        validation_dataset_reader: Reads validation and test data.
        validation_data_path: Validated on after every epoch.
        validation_data_loader: Makes batches of validation and test data.
        test_data_path: Counted for the vocabulary, and evaluated at the end if `evaluate_on_test` says so.
        evaluate_on_test: Evaluate the best weights on the test data.
        batch_weight_key: What the model gives under this name weights the loss of a batch of test data.
        random_seed: For Python; null leaves chance alone.
        numpy_seed: For NumPy.
        pytorch_seed: For torch.
        distributed: Several processes.
        ddp_accelerator: As in `distributed`.
        evaluation: Accepted and ignored: there is one way to evaluate.
        include_in_archive: Names or globs of more files below the training folder to pack into the archive.
        unseen_labels: What to do about labels in validation or test data that training never shows.
        serialization_dir: The training folder; handed over.

    Raises:
        ConfigurationError: Two of the keys do not fit each other.
    """

    def __init__(
        self,
        dataset_reader: DatasetReader,
        train_data_path: Any,
        model: LazyModel,
        data_loader: LazyLoader,
        trainer: LazyTrainer,
        vocabulary: LazyVocabulary = Lazy(Vocabulary),  # noqa: B008
        datasets_for_vocab_creation: list[str] | None = None,
        validation_dataset_reader: DatasetReader | None = None,
        validation_data_path: Any = None,
        validation_data_loader: LazyLoader | None = None,
        test_data_path: Any = None,
        evaluate_on_test: bool = False,
        batch_weight_key: str = "",
        random_seed: int | None = 13370,
        numpy_seed: int | None = 1337,
        pytorch_seed: int | None = 133,
        distributed: DistributedBlock | None = None,
        ddp_accelerator: dict[str, Any] | str | None = None,
        evaluation: dict[str, Any] | None = None,
        include_in_archive: list[str] | None = None,
        unseen_labels: Literal["error", "allow"] = "error",
        serialization_dir: str | None = None,
    ) -> None:
        self._sources = {"train": Source(dataset_reader, train_data_path, data_loader, True)}
        other_reader, other_loader = validation_dataset_reader or dataset_reader, validation_data_loader or data_loader
        for part, path in (("validation", validation_data_path), ("test", test_data_path)):
            if path is not None:
                # Test data are often published without labels, and need none where they are only counted.
                needs_labels = part == "validation" or evaluate_on_test
                self._sources[part] = Source(other_reader, path, other_loader, needs_labels)
        paths = (train_data_path, validation_data_path, test_data_path)
        problems = list(problems_of_data(evaluate_on_test, datasets_for_vocab_creation, *paths))
        if problems:
            raise ConfigurationError(problems=problems)
        self._parts_to_count = datasets_for_vocab_creation or PARTS
        if evaluation:
            logger.warning("evaluation is ignored")
        check_include_in_archive(include_in_archive)
        self._model = model
        self._trainer = trainer
        self._vocabulary = vocabulary
        self._evaluate_on_test = evaluate_on_test
        self._batch_weight_key = batch_weight_key
        self._seeds = (random_seed, numpy_seed, pytorch_seed)
        self._distributed = distributed
        self._ddp_accelerator = ddp_accelerator
        self._include_in_archive = include_in_archive
        self._watch = LabelWatch() if unseen_labels == "error" else None
        self.serialization_dir = None if serialization_dir is None else Path(serialization_dir)
        self.model: Model | None = None
        self.vocabulary: Vocabulary | None = None

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> list[Problem]:
        """What is wrong with a file though every value fits its hint."""
        return problems_of_experiment(block)

    def run(self) -> dict[str, Any]:
        """Train; leaves archive, metrics and report in the training folder.

        Returns:
            What `metrics.json` says.

        Raises:
            ConfigurationError: Labels of the validation data are not in the training data, or something that is only
                known now does not fit.
            TrainingError: The loss is not a number, or the disk is full.
        """
        folder = self._folder()
        model, loaders = self.prepare()
        metrics = self._make_trainer(model, loaders).train()
        if self._evaluate_on_test:
            found = evaluate(model, loaders["test"], batch_weight_key=self._batch_weight_key)
            metrics = {**metrics, **{f"test_{name}": value for name, value in found.items()}}
        if is_primary():
            write_metrics(folder / METRICS, metrics)
            archive_model(folder, include_in_archive=self._include_in_archive)
            self._report(folder, model, loaders.get("validation"))
        return metrics

    def dry_run(self) -> tuple[Model, dict[str, DataLoader]]:
        """Make all that the first step of a training needs, and take none.

        Returns:
            As `prepare`.

        Raises:
            ConfigurationError: Something does not fit, as in `run`.
        """
        model, loaders = self.prepare()
        self._make_trainer(model, loaders).prepare()
        return model, loaders

    def _make_trainer(self, model: Model, loaders: Mapping[str, DataLoader]) -> Trainer:
        return self._trainer.construct(
            model=model,
            serialization_dir=str(self._folder()),
            data_loader=loaders["train"],
            validation_data_loader=loaders.get("validation"),
            distributed=self._distributed,
            ddp_accelerator=self._ddp_accelerator,
        )

    def prepare(self) -> tuple[Model, dict[str, DataLoader]]:
        """Read the data, count the vocabulary and make the model.

        Returns:
            The model, and the loaders of the parts. Where several processes train, each has counted all the data; the
            loaders give it its share when it has found the others.

        Raises:
            ConfigurationError: Labels of the validation data are not in the training data.
        """
        folder = self._folder()
        set_seeds(*self._seeds)
        loaders = {part: source.make() for part, source in self._sources.items()}
        self.vocabulary = vocabulary = self._vocabulary.construct(instances=self._instances(loaders))
        if self._watch is not None:
            self._watch.check()
        self.model = model = self._model.construct(vocab=vocabulary, serialization_dir=str(folder))
        if is_primary():
            vocabulary.save_to_files(folder / VOCABULARY)
            write_meta(folder)
            save_pretrained_copies(Params.from_file(folder / CONFIG).as_dict(quiet=True), folder)
        for loader in loaders.values():
            loader.index_with(vocabulary)
        return model, loaders

    def _report(self, folder: Path, model: Model, validation: DataLoader | None) -> None:
        if find_spec("matplotlib") is None:
            logger.warning("there is no report.html, because matplotlib is not installed: pip install matplotlib")
            return
        # Each process knows only its share of the metrics and would wait for the others, who are done.
        confusion = None
        if validation is not None and not is_distributed():
            confusion = count_confusion(model, validation.iter_instances())
        write_report(folder, model, confusion)

    def _instances(self, loaders: Mapping[str, DataLoader]) -> Iterator[Instance]:
        for part, loader in loaders.items():
            if part in self._parts_to_count:
                for instance in loader.iter_instances():
                    if self._watch is not None:
                        self._watch.see(instance, part)
                    yield instance

    def _folder(self) -> Path:
        if self.serialization_dir is None:
            raise ConfigurationError("serialization_dir: got none; expected the folder to train in")
        return self.serialization_dir
