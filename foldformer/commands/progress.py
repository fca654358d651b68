"""The progress bar of `foldformer embed`."""

import time
from collections.abc import Sequence
from types import TracebackType

from overrides import overrides
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text
from typing_extensions import Self

from foldformer.commands.sizes import counted
from foldformer.corpus.output.manifest import Part
from foldformer.embedding.embedded_document import EmbeddedDocument


class ProgressBar:
    """Documents, wordpieces per second and time left, on standard error. A context manager; silent in a pipe."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        columns = (BarColumn(), _Counts(), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
        self._console = console
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("", total=None, documents=0, wordpieces=0, began=time.monotonic())
        self._in_part = [0, 0]
        self._counted = [0, 0]

    def resumed(self, parts: Sequence[Part], damaged: Sequence[Part]) -> None:
        """Say what is there."""
        for part in damaged:
            self._console.print(f"{part.name} is damaged or gone and will be made again", style="yellow")
        if parts:
            documents = sum(part.rows for part in parts)
            there = f"{counted(len(parts), 'part')} with {counted(documents, 'document')}"
            self._console.print(f"there already, and whole: {there}", style="dim")

    def document(self, document: EmbeddedDocument, fraction: float | None) -> None:
        """Count a document of the part that is being made in this process."""
        self._in_part[0] += 1
        self._in_part[1] += document.num_wordpieces
        self._show(fraction)

    def part(self, part: Part, fraction: float | None) -> None:
        """Count a part, in whatever process it was made."""
        self._counted[0] += part.rows
        self._counted[1] += part.num_wordpieces
        self._in_part = [0, 0]
        self._show(fraction)

    def _show(self, fraction: float | None) -> None:
        documents, wordpieces = (counted + now for counted, now in zip(self._counted, self._in_part, strict=True))
        total = None if fraction is None else 1.0
        self._progress.update(self._task, total=total, completed=fraction, documents=documents, wordpieces=wordpieces)

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._progress.stop()


class _Counts(ProgressColumn):
    @overrides
    def render(self, task: Task) -> Text:
        seconds = max(time.monotonic() - task.fields["began"], 1e-9)
        documents, wordpieces = task.fields["documents"], task.fields["wordpieces"]
        return Text(f"{documents:,} documents  {wordpieces / seconds:,.0f} wordpieces/s")
