"""`foldformer export`."""

from pathlib import Path
from typing import Annotated

import typer

from foldformer.commands.archive_options import Archive, TrustArchive
from foldformer.commands.failures import failures_named
from foldformer.commands.options import IncludePackage, include_packages
from foldformer.config.trust import archives_trusted
from foldformer.training.archives.export import export_transformer


def command(
    archive: Archive,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="New folder.", show_default=False)],
    module: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which embedder, where the model has several.")
    ] = None,
    trust_archive: TrustArchive = False,
    include_package: IncludePackage = [],  # noqa: B006  (typer reads it, nobody changes it)
) -> None:
    """Save a trained model's transformer as a Hugging Face folder.

    FOLDER gets the fine-tuned weights, the configuration and the tokenizer, as AutoModel.from_pretrained and
    sentence-transformers load them. Folding, the scalar mix and everything above the transformer stay behind, but for
    an encoder "attention" right above it, which foldformer embed --document-mode attention takes.
    """
    include_packages(include_package)
    with failures_named(), archives_trusted(trust=trust_archive):
        name = export_transformer(archive, folder, module)
    print(f"{name}: {folder}")
