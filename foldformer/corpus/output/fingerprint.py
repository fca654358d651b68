"""What two runs must share for one to go on where the other stopped."""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from foldformer.config.diff import ABSENT, diff
from foldformer.config.nearest import show
from foldformer.corpus.corpus_error import CorpusError
from foldformer.corpus.inputs import Input
from foldformer.corpus.output.storage import Storage
from foldformer.corpus.runs.plan import PartLimits
from foldformer.embedding.document_embedder import DocumentEmbedder
from foldformer.text.pretrained import load_tokenizer_anew

MOST_DIFFERENCES = 6
UNKNOWN_TO_0_1 = ("device",)
"""What manifests of version 0.1 do not say."""


def part_metadata(embedder: DocumentEmbedder, storage: Storage) -> dict[str, Any]:
    """What stands in every part: model, revision, options and versions."""
    description = embedder.description
    versions = {**description["versions"], "pyarrow": version("pyarrow"), "numpy": version("numpy")}
    return {**description, "versions": versions, "dim": storage.dim, "storage_dtype": storage.dtype}


def fingerprint(
    embedder: DocumentEmbedder, documents: Input, storage: Storage, limits: PartLimits, device: str | None = None
) -> dict[str, Any]:
    """What stands in the manifest. Neither how a run is spread over processes nor what it does with bad records.

    Args:
        embedder: The model and its options.
        documents: The input.
        storage: How vectors are stored.
        limits: Where parts end.
        device: What makes the vectors, if it is not the device of the embedder.
    """
    return {
        "embedder": part_metadata(embedder, storage),
        "device": device or embedder.device_type,
        "weights": embedder.weights_fingerprint(),
        "tokenizer": tokenizer_checksum(embedder.description),
        "input": documents.describe(),
        "parts": {"rows": limits.rows, "bytes": limits.bytes},
    }


def check_same(before: Mapping[str, Any], now: Mapping[str, Any], folder: object) -> None:
    """Check that a run may go on with the output of another.

    Raises:
        CorpusError: They differ; says where.
    """
    comparable = {key: value for key, value in now.items() if key in before or key not in UNKNOWN_TO_0_1}
    found = diff(dict(before), comparable)
    if not found:
        return
    lines = [f"{each.path} was {_shown(each.left)} and is {_shown(each.right)}" for each in found[:MOST_DIFFERENCES]]
    more = f"; and {len(found) - MOST_DIFFERENCES} more differences" if len(found) > MOST_DIFFERENCES else ""
    raise CorpusError(
        f"--output: got {folder}, in which a run that differs has begun: {'; '.join(lines)}{more}; "
        "expected the same options, model and input; name another folder, or start anew with --force"
    )


def _shown(value: Any) -> str:
    return "absent" if value is ABSENT else show(value)


def tokenizer_checksum(description: Mapping[str, Any]) -> str:
    """Return a checksum of the tokenizer of an embedder that is described."""
    tokenizer = load_tokenizer_anew(description["model"], **description["embedder"].get("tokenizer_kwargs") or {})
    backend = getattr(tokenizer, "backend_tokenizer", None)
    content = repr(sorted(tokenizer.get_vocab().items())) if backend is None else backend.to_str()
    return hashlib.blake2b(content.encode(errors="surrogatepass"), digest_size=16).hexdigest()
