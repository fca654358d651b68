"""When to save a checkpoint, where, and which old ones to delete."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from foldformer.config import Registrable

_NAME = re.compile(r"checkpoint_e(\d+)_b(\d+)\.ckpt$")


@dataclass(frozen=True, order=True)
class Moment:
    """A point in a training.

    Args:
        epochs: Epochs completed.
        batches: Batches of the next epoch completed.
    """

    epochs: int
    batches: int

    @property
    def file_name(self) -> str:
        """The checkpoint of this moment."""
        return f"checkpoint_e{self.epochs}_b{self.batches}.ckpt"


class Checkpointer(Registrable):
    """Decides about checkpoints; `foldformer train --recover` goes on from the newest.

    Args:
        serialization_dir: The training folder; handed over by the trainer.
        save_completed_epochs: Save after every epoch.
        save_every_num_seconds: Save after so many seconds, between two batches.
        save_every_num_batches: Save after so many batches.
        keep_most_recent_by_count: Keep so many; null keeps all.
        keep_most_recent_by_age: Keep those of the last so many seconds, beside those that the count keeps.
    """

    default_implementation = "default"

    def __init__(
        self,
        serialization_dir: str,
        save_completed_epochs: bool = True,
        save_every_num_seconds: float | None = None,
        save_every_num_batches: int | None = None,
        keep_most_recent_by_count: int | None = 2,
        keep_most_recent_by_age: float | None = None,
    ) -> None:
        self._folder = Path(serialization_dir)
        self._save_completed_epochs = save_completed_epochs
        self._every_seconds = save_every_num_seconds
        self._every_batches = save_every_num_batches
        self._keep_count = keep_most_recent_by_count
        self._keep_age = keep_most_recent_by_age
        self._last_save = time.monotonic()

    @property
    def depends_on_time(self) -> bool:
        """Whether processes that train together may disagree about the moment."""
        return self._every_seconds is not None

    def path(self, moment: Moment) -> Path:
        """Where the checkpoint of a moment belongs."""
        return self._folder / moment.file_name

    def is_due(self, moment: Moment, epoch_is_complete: bool) -> bool:
        """Whether to save now."""
        if epoch_is_complete:
            return self._save_completed_epochs
        by_count = self._every_batches is not None and moment.batches % self._every_batches == 0
        by_time = self._every_seconds is not None and time.monotonic() - self._last_save >= self._every_seconds
        return by_count or by_time

    def note_saved(self) -> None:
        """Start counting seconds again, and delete what need not be kept."""
        self._last_save = time.monotonic()
        if self._keep_count is None and self._keep_age is None:
            return
        newest_first = sorted(find_checkpoints(self._folder).items(), reverse=True)
        for _, file in newest_first[max(self._keep_count or 0, 1) :]:
            is_young = self._keep_age is not None and time.time() - file.stat().st_mtime <= self._keep_age
            if not is_young:
                file.unlink()


Checkpointer.register("default")(Checkpointer)


def find_checkpoints(folder: Path) -> dict[Moment, Path]:
    """List the checkpoints in a training folder."""
    found = ((_NAME.search(path.name), path) for path in folder.glob("checkpoint_e*_b*.ckpt"))
    return {Moment(int(match[1]), int(match[2])): path for match, path in found if match}


def find_latest_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint in a training folder."""
    checkpoints = find_checkpoints(folder)
    return checkpoints[max(checkpoints)] if checkpoints else None
