"""`foldformer corpus`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from foldformer.choices import ExportLevel, ExportTarget
from foldformer.commands.embed.choices import choice
from foldformer.commands.embed.output_options import UnsafeStore
from foldformer.commands.options import Format, OutputFormat
from foldformer.commands.sizes import counted, human_size
from foldformer.commands.tables import print_json, print_table
from foldformer.config.errors import ConfigurationError

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Look at what `foldformer embed` made, check it, search it.",
)
Folder = Annotated[str, typer.Argument(metavar="DIR_OR_URL", help="What `foldformer embed` wrote.", show_default=False)]


@app.command("info")
def info(folder: Folder, output_format: OutputFormat = Format.TABLE) -> None:
    """Show what a folder holds, and with which model and options it was made."""
    # Not at the top: `foldformer corpus --help` need not wait for torch. The same below.
    from foldformer.corpus.reading.load import load_corpus
    from foldformer.corpus.runs.summary import Summary

    corpus = load_corpus(folder)
    summary = Summary.of(corpus.manifest, corpus.folder)
    speed = summary.num_wordpieces / summary.seconds if summary.seconds else 0.0
    data: dict[str, Any] = {
        "complete": corpus.is_complete,
        "documents": summary.num_documents,
        "skipped": summary.num_skipped,
        "wordpieces": summary.num_wordpieces,
        "vectors": summary.num_pieces,
        "segments": summary.num_segments,
        "parts": summary.num_parts,
        "bytes": summary.num_bytes,
        "seconds": round(summary.seconds, 1),
        "wordpieces_per_second": round(speed),
        **{key: value for key, value in corpus.description.items() if value not in (None, {})},
    }
    if output_format is Format.JSON:
        print_json(data)
        return
    print_table(("what", "value"), [(key.replace("_", " "), _shown(key, value)) for key, value in data.items()])


@app.command("verify")
def verify(folder: Folder) -> None:
    """Check every checksum, row count and position; exit status 1 means that something is wrong."""
    from foldformer.corpus.reading.load import load_corpus
    from foldformer.corpus.reading.verify import find_damage

    corpus = load_corpus(folder)
    found = find_damage(corpus.place, corpus.manifest)
    for damage in found:
        print(damage)
    if found:
        typer.echo(
            "run the same `foldformer embed` again: it makes what is damaged or missing, and only that", err=True
        )
        raise typer.Exit(1)
    print(f"{counted(len(corpus.manifest.parts), 'part')} with {counted(len(corpus), 'document')}: all as written")


@app.command("merge")
def merge(folder: Folder) -> None:
    """Join the shards in a folder, once all of them have come to their end."""
    from foldformer.corpus.reading.merge import merge_shards

    summary = merge_shards(folder)
    there = f"{counted(summary.num_parts, 'part')} with {counted(summary.num_documents, 'document')}"
    print(f"{there}, {human_size(summary.num_bytes)}")


@app.command("search")
def search(
    folder: Folder,
    text: Annotated[
        str,
        typer.Argument(help="What to look for; brackets choose a word: 'the [bank] of the river'.", show_default=False),
    ],
    top: Annotated[int, typer.Option(metavar="N", min=1, help="How many neighbours to show.")] = 10,
    model: Annotated[
        str | None, typer.Option(metavar="NAME_OR_FOLDER", help="Where the model is now, if it has moved.")
    ] = None,
    index: Annotated[
        str | None, typer.Option(metavar="DIR_OR_URL", help="Look in this export to faiss or lance instead.")
    ] = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Find the vectors nearest to that of a text, by looking at every one."""
    from transformers.utils.logging import disable_progress_bar

    from foldformer.corpus.reading.exported_index import ExportedIndex
    from foldformer.corpus.reading.load import load_corpus
    from foldformer.corpus.reading.search import embedder_of, nearest_pieces, query_vector

    disable_progress_bar()  # type: ignore[no-untyped-call]
    corpus = load_corpus(folder)
    exported = ExportedIndex(corpus, index) if index else None
    query = query_vector(text, embedder_of(corpus, **({"model_name": model} if model else {})))
    hits = exported.nearest(query, top) if exported else nearest_pieces(corpus, query, top)
    level = "document" if exported and exported.level == "document" else corpus.description["level"]
    if output_format is Format.JSON:
        print_json([asdict(hit) for hit in hits])
        return
    rows = [
        (
            f"{hit.score:.3f}",
            hit.id,
            str(hit.place),
            hit.piece,
            f"{' '.join(hit.before)} [{hit.piece}] {' '.join(hit.after)}",
        )
        for hit in hits
    ]
    if level == "document":
        print_table(("cosine", "document", "text"), [(row[0], row[1], _shortened(row[3])) for row in rows])
    elif level == "span":
        print_table(("cosine", "document", "place", "text"), [(*row[:3], _shortened(row[3])) for row in rows])
    else:
        print_table(("cosine", "document", "place", "piece", "context"), rows)


@app.command("show")
def show(
    folder: Folder,
    document: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Which document; the first that has vectors by default.", show_default=False),
    ] = None,
    html: Annotated[Path, typer.Option(metavar="FILE", help="Where the page is written.")] = Path("corpus.html"),
    sample: Annotated[int, typer.Option(metavar="N", min=0, help="Pieces of the corpus on the map.")] = 2000,
) -> None:
    """Write a page to look at: a document by nearness to a piece, what is nearest in the corpus, and a map."""
    from foldformer.corpus.reading.load import load_corpus
    from foldformer.corpus.reading.page import surroundings_page
    from foldformer.corpus.reading.surroundings import surroundings

    corpus = load_corpus(folder)
    try:
        row = (
            next((i for i, each in enumerate(corpus) if each.pieces), 0)
            if document is None
            else corpus.row_of(document)
        )
    except KeyError as error:
        raise ConfigurationError(f"ID: {error.args[0]}") from error
    if not len(corpus):
        raise ConfigurationError(f"{folder}: got no documents; expected one to show")
    seen = surroundings(corpus, row, sample)
    page = surroundings_page(seen, str(corpus.folder), corpus.description["model"])
    try:
        html.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"--html: got {html}, which cannot be written ({error.strerror})") from error
    shown = f"{counted(seen.num_pieces, 'piece')} of {seen.document.id}"
    print(f"{shown} among {counted(len(seen.sample), 'other piece')} in {html}; open it in a browser")


@app.command("export")
def export(
    folder: Folder,
    to: Annotated[ExportTarget, choice("--to", ExportTarget, "What searches the vectors then.", "Options")],
    output: Annotated[str, typer.Option(metavar="DIR_OR_URL", help="A folder of its own.", show_default=False)],
    level: Annotated[
        ExportLevel, choice("--level", ExportLevel, "A row for every vector, or for every document.", "Options")
    ] = "span",
    unsafe_store: UnsafeStore = False,
) -> None:
    """Write the vectors as float32 for another program; go on where an earlier try stopped."""
    from foldformer.corpus.reading.export import export_corpus
    from foldformer.corpus.reading.load import load_corpus

    rows = export_corpus(load_corpus(folder), output, to, level, unsafe=unsafe_store)
    print(f"{counted(rows, 'row')} for {to} in {output}; rows/part-*.parquet say which document each is")


def _shown(key: str, value: Any) -> str:
    if key == "bytes":
        return human_size(value)
    if key == "versions":
        return ", ".join(f"{name} {version}" for name, version in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)


def _shortened(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "..."
