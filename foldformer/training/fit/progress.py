# ruff: noqa: ARG002  (hooks take what they are given)
"""A progress bar with the metrics of the experiment."""

import lightning.pytorch as pl
from lightning.pytorch.callbacks import RichProgressBar
from overrides import overrides

from foldformer.training.fit.bookkeeper import Bookkeeper


class MetricsProgressBar(RichProgressBar):
    """Shows the metrics so far beside the bar.

    Args:
        bookkeeper: Knows the metrics.
    """

    def __init__(self, bookkeeper: Bookkeeper) -> None:
        super().__init__(leave=True)
        self._bookkeeper = bookkeeper

    @overrides
    def get_metrics(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule
    ) -> dict[str, int | str | float | dict[str, float]]:
        """The metrics so far, without those whose names begin with an underscore."""
        metrics = self._bookkeeper.batch_metrics
        return {name: value for name, value in metrics.items() if not name.startswith("_")}
