"""Kinds of files that are not read, told by their endings before their bytes are taken for text."""

from foldformer.text.archives import FileContentError

_KINDS = {
    "a document of a word processor": ("doc", "docx", "odt", "rtf", "pages"),
    "a spreadsheet": ("xls", "xlsx", "ods", "numbers"),
    "a presentation": ("ppt", "pptx", "odp"),
    "a PDF file": ("pdf",),
    "an e-book": ("epub", "mobi"),
    "a pickle": ("pkl", "pickle", "joblib"),
    "arrays of numbers": ("npy", "npz", "pt", "pth", "h5", "hdf5", "mat", "safetensors"),
    "a database": ("db", "sqlite", "sqlite3", "duckdb", "mdb", "lance"),
    "ORC": ("orc",),
    "Avro": ("avro",),
    "an image": ("png", "jpg", "jpeg", "gif", "tif", "tiff", "bmp", "webp"),
    "sound or film": ("mp3", "wav", "flac", "ogg", "mp4", "mkv", "avi", "mov"),
}
_KIND_OF = {ending: kind for kind, endings in _KINDS.items() for ending in endings}


def check_supported(name: str) -> None:
    """Check that a file is of a kind that is read.

    Raises:
        FileContentError: It is not.
    """
    kind = _KIND_OF.get(name.rpartition(".")[2].lower())
    if kind is not None:
        raise FileContentError(
            f"{name}: got {kind}; expected text, JSON lines, CSV, TSV, CoNLL-U, Parquet or Arrow; convert it, or say "
            "by --input-format how to read it, if its name is misleading"
        )
