"""Arguments of the commands that open an archive."""

from pathlib import Path
from typing import Annotated

import typer

Archive = Annotated[
    str, typer.Argument(metavar="ARCHIVE", help="model.tar.gz, its URL, or a training folder.", show_default=False)
]
CudaDevice = Annotated[int, typer.Option(metavar="N", help="Number of the GPU; -1 is the processor.")]
WeightsFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Weights to load in place of those in the archive.")
]
TrustArchive = Annotated[
    bool,
    typer.Option("--trust-archive", help="Let the archive ask for code, URLs, other archives and any class."),
]
BatchSize = Annotated[int | None, typer.Option(metavar="N", min=1, help="Instances in a batch.")]
