"""The options of `foldformer embed` and `show` that choose the model."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from foldformer.commands.embed.choices import Name, choice
from foldformer.commands.options import FileOptions
from foldformer.config.errors import ConfigurationError
from foldformer.config.nearest import show

PANEL = "Model"


class Level(Name):
    """What gets a vector."""

    WORDPIECE = "wordpiece"
    WORD = "word"
    DOCUMENT = "document"


class Layers(Name):
    """Which layers make a vector."""

    LAST = "last"
    MIX = "mix"


class Dtype(Name):
    """What the transformer computes in."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"
    AUTO = "auto"


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
DtypeOption = Annotated[Dtype | None, choice("--dtype", Dtype, "What the transformer computes in.", PANEL)]
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
        plain = {key: value.value if isinstance(value, Enum) else value for key, value in given.items()}
        return {**parameters, **{key: value for key, value in plain.items() if value is not None}}

    def _from_file(self, config: Path) -> dict[str, Any]:
        data = self.file_options.read(config)
        kind = data.pop("type", None)
        if kind != "embed":
            raise ConfigurationError(
                f'{config}: type: got {show(kind)}; expected "embed", as in {{type: "embed", model_name: ...}}'
            )
        return data
