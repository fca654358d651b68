"""Which epoch is the best so far, and when to stop waiting for a better one."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.training.errors import wrong_at

_DIRECTIONS = {"+": 1.0, "-": -1.0}


class MetricTracker:
    """Follows a validation metric, or the sum of several, from epoch to epoch.

    Args:
        metric_name: A metric after "+", for larger is better, or "-"; of several the sum counts, with those signs.
        patience: Epochs without a better one after which to stop; None never stops.

    Raises:
        ConfigurationError: A sign is missing, or `patience` is less than 1.
    """

    def __init__(self, metric_name: str | Sequence[str], patience: int | None = None) -> None:
        if patience is not None and patience < 1:
            raise wrong_at("trainer.patience", f"got {patience}; expected at least 1, or null for none")
        names = [metric_name] if isinstance(metric_name, str) else list(metric_name)
        for name in names:
            if name[:1] not in _DIRECTIONS or not name[1:]:
                raise wrong_at(
                    "trainer.validation_metric",
                    f"got {show(name)}; expected a metric after + (larger is better) or "
                    f'- (smaller is better); did you mean "+{name}"?',
                )
        self.tracked_metrics = [(_DIRECTIONS[name[0]], name[1:]) for name in names]
        self._patience = patience
        self._best_so_far: float | None = None
        self._epochs_with_no_improvement = 0
        self._is_best_so_far = True
        self._epoch_number = 0
        self.best_epoch: int | None = None
        self.best_epoch_metrics: dict[str, float] = {}

    def combined_score(self, metrics: Mapping[str, float]) -> float:
        """The number that decides; larger is better.

        Raises:
            ConfigurationError: A metric is not among those of the epoch.
        """
        self.check_names(list(metrics))
        return sum(sign * metrics[name] for sign, name in self.tracked_metrics)

    def check_names(self, names: Sequence[str]) -> None:
        """Make sure that the metrics are among those that validation reports.

        Raises:
            ConfigurationError: One is not.
        """
        for sign, name in self.tracked_metrics:
            if name not in names:
                signed = f"{'+' if sign > 0 else '-'}{name}"
                raise wrong_at(
                    "trainer.validation_metric",
                    f"got {show(signed)}, which no epoch reports; "
                    f"expected {one_of(sorted(names))}{did_you_mean(name, names)}",
                )

    def add_metrics(self, metrics: Mapping[str, float]) -> None:
        """Note the validation metrics of an epoch.

        A score that is not a number is no improvement. Until there is one that is, the last epoch counts as the best.
        """
        score = self.combined_score(metrics)
        is_number = not math.isnan(score)
        self._is_best_so_far = self._best_so_far is None or score > self._best_so_far
        self._epochs_with_no_improvement += 1
        if self._is_best_so_far and is_number:
            self._epochs_with_no_improvement = 0
        if self._is_best_so_far:
            self._best_so_far = score if is_number else None
            self.best_epoch = self._epoch_number
            self.best_epoch_metrics = dict(metrics)
        self._epoch_number += 1

    def is_best_so_far(self) -> bool:
        """Whether the epoch that was noted last is the best."""
        return self._is_best_so_far

    def should_stop_early(self) -> bool:
        """Whether patience has run out."""
        return self._patience is not None and self._epochs_with_no_improvement >= self._patience

    def state_dict(self) -> dict[str, Any]:
        """Everything that changes."""
        return {
            "best_so_far": self._best_so_far,
            "epochs_with_no_improvement": self._epochs_with_no_improvement,
            "is_best_so_far": self._is_best_so_far,
            "epoch_number": self._epoch_number,
            "best_epoch": self.best_epoch,
            "best_epoch_metrics": self.best_epoch_metrics,
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take up the state of another tracker."""
        self._best_so_far = state_dict["best_so_far"]
        self._epochs_with_no_improvement = state_dict["epochs_with_no_improvement"]
        self._is_best_so_far = state_dict["is_best_so_far"]
        self._epoch_number = state_dict["epoch_number"]
        self.best_epoch = state_dict["best_epoch"]
        self.best_epoch_metrics = dict(state_dict["best_epoch_metrics"])
