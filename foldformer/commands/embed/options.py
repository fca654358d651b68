"""The options of `foldformer embed` and `show` that choose the model."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from foldformer.choices import BackendName, Cut, DocumentMode, EmbeddingDtype, Layers, Level, OverlapMode, SpanMode
from foldformer.commands.embed.choices import choice
from foldformer.commands.options import FileOptions
from foldformer.config.errors import ConfigurationError
from foldformer.config.nearest import show

PANEL = "Model"


Model = Annotated[
    str | None, typer.Option(metavar="NAME_OR_FOLDER", help="A pretrained transformer.", rich_help_panel=PANEL)
]
Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help='A file with {type: "embed"} instead.', rich_help_panel=PANEL),
]
MaxLength = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Longest segment in wordpieces, special tokens included; as long as the model allows by default.",
        rich_help_panel=PANEL,
    ),
]
LevelOption = Annotated[Level | None, choice("--level", Level, "What gets a vector.", PANEL)]
LayersOption = Annotated[Layers | None, choice("--layers", Layers, "The last layer, or the mean of all.", PANEL)]
DtypeOption = Annotated[
    EmbeddingDtype | None, choice("--dtype", EmbeddingDtype, "What the transformer computes in.", PANEL)
]
Backend = Annotated[
    BackendName | None,
    choice("--backend", BackendName, "What runs the transformer; auto takes OpenVINO where that is faster.", PANEL),
]
CalibrationOption = Annotated[
    str | None,
    typer.Option(
        "--calibration",
        metavar="FILE",
        help="A text to measure activations on, for --dtype int8; one comes along.",
        rich_help_panel=PANEL,
    ),
]
Overlap = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=0, help="Content wordpieces that neighbouring segments share.", rich_help_panel=PANEL
    ),
]
OverlapModeOption = Annotated[
    OverlapMode | None, choice("--overlap-mode", OverlapMode, "What becomes of the vectors of shared ones.", PANEL)
]
CutOption = Annotated[Cut | None, choice("--cut", Cut, "Where segments may end.", PANEL)]


def parse_splitter(given: str) -> dict[str, Any]:
    """Read `NAME`, or `fixed:NUM_WORDPIECES` and `fixed:NUM_WORDPIECES:OVERLAP`, as parameters of a `Splitter`."""
    name, *numbers = given.split(":")
    if not numbers:
        return {"type": name}
    if name != "fixed" or len(numbers) > 2 or not all(number.isdecimal() for number in numbers):
        raise ConfigurationError(
            f"--spans: got {show(given)}; expected sentences, paragraphs, or fixed:N or fixed:N:OVERLAP, in wordpieces"
        )
    return {"type": name, **dict(zip(("num_wordpieces", "overlap"), map(int, numbers), strict=False))}


SpansOption = Annotated[
    str | None,
    typer.Option(
        "--spans",
        metavar="NAME",
        help="What finds spans at --level span: sentences, paragraphs, fixed:N, fixed:N:OVERLAP (wordpieces).",
        rich_help_panel=PANEL,
    ),
]
SpanModeOption = Annotated[
    SpanMode | None, choice("--span-mode", SpanMode, "How a span's wordpieces become one vector.", PANEL)
]
DocumentModeOption = Annotated[
    DocumentMode | None,
    choice(
        "--document-mode",
        DocumentMode,
        "How a document becomes one vector at --level document; model: as its modules.json says.",
        PANEL,
    ),
]
PoolSpecialTokens = Annotated[
    bool | None,
    typer.Option(
        "--pool-special-tokens",
        help="Count the special tokens at both ends of a document at --level document.",
        rich_help_panel=PANEL,
    ),
]
Normalize = Annotated[
    bool | None, typer.Option("--normalize", help="Give every vector the length 1.", rich_help_panel=PANEL)
]
Device = Annotated[
    str | None,
    typer.Option(help="cuda, cuda:1, cpu, ...; a GPU if there is one by default.", rich_help_panel=PANEL),
]
BatchTokens = Annotated[
    int | None,
    typer.Option(metavar="N", help="Most wordpieces in one micro-batch, padding included.", rich_help_panel=PANEL),
]


@dataclass(frozen=True)
class EmbedderChoice:
    """A model and its options, from the command line, from a file, or from both: then the command line wins.

    Args:
        model: Of the command line.
        config: The file.
        file_options: How to read the file.
        options: Parameters of the `DocumentEmbedder` that were given on the command line; None is not given.
    """

    model: str | None
    config: Path | None
    file_options: FileOptions
    options: dict[str, Any]

    def parameters(self) -> dict[str, Any]:
        """Parameters of the `DocumentEmbedder`.

        Raises:
            ConfigurationError: Neither a model nor a file is given, or the file is no such file.
        """
        if self.config is None and self.model is None:
            raise ConfigurationError("got neither --model nor --config; expected one of them")
        parameters = {} if self.config is None else self._from_file(self.config)
        given = {"model_name": self.model, **self.options}
        return {**parameters, **{key: value for key, value in given.items() if value is not None}}

    def _from_file(self, config: Path) -> dict[str, Any]:
        data = self.file_options.read(config)
        kind = data.pop("type", None)
        if kind != "embed":
            raise ConfigurationError(
                f'{config}: type: got {show(kind)}; expected "embed", as in {{type: "embed", model_name: ...}}'
            )
        return data
