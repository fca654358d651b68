# ruff: noqa: ARG002  (hooks take what they are given)
"""Data loaders as Lightning sees them."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import lightning.pytorch as pl
from overrides import overrides

from foldformer.training.fit.trainer_parts import TrainerParts
from foldformer.training.state.random_state import random_state, set_random_state

Batch = Mapping[str, Any]


class ResumableLoader:
    """A loader that can begin in the middle of an epoch, as if it had given the batches before.

    Whatever decides about the order of the data draws from the random generators. Their state at the beginning of the
    epoch is remembered, and so the same order comes again.

    Args:
        loader: Gives the batches of an epoch whenever it is iterated over.
    """

    def __init__(self, loader: Iterable[Batch]) -> None:
        self._loader = loader
        self._resume: tuple[dict[str, Any], dict[str, Any], int] | None = None
        self.state_at_start: dict[str, Any] = random_state()

    def __iter__(self) -> Iterator[Batch]:
        # Nothing happens before the first batch is asked for: Lightning begins epochs only to see whether it can.
        resume, self._resume = self._resume, None
        if resume is None:
            self.state_at_start = random_state()
            yield from self._loader
            return
        self.state_at_start, state_now, num_batches = resume
        set_random_state(self.state_at_start)
        batches = islice(iter(self._loader), num_batches, None)
        first = next(batches, None)
        if num_batches > 0:
            set_random_state(state_now)
        if first is not None:
            yield first
            yield from batches

    def __getattr__(self, name: str) -> Any:
        # A loader of unknown length must not seem to have one.
        if name == "_loader":
            raise AttributeError(name)
        return getattr(self._loader, name)

    def resume_at(self, state_at_start: dict[str, Any], state_now: dict[str, Any], num_batches: int) -> None:
        """Let the next epoch be the rest of an interrupted one.

        Args:
            state_at_start: Of the random generators, when the epoch began.
            state_now: The same, when it was interrupted.
            num_batches: Batches that were given before.
        """
        self._resume = (state_at_start, state_now, num_batches)


class SizedResumableLoader(ResumableLoader):
    """The same for a loader that knows its length."""

    def __len__(self) -> int:
        return len(self._loader)  # type: ignore[arg-type]


def resumable(loader: Iterable[Batch]) -> ResumableLoader:
    """Wrap a loader; the result has a length only if the loader has."""
    try:
        len(loader)  # type: ignore[arg-type]
    except TypeError:
        return ResumableLoader(loader)
    return SizedResumableLoader(loader)


class ExperimentData(pl.LightningDataModule):
    """The loaders of an experiment.

    Args:
        parts: Those of the experiment's trainer.
    """

    def __init__(self, parts: TrainerParts) -> None:
        super().__init__()
        self._parts = parts
        self.train_loader = resumable(parts.data_loader)

    @overrides
    def setup(self, stage: str) -> None:
        """Let batches come on the device where they are needed."""
        device = self.trainer.strategy.root_device if self.trainer is not None else None
        if device is not None and device.type == "cuda":
            for loader in (self._parts.data_loader, self._parts.validation_data_loader):
                if loader is not None:
                    loader.set_target_device(device)

    @overrides
    def train_dataloader(self) -> Any:
        """Give the loader of training data."""
        return self.train_loader

    @overrides
    def val_dataloader(self) -> Any:
        """Give the loader of validation data, or none."""
        loader = self._parts.validation_data_loader
        return [] if loader is None else loader
