"""The subcommands: name, module and the line that `foldformer --help` shows.

The line is the first of the docstring of the module's function `command`; it stands here too, as showing it must not
import the module.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Subcommand:
    """A subcommand that is imported when it runs.

    Args:
        module: Holds a function `command`, annotated as typer wants it, or a typer `app` of its own.
        summary: First line of the docstring of the function or of the app's callback.
    """

    module: str
    summary: str


SUBCOMMANDS = {
    "check": Subcommand("foldformer.commands.files.check_files", "Report every error in experiment files at once."),
    "upgrade": Subcommand(
        "foldformer.commands.files.upgrade_files", "Rewrite files of AllenNLP 0.x and 1.x into today's keys."
    ),
    "doctor": Subcommand("foldformer.allennlp.doctor", "Say what of a project written for AllenNLP runs here."),
    "list": Subcommand("foldformer.commands.files.list_components", "List the components that a file can name."),
    "describe": Subcommand("foldformer.commands.files.describe", "Show the parameters of a component."),
    "schema": Subcommand(
        "foldformer.commands.files.write_schema", "Give the JSON Schema of experiment files, for editors."
    ),
    "resolve": Subcommand(
        "foldformer.commands.files.resolve", "Show what a file says once everything in it is evaluated."
    ),
    "diff": Subcommand(
        "foldformer.commands.files.diff_files", "Show what differs between two files once they are evaluated."
    ),
    "train": Subcommand("foldformer.commands.train", "Train the model that an experiment file describes."),
    "evaluate": Subcommand("foldformer.commands.evaluate", "Compute a trained model's metrics on data."),
    "predict": Subcommand("foldformer.commands.predict", "Let a trained model predict, line by line."),
    "export": Subcommand("foldformer.commands.export", "Save a trained model as a Hugging Face folder."),
    "embed": Subcommand("foldformer.commands.embed.command", "Embed documents into a folder of Parquet parts."),
    "show": Subcommand("foldformer.commands.show", "Draw how a text is cut into segments and stitched."),
    "corpus": Subcommand("foldformer.commands.corpus", "Look at what `foldformer embed` made, check it, search it."),
}
