"""`foldformer show`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from foldformer.choices import Cut
from foldformer.commands.embed.choices import choice
from foldformer.config.errors import ConfigurationError

if TYPE_CHECKING:
    from foldformer.embedding.folded_text import FoldedText

STYLES = ("black on bright_cyan", "black on bright_yellow", "black on bright_green", "black on bright_magenta")
SPECIAL_STYLE = "dim"
PLAIN_WIDTH = 120


def command(
    text_or_file: Annotated[
        str,
        typer.Argument(
            metavar="TEXT_OR_FILE", help="A text, a file with one, or - for standard input.", show_default=False
        ),
    ],
    model: Annotated[str, typer.Option(metavar="NAME_OR_FOLDER", help="A pretrained transformer.", show_default=False)],
    max_length: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Longest segment, special tokens included; as long as the model allows by default."
        ),
    ] = None,
    overlap: Annotated[
        int, typer.Option(metavar="N", min=0, help="Content wordpieces that neighbouring segments share.")
    ] = 0,
    cut: Annotated[Cut, choice("--cut", Cut, "Where segments may end.", None)] = "wordpiece",
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page to look at, too.")] = None,
    segments: Annotated[int, typer.Option(metavar="N", min=1, help="Most segments to draw here.")] = 12,
) -> None:
    """Draw how a text is cut into segments and stitched.

    Every segment has a colour of its own and special tokens of its own; only the wordpieces are stitched. No weights
    are loaded.
    """
    text = _text(text_or_file)
    # Not at the top: `foldformer show --help` need not wait for torch.
    from foldformer.embedding.folded_text import fold_text

    folded = fold_text(text, model, max_length, overlap=overlap, cut=cut)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PLAIN_WIDTH)
    _draw(folded, console, segments)
    if html is not None:
        _write_page(folded, model, html)


def _text(text_or_file: str) -> str:
    if text_or_file == "-":
        return sys.stdin.read()
    # Not at the top: what reads files of every kind is of no use to a text.
    from foldformer.text.archives import FileContentError
    from foldformer.text.extraction_limits import max_record_bytes, too_large
    from foldformer.text.text_files import open_text

    try:
        if not Path(text_or_file).is_file():
            return text_or_file
        with open_text(text_or_file) as file:
            text = file.read(max_record_bytes() + 1)
        if len(text) > max_record_bytes():
            raise too_large(text_or_file, "a text")
        return text
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{text_or_file}: got bytes that are no UTF-8 ({error.reason})") from error
    except FileContentError as error:
        raise ConfigurationError(str(error)) from error
    except OSError:  # longer than the name of any file
        return text_or_file


def _draw(folded: "FoldedText", console: Console, most_segments: int) -> None:
    num_specials = len(folded.start) + len(folded.end)
    console.print(
        f"{len(folded.pieces):,} wordpieces in {len(folded.segments):,} segments of at most {folded.max_length:,}, "
        f"{num_specials} of them special tokens"
    )
    if folded.shared:
        console.print(f"{len(folded.shared):,} wordpieces in several segments (underlined); {folded.num_run:,} run")
    shown = folded.segments[:most_segments]
    hidden = len(folded.segments) - len(shown)
    more = f"... and {hidden:,} more segments (--segments {len(folded.segments)} draws them)" if hidden else ""
    console.print("\nfolded", style="bold")
    for number, (first, last) in enumerate(shown):
        line = Text()
        for token in folded.start:
            line.append(f"{token} ", SPECIAL_STYLE)
        line.append_text(_pieces(folded, range(first, last), number))
        for token in folded.end:
            line.append(f"{token} ", SPECIAL_STYLE)
        console.print(Text(f"{number + 1:>4}  ", "dim"), line, sep="")
    if more:
        console.print(more, style="dim")
    console.print("\nstitched", style="bold")
    stitched = Text()
    for number in range(len(shown)):
        stitched.append_text(_pieces(folded, folded.new_pieces(number), number))
    console.print(stitched)
    if more:
        console.print("...", style="dim")


def _pieces(folded: "FoldedText", pieces: range, segment: int) -> Text:
    drawn = Text()
    for i in pieces:
        style = STYLES[segment % len(STYLES)]
        drawn.append(folded.pieces[i], f"underline {style}" if i in folded.shared else style)
        drawn.append(" ")
    return drawn


def _write_page(folded: "FoldedText", model: str, html: Path) -> None:
    from foldformer.embedding.folded_page import folded_page

    try:
        html.write_text(folded_page(folded, model), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"--html: got {html}, which cannot be written ({error.strerror})") from error
    typer.echo(f"wrote {html}", err=True)
