"""`foldformer embed`."""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from overrides import overrides
from typer.core import TyperCommand

from foldformer.commands.embed import input_options as reading
from foldformer.commands.embed import options as model_options
from foldformer.commands.embed import output_options as writing
from foldformer.commands.embed.choices import named_as_typed
from foldformer.commands.options import ExtVars, FileOptions, IncludePackage, Overrides, include_packages
from foldformer.commands.sizes import counted, human_size
from foldformer.config.errors import ConfigurationError
from foldformer.config.nearest import show

if TYPE_CHECKING:  # `foldformer embed --help` need not wait for torch
    from foldformer.corpus import Input, RunOptions, Summary
    from foldformer.engine.windows.cuts import Windowing

SKIPPED_STATUS = 3
"""Exit status of a run that came to its end, but had to leave records out."""
_ADDRESS = re.compile(r"local|auto|ray://.*|[\w.-]+:\d+")
_UNITS = {"text": "one document per line", "files": "one document each"}


class EmbedCommand(TyperCommand):
    """The command, with an option whose value may be left out."""

    @overrides(check_signature=False)  # typer's class of contexts moved between its versions
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read `--ray` without an address as `--ray local`."""
        spelled = list(args)
        for i, argument in enumerate(args):
            if argument == "--ray" and not (i + 1 < len(args) and _ADDRESS.fullmatch(args[i + 1])):
                spelled[i] = "--ray=local"
        return super().parse_args(ctx, spelled)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command("embed", cls=EmbedCommand)
def command(
    inputs: reading.Inputs,
    output: writing.Output,
    model: model_options.Model = None,
    config: model_options.Config = None,
    max_length: model_options.MaxLength = None,
    overlap: model_options.Overlap = None,
    overlap_mode: model_options.OverlapModeOption = None,
    cut: model_options.CutOption = None,
    level: model_options.LevelOption = None,
    spans: model_options.SpansOption = None,
    span_mode: model_options.SpanModeOption = None,
    document_mode: model_options.DocumentModeOption = None,
    pool_special_tokens: model_options.PoolSpecialTokens = None,
    normalize: model_options.Normalize = None,
    layers: model_options.LayersOption = None,
    dtype: model_options.DtypeOption = None,
    device: model_options.Device = None,
    batch_tokens: model_options.BatchTokens = None,
    backend: model_options.Backend = None,
    calibration: model_options.CalibrationOption = None,
    overrides: Overrides = "",
    ext_vars: ExtVars = "",
    include_package: IncludePackage = [],  # noqa: B006  (typer reads it, nobody changes it)
    input_format: reading.FormatOption = None,
    text_key: reading.TextKey = "text",
    id_key: reading.IdKey = None,
    spans_key: reading.SpansKey = None,
    keep: reading.Keep = [],  # noqa: B006
    conllu_unit: reading.ConlluUnitOption = "auto",
    on_error: reading.OnErrorOption = "fail",
    storage_dtype: writing.StorageDtypeOption = "float16",
    rows_per_part: writing.RowsPerPart = 10_000,
    part_size: writing.PartSize = "256MB",
    force: writing.Force = False,
    unsafe_store: writing.UnsafeStore = False,
    shard: writing.ShardOption = None,
    workers: writing.Workers = 1,
    ray: writing.Ray = None,
    ray_actors: writing.RayActors = None,
    ray_cpus: writing.RayCpus = 1,
    ray_gpus: writing.RayGpus = 0.0,
) -> None:
    """Embed documents into a folder of Parquet parts.

    Nothing is truncated. A run that was stopped goes on when the same command is given again.
    """
    include_packages(include_package)
    windows = {"overlap": overlap, "overlap_mode": overlap_mode, "cut": cut}
    splitter = None if spans is None else model_options.parse_splitter(spans)
    pooling = {"spans": splitter, "span_mode": span_mode, "normalize": normalize}
    of_documents = {"document_mode": document_mode, "pool_special_tokens": pool_special_tokens}
    given = {"max_length": max_length, "level": level, "layers": layers, "dtype": dtype, "device": device}
    arithmetic = {"backend": backend, "calibration": calibration}
    choice = model_options.EmbedderChoice(
        model,
        config,
        FileOptions(overrides, ext_vars),
        {**given, **windows, **pooling, **of_documents, "batch_tokens": batch_tokens, **arithmetic},
    )
    parameters = choice.parameters()
    _check_level(parameters, "span", {"--spans-key": spans_key})
    _check_level(
        parameters, "document", {"--document-mode": document_mode, "--pool-special-tokens": pool_special_tokens}
    )
    # pyarrow, once imported, gives back what is freed with this one, and keeps it with its own
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from foldformer.corpus import Input, InputOptions, KeptKey, Keys, RayOptions, RunOptions, Shard

    with named_as_typed():
        keys = Keys(text_key, id_key, tuple(KeptKey.parse(text) for text in keep), spans=spans_key)
        documents = Input(inputs, InputOptions(input_format, keys, conllu_unit))
        run_options = RunOptions(
            storage_dtype=storage_dtype,
            rows_per_part=rows_per_part,
            part_bytes=writing.parse_size(part_size),
            on_error=on_error,
            force=force,
            unsafe_store=unsafe_store,
            shard=Shard.parse(shard) if shard else None,
            workers=workers,
            ray=RayOptions(parameters, ray, ray_actors, ray_cpus, ray_gpus, tuple(include_package)) if ray else None,
        )
        _run(documents, output, parameters, run_options)


def _check_level(parameters: dict[str, Any], level: str, options: dict[str, Any]) -> None:
    for option, given in options.items():
        if given is not None and parameters.get("level") != level:
            raise ConfigurationError(f"{option}: got {show(given)}; expected --level {level} beside it")


def _run(documents: "Input", output: str, parameters: dict[str, Any], options: "RunOptions") -> None:
    """Embed, with a progress bar, and print the summary."""
    from transformers.utils.logging import disable_progress_bar

    from foldformer.commands.progress import ProgressBar
    from foldformer.config import build
    from foldformer.corpus import DocumentEmbedder, embed_corpus
    from foldformer.corpus.output.places import output_folder

    disable_progress_bar()  # type: ignore[no-untyped-call]
    start = time.monotonic()
    folder = output_folder(output, options.shard)
    typer.echo(f"reading {_described(documents.without(folder.location))}", err=True)
    embedder = build(DocumentEmbedder, parameters)
    if parameters.get("level") == "document" and "document_mode" not in parameters:
        _tell_of_own_pooling(embedder.description["model"])
    with _orderly_termination(), ProgressBar() as progress:
        summary = embed_corpus(documents, output, embedder, options, progress)
    _print_summary(summary, f"{embedder.dim} {options.storage_dtype} numbers", time.monotonic() - start)
    if not embedder.windowing.is_plain and summary.num_segments:
        print(_price(embedder.windowing, summary))
    if summary.num_skipped:
        name = folder.path_of(folder.names.errors)
        typer.secho(f"{counted(summary.num_skipped, 'record')} skipped, see {name}", fg="yellow", err=True)
        raise typer.Exit(SKIPPED_STATUS)


def _tell_of_own_pooling(model_name: str) -> None:
    from foldformer.embedding.pooling.model import has_own_pooling

    if has_own_pooling(model_name):
        typer.echo(
            f"{model_name} says in modules.json how its documents are pooled: --document-mode model does so; this run "
            "takes avg, without special tokens",
            err=True,
        )


def _print_summary(summary: "Summary", vector: str, seconds: float) -> None:
    print(
        f"{counted(summary.num_documents, 'document')}, {counted(summary.num_wordpieces, 'wordpiece')}, "
        f"{counted(summary.num_segments, 'segment')} -> {counted(summary.num_pieces, 'vector')} of {vector}"
    )
    print(
        f"{counted(summary.num_parts, 'part')}, {human_size(summary.num_bytes)}, in {summary.folder}; "
        f"{summary.num_made:,} of them made now, in {seconds:,.1f} s"
    )


def _price(windowing: "Windowing", summary: "Summary") -> str:
    """Say how much of a segment is new, which overlap and cuts make less."""
    new = summary.num_wordpieces / summary.num_segments
    return (
        f"cut {windowing.cut}, overlap {windowing.overlap}: {new:.1f} new wordpieces a segment, of {windowing.size:,}"
    )


def _described(documents: "Input") -> str:
    counts = Counter(documents.format_of(source) for source in documents.sources)
    return ", ".join(f"{counted(count, 'file')} ({_UNITS.get(kind, kind)})" for kind, count in counts.items())


@contextmanager
def _orderly_termination() -> Iterator[None]:
    """Let SIGTERM end the run in the same way as Ctrl-C, so that it leaves nothing half written."""

    def stop(number: int, _: Any) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
