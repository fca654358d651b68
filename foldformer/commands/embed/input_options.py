"""The options of `foldformer embed` that say how inputs are read."""

from typing import Annotated

import typer

from foldformer.choices import ConlluUnit, InputFormat, OnError
from foldformer.commands.embed.choices import choice

PANEL = "Input"


Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...", help="Files, folders, globs, archives, URLs, or - for standard input.", show_default=False
    ),
]
FormatOption = Annotated[
    InputFormat | None,
    choice(
        "--input-format",
        InputFormat,
        "text: one document per line; files: one per file. By the ending of the name by default.",
        PANEL,
    ),
]
TextKey = Annotated[str, typer.Option(metavar="KEY", help="Field with the text or the words.", rich_help_panel=PANEL)]
IdKey = Annotated[
    str | None, typer.Option(metavar="KEY", help="Field with the id; numbers by default.", rich_help_panel=PANEL)
]
Keep = Annotated[
    list[str],
    typer.Option(
        metavar="KEY[:TYPE]",
        help="Field to carry through, as string, int64, float64, bool or json; may be given several times.",
        rich_help_panel=PANEL,
    ),
]
SpansKey = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        help="Field with the spans, as pairs of characters of a text or of words of a list, for --level span.",
        rich_help_panel=PANEL,
    ),
]
ConlluUnitOption = Annotated[ConlluUnit, choice("--conllu-unit", ConlluUnit, "What a document is in CoNLL-U.", PANEL)]
OnErrorOption = Annotated[
    OnError,
    choice("--on-error", OnError, "Stop at a bad record, or list it in _errors.jsonl (exit status 3).", PANEL),
]
