"""`foldformer export`."""

from pathlib import Path
from typing import Annotated

import typer

from foldformer.commands.archive_options import Archive, TrustArchive
from foldformer.commands.failures import failures_named
from foldformer.commands.options import IncludePackage, include_packages
from foldformer.training.archives.export import export_model, export_transformer


def command(
    archive: Archive,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="New folder.", show_default=False)],
    module: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which embedder, where the model has several.")
    ] = None,
    trust_archive: TrustArchive = False,
    include_package: IncludePackage = [],  # noqa: B006  (typer reads it, nobody changes it)
) -> None:
    """Save a trained model as a Hugging Face folder.

    FOLDER gets the fine-tuned weights, the configuration and the tokenizer. A classifier or a tagger whose layers are
    those of the architecture's own head is saved with it and its labels, as pipeline("text-classification"),
    pipeline("token-classification") and AutoModelFor... load it. Of other models, those with a CRF, a scalar mix or
    folding, and with --module, FOLDER gets the transformer, as AutoModel and sentence-transformers load it, and an
    encoder "attention" right above it, which foldformer embed --document-mode attention takes.
    """
    include_packages(include_package)
    with failures_named():
        if module is None:
            name, head = export_model(archive, folder, trust=trust_archive)
        else:
            name = export_transformer(archive, folder, module, trust=trust_archive)
            head = "the transformer alone, as --module asks"
    print(f"{name}: {folder}: {head}")
