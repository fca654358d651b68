"""Who hears how a run is going."""

from collections.abc import Sequence
from typing import Protocol

from foldformer.corpus.output.manifest import Part
from foldformer.embedding.embedded_document import EmbeddedDocument


class Monitor(Protocol):
    """Hears how a run is going."""

    def resumed(self, parts: Sequence[Part], damaged: Sequence[Part]) -> None:
        """The run begins with these parts there already, and these found damaged."""

    def document(self, document: EmbeddedDocument, fraction: float | None) -> None:
        """A document was embedded in this process. The fraction of the input is in [0, 1]; None where unknown."""

    def part(self, part: Part, fraction: float | None) -> None:
        """A part is in the manifest."""


class Quiet:
    """A monitor that says nothing."""

    def resumed(self, parts: Sequence[Part], damaged: Sequence[Part]) -> None:
        """Say nothing."""

    def document(self, document: EmbeddedDocument, fraction: float | None) -> None:
        """Say nothing."""

    def part(self, part: Part, fraction: float | None) -> None:
        """Say nothing."""
