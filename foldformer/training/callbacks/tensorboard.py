# ruff: noqa: ARG002  (hooks take what they are given)
"""Curves for TensorBoard."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overrides import overrides
from torch import Tensor

from foldformer.config.optional import import_optional
from foldformer.training.callbacks.log_writer import LogWriterCallback
from foldformer.training.callbacks.trainer_callback import TrainerCallback

if TYPE_CHECKING:
    from torch.utils.tensorboard.writer import SummaryWriter

    from foldformer.training.trainer import RunningTrainer


@TrainerCallback.register("tensorboard")
class TensorBoardCallback(LogWriterCallback):
    """Write curves to `log/train` and `log/validation` in the training folder: `tensorboard --logdir DIR/log`."""

    @overrides
    def on_start(self, trainer: "RunningTrainer", is_primary: bool = True, **kwargs: Any) -> None:
        """Open the files."""
        super().on_start(trainer, is_primary)
        self._writers: dict[str, SummaryWriter] = {}
        if is_primary:
            import_optional("tensorboard", extra="train")
            folder = Path(self.serialization_dir) / "log"
            self._writers = {part: _open_writer(folder / part) for part in ("train", "validation")}

    @overrides
    def log_scalars(self, scalars: Mapping[str, float], log_prefix: str = "", epoch: int | None = None) -> None:
        """Write numbers."""
        for name, value in scalars.items():
            self._writer(log_prefix).add_scalar(_tag(log_prefix, name, epoch), value, self._when(epoch))

    @overrides
    def log_tensors(self, tensors: Mapping[str, Tensor], log_prefix: str = "", epoch: int | None = None) -> None:
        """Write histograms."""
        for name, tensor in tensors.items():
            values = tensor.detach().float().cpu().flatten()
            self._writer(log_prefix).add_histogram(_tag(log_prefix, name, epoch), values, self._when(epoch))

    @overrides
    def close(self) -> None:
        """Write out what is left."""
        for writer in self._writers.values():
            writer.close()

    def _writer(self, log_prefix: str) -> "SummaryWriter":
        return self._writers["validation" if log_prefix.startswith("validation") else "train"]

    def _when(self, epoch: int | None) -> int:
        return self.step if epoch is None else epoch + 1


def _open_writer(folder: Path) -> "SummaryWriter":
    from torch.utils.tensorboard.writer import SummaryWriter

    return SummaryWriter(str(folder))


def _tag(prefix: str, name: str, epoch: int | None) -> str:
    # One tag in both runs, so that TensorBoard draws training and validation into one chart.
    return f"epoch/{name}" if epoch is not None else f"{prefix}/{name}" if prefix else name
