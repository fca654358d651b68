"""Undo the compression of a stream, after the ending of its name."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from typing import IO, Any

from foldformer.text.archives import FileContentError
from foldformer.text.bounded_streams import open_xz

_ARROW = {"zst": "zstd", "lz4": "lz4", "br": "brotli"}
"""Endings, and the codecs of pyarrow, which is there anyway."""
_FSSPEC = {"gz": "gzip", "bz2": "bz2", "zip": "zip"}
"""Endings, and what fsspec undoes with the standard library."""
_XZ = ("xz", "lzma")
_PACKAGES = {"snappy": "python-snappy"}
"""Endings, and the package that fsspec needs."""
_UNKNOWN = ("7z", "rar", "z", "lz", "lzo", "sz")
ENDINGS = tuple(f".{ending}" for ending in (*_ARROW, *_FSSPEC, *_XZ, *_PACKAGES) if ending != "zip")
_TAR = re.compile(r"\.(tar(\.(gz|bz2|xz|lzma|zst|lz4|br|snappy))?|tgz|tbz2|txz)$", re.IGNORECASE)


@contextmanager
def decompressed(raw: Any, name: str) -> Iterator[IO[bytes]]:
    """Give what a compressed stream holds; any other stream as it is.

    Args:
        raw: The stream, as it is stored.
        name: Path or URL; its ending tells.

    Raises:
        FileContentError: It is an archive of many files, or cannot be decompressed here; says what to do.
    """
    if _TAR.search(name):
        raise FileContentError(
            f"{name}: got a tar archive; expected one document or many in one file; name its members, as in "
            "archive.tar.gz!**/*, or unpack it if it is not compressed by gz, bz2 or xz"
        )
    ending = name.rpartition(".")[2].lower()
    if ending in _ARROW:
        with _by_arrow(raw, name, _ARROW[ending]) as opened:
            yield opened
    elif ending in _XZ:
        with open_xz(raw) as opened:
            yield opened
    elif ending in _FSSPEC or ending in _PACKAGES:
        with _by_fsspec(ending, name)(raw, mode="rb") as opened:
            yield opened
    elif ending in _UNKNOWN:
        raise FileContentError(
            f"{name}: got a file whose ending says that it is compressed; expected text, or an ending among "
            f"{', '.join(ENDINGS)}; unpack it, or give it another name if it is text"
        )
    else:
        yield raw


@contextmanager
def _by_arrow(raw: Any, name: str, codec: str) -> Iterator[IO[bytes]]:
    # Not at the top: most inputs need no Arrow to be read.
    import pyarrow as pa  # type: ignore[import-untyped]

    if not pa.Codec.is_available(codec):
        raise FileContentError(
            f"{name}: got a file compressed by {codec}, which this pyarrow was built without; expected one from "
            "PyPI: pip install --force-reinstall pyarrow"
        )
    with BufferedReader(pa.CompressedInputStream(pa.PythonFile(raw, "r"), codec)) as opened:
        yield opened


def _by_fsspec(ending: str, name: str) -> Callable[..., Any]:
    from fsspec.compression import compr

    opener: Callable[..., Any] | None = compr.get(_FSSPEC.get(ending, ending))
    if opener is None:
        package = _PACKAGES.get(ending)
        install = f"pip install {package}" if package else f"a Python with {ending}"
        raise FileContentError(
            f"{name}: got a file compressed by {ending}, which cannot be undone here; expected {install}; or "
            "decompress it first"
        )
    return opener
