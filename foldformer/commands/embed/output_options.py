"""The options of `foldformer embed` that say where the parts go and who makes them."""

import re
from typing import Annotated

import typer

from foldformer.choices import StorageDtype
from foldformer.commands.embed.choices import choice
from foldformer.config.errors import ConfigurationError
from foldformer.config.nearest import show

PANEL = "Output"
MACHINES_PANEL = "Machines"
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


Output = Annotated[
    str,
    typer.Option(
        metavar="DIR_OR_URL",
        help="Folder for the parts, or a prefix in an object store: s3://, gs://, az://.",
        show_default=False,
        rich_help_panel=PANEL,
    ),
]
UnsafeStore = Annotated[
    bool,
    typer.Option(
        "--unsafe-store", help="Write to a store that lets two runs mix their parts unseen.", rich_help_panel=PANEL
    ),
]
StorageDtypeOption = Annotated[
    StorageDtype, choice("--storage-dtype", StorageDtype, "What vectors are stored as.", PANEL)
]
RowsPerPart = Annotated[int, typer.Option(metavar="N", help="Most documents in a part.", rich_help_panel=PANEL)]
PartSize = Annotated[str, typer.Option(metavar="SIZE", help="About how large a part gets.", rich_help_panel=PANEL)]
Force = Annotated[bool, typer.Option("--force", help="Remove what earlier runs left there.", rich_help_panel=PANEL)]
ShardOption = Annotated[
    str | None,
    typer.Option("--shard", metavar="I/N", help="Make every N-th part, from the I-th.", rich_help_panel=MACHINES_PANEL),
]
Workers = Annotated[int, typer.Option(metavar="N", help="Processes on this machine.", rich_help_panel=MACHINES_PANEL)]
Ray = Annotated[
    str | None,
    typer.Option(
        metavar="[ADDRESS]",
        help="Work on a Ray cluster; without an address, on one of its own here.",
        rich_help_panel=MACHINES_PANEL,
    ),
]
RayActors = Annotated[
    int | None,
    typer.Option(metavar="N", help="Actors; all there is room for by default.", rich_help_panel=MACHINES_PANEL),
]
RayCpus = Annotated[int, typer.Option(metavar="N", help="Processors for each actor.", rich_help_panel=MACHINES_PANEL)]
RayGpus = Annotated[
    float, typer.Option(metavar="X", help="GPUs for each actor, or a fraction.", rich_help_panel=MACHINES_PANEL)
]


def parse_size(text: str) -> int:
    """Read a number of bytes such as 500000, 64MB or 1.5G; a unit is a power of 1024.

    Raises:
        ConfigurationError: It is something else.
    """
    match = _SIZE.fullmatch(text.strip())
    size = 0 if match is None else int(float(match[1]) * 1024 ** _POWERS[match[2].lower()])
    if size < 1:
        raise ConfigurationError(f"--part-size: got {show(text)}; expected a size such as 64MB or 1GB")
    return size
