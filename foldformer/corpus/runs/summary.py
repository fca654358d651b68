"""The parts of a manifest, added up."""

from dataclasses import dataclass
from pathlib import Path

from foldformer.corpus.output.manifest import Manifest


@dataclass(frozen=True)
class Summary:
    """What a folder holds.

    Args:
        folder: Path or URL.
        num_documents: Documents.
        num_wordpieces: Wordpieces of all documents.
        num_pieces: Vectors.
        num_segments: Segments that ran.
        num_skipped: Records that could not be embedded.
        num_bytes: Size of all parts.
        num_parts: Parts.
        seconds: Time to embed and write the parts, over all runs and processes.
        num_made: Parts that the last run made; the others were there.
    """

    folder: str | Path
    num_documents: int
    num_wordpieces: int
    num_pieces: int
    num_segments: int
    num_skipped: int
    num_bytes: int
    num_parts: int
    seconds: float
    num_made: int = 0

    @classmethod
    def of(cls, manifest: Manifest, folder: str | Path, num_made: int = 0) -> "Summary":
        """Add up the parts."""
        parts = manifest.parts.values()
        return cls(
            folder=folder,
            num_documents=sum(part.rows for part in parts),
            num_wordpieces=sum(part.num_wordpieces for part in parts),
            num_pieces=sum(part.num_pieces for part in parts),
            num_segments=sum(part.num_segments for part in parts),
            num_skipped=sum(part.skipped for part in parts),
            num_bytes=sum(part.bytes for part in parts),
            num_parts=len(parts),
            seconds=sum(part.seconds for part in parts),
            num_made=num_made,
        )
