# ruff: noqa: ARG002  (hooks take what they are given)
"""Curves for Weights & Biases."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overrides import overrides
from torch import Tensor

from foldformer.config import Params
from foldformer.config.optional import import_optional
from foldformer.training.callbacks.log_writer import LogWriterCallback
from foldformer.training.callbacks.trainer_callback import TrainerCallback

if TYPE_CHECKING:
    from foldformer.training.trainer import RunningTrainer


@TrainerCallback.register("wandb")
class WandBCallback(LogWriterCallback):
    """Send curves to Weights & Biases; the environment variable `WANDB_API_KEY` or `wandb login` says who you are.

    Args:
        serialization_dir: The training folder; handed over by the trainer.
        summary_interval: Steps between two points of the training curves.
        distribution_interval: Steps between two histograms of the parameters; null writes none.
        batch_size_interval: Steps between two points of the curve of batch sizes; null writes none.
        should_log_parameter_statistics: Write norms, means and deviations of parameters and gradients too.
        should_log_learning_rate: Write the learning rate of every group of parameters.
        project: Name of the project.
        entity: User or team.
        group: Group of runs.
        name: Name of the run.
        notes: A description.
        tags: Tags of the run.
        watch_model: Whether Weights & Biases watches gradients.
        files_to_save: Files of the training folder to upload.
        wandb_kwargs: More arguments of `wandb.init`.
    """

    def __init__(
        self,
        serialization_dir: str,
        summary_interval: int = 100,
        distribution_interval: int | None = None,
        batch_size_interval: int | None = None,
        should_log_parameter_statistics: bool = True,
        should_log_learning_rate: bool = False,
        project: str | None = None,
        entity: str | None = None,
        group: str | None = None,
        name: str | None = None,
        notes: str | None = None,
        tags: list[str] | None = None,
        watch_model: bool = True,
        files_to_save: tuple[str, ...] = ("config.json", "out.log"),
        wandb_kwargs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            serialization_dir,
            summary_interval,
            distribution_interval,
            batch_size_interval,
            should_log_parameter_statistics,
            should_log_learning_rate,
        )
        self._arguments: dict[str, Any] = {
            "dir": str(Path(serialization_dir).absolute()),
            "project": project,
            "entity": entity,
            "group": group,
            "name": name,
            "notes": notes,
            "tags": tags,
            **(wandb_kwargs or {}),
        }
        self._watch_model = watch_model
        self._files_to_save = files_to_save
        self._run_id: str | None = None
        self._run: Any = None

    @overrides
    def on_start(self, trainer: "RunningTrainer", is_primary: bool = True, **kwargs: Any) -> None:
        """Start a run, or go on with that of the checkpoint."""
        super().on_start(trainer, is_primary)
        if not is_primary:
            return
        wandb = import_optional("wandb", extra="wandb")
        folder = Path(self.serialization_dir)
        config = Params.from_file(folder / "config.json").as_dict(quiet=True)
        resume = {"id": self._run_id, "resume": "allow"} if self._run_id else {}
        self._run = wandb.init(config=config, **resume, **self._arguments)
        self._run_id = self._run.id
        for name in self._files_to_save:
            if (folder / name).exists():
                self._run.save(str(folder / name), base_path=str(folder))
        if self._watch_model:
            self._run.watch(trainer.model)

    @overrides
    def log_scalars(self, scalars: Mapping[str, float], log_prefix: str = "", epoch: int | None = None) -> None:
        """Send numbers."""
        self._send(scalars, log_prefix, epoch)

    @overrides
    def log_tensors(self, tensors: Mapping[str, Tensor], log_prefix: str = "", epoch: int | None = None) -> None:
        """Send histograms."""
        wandb = import_optional("wandb", extra="wandb")
        histograms = {name: wandb.Histogram(tensor.detach().float().cpu().numpy()) for name, tensor in tensors.items()}
        self._send(histograms, log_prefix, epoch)

    @overrides
    def close(self) -> None:
        """End the run."""
        if self._run is not None:
            self._run.finish()

    @overrides
    def state_dict(self) -> dict[str, Any]:
        """Which run it is."""
        return {"run_id": self._run_id}

    @overrides
    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on with the run of another callback."""
        self._run_id = state_dict["run_id"]

    def _send(self, values: Mapping[str, Any], log_prefix: str, epoch: int | None) -> None:
        named = {f"{log_prefix}/{name}" if log_prefix else name: value for name, value in values.items()}
        self._run.log(named if epoch is None else {**named, "epoch": epoch}, step=self.step)
