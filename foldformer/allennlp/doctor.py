"""`foldformer doctor`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Annotated, Any

import typer

from foldformer.allennlp.diagnosis import (
    Finding,
    Unreadable,
    asked_of_allennlp,
    dropped_by_others,
    not_installed,
    read_programs,
    registered_names,
)
from foldformer.commands.options import Arguments, ExtVars, FileOptions, Format, OutputFormat, Overrides
from foldformer.commands.tables import print_json, print_table
from foldformer.config import ConfigurationError, Experiment, Problem, review
from foldformer.config.old_keys import upgraded

PLACES = 3  # that a row shows


def command(
    package: Annotated[
        Path, typer.Argument(metavar="PACKAGE", help="A project's package, by name or folder.", show_default=False)
    ],
    files: Annotated[
        list[Path], typer.Argument(metavar="[FILE]...", help="Its experiment files.", show_default=False)
    ] = [],  # noqa: B006  (typer reads it, nobody changes it)
    overrides: Overrides = "",
    ext_vars: ExtVars = "",
    arguments: Arguments = "",
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Say what of a project written for AllenNLP runs here.

    Reads its Python without running it: what it imports from AllenNLP, what of that is served, what is missing and
    where it is used; what torch, transformers and numpy have dropped; which packages are not installed. Then checks its
    files; blocks of components that the package itself registers are left to `foldformer check --include-package`. Exit
    status 1 means that something is missing or wrong.
    """
    place = _place_of(package)
    programs, unreadable = read_programs(sorted(place.rglob("*.py")) if place.is_dir() else [place])
    if not programs and not unreadable:
        raise ConfigurationError(f"PACKAGE: got {package}, in which there is no Python")
    findings = asked_of_allennlp(programs, place.stem)
    others = [*dropped_by_others(programs), *not_installed(programs, place)]
    options, own = FileOptions(overrides, ext_vars, arguments), registered_names(programs)
    checked = {file: _checked(file, options, own) for file in files}
    if output_format is Format.JSON:
        print_json(_as_json(findings, others, unreadable, checked))
    else:
        _print_findings(place, findings, others, unreadable)
        _print_checked(checked, package)
    missing = [each for each in findings if not each.is_served]
    raise typer.Exit(1 if missing or others or unreadable or any(checked.values()) else 0)


def _place_of(package: Path) -> Path:
    """The folder or file of a package, found without importing anything.

    Raises:
        ConfigurationError: There is none.
    """
    if package.exists():
        return package
    search = [str(Path.cwd()), *sys.path]
    found = None
    for name in str(package).split("."):
        spec = PathFinder.find_spec(name, search)
        if spec is None:
            raise ConfigurationError(f"PACKAGE: got {package}; expected a package below {Path.cwd()}, or its folder")
        search = list(spec.submodule_search_locations or [])
        found = Path(search[0]) if search else Path(str(spec.origin))
    assert found is not None, "no text splits into nothing"
    return found.relative_to(Path.cwd()) if found.is_relative_to(Path.cwd()) else found


def _checked(file: Path, options: FileOptions, own: set[str]) -> list[Problem]:
    """What is wrong with a file, other than that it names components of the project itself."""
    try:
        data, _ = upgraded(options.read(file, as_written=True))
        problems = review(Experiment, data).problems
    except ConfigurationError as error:
        return list(error.problems)
    return [each for each in problems if _named(data, each.path) not in own]


def _named(data: Any, path: str) -> str | None:
    """The name of a component at a path, if that is one."""
    for part in path.split(".") if path else ():
        if isinstance(data, Mapping) and part in data:
            data = data[part]
        elif isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
        else:
            return None
    return data if isinstance(data, str) else None


def _print_findings(
    place: Path, findings: list[Finding], others: list[Finding], unreadable: Iterable[Unreadable]
) -> None:
    served = sum(each.is_served for each in findings)
    print(
        f"{place}: asks AllenNLP for {len(findings)} names; {served} are served, {len(findings) - served} are missing"
    )
    if findings:
        rows = [("served" if each.is_served else "MISSING", each.name, each.answer, _places(each)) for each in findings]
        print_table(("", "name of AllenNLP", "here", "where"), rows)
    if others:
        print_table(("other packages", "why", "where"), [(each.name, each.answer, _places(each)) for each in others])
    rows_of_files = [(each.place, each.why) for each in unreadable]
    if rows_of_files:
        print_table(("file", "is not Python of this version"), rows_of_files)


def _print_checked(checked: Mapping[Path, list[Problem]], package: Path) -> None:
    for file, problems in checked.items():
        if not problems:
            print(f"{file}: no errors outside the components of {package}")
    rows = [(str(file), each.path, each.message) for file, problems in checked.items() for each in problems]
    if rows:
        print_table(("file", "where", "what is wrong"), rows)


def _places(finding: Finding) -> str:
    more = len(finding.places) - PLACES
    return ", ".join(finding.places[:PLACES]) + (f" and {more} more" if more > 0 else "")


def _as_json(
    findings: list[Finding],
    others: list[Finding],
    unreadable: Iterable[Unreadable],
    checked: Mapping[Path, list[Problem]],
) -> dict[str, Any]:
    return {
        "allennlp": [
            {"name": each.name, "served": each.is_served, "here": each.answer, "where": each.places}
            for each in findings
        ],
        "others": [{"name": each.name, "why": each.answer, "where": each.places} for each in others],
        "unreadable": [{"where": each.place, "why": each.why} for each in unreadable],
        "files": [
            {"file": str(file), "errors": [{"path": each.path, "message": each.message} for each in problems]}
            for file, problems in checked.items()
        ],
    }
