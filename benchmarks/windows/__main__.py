"""Measure what the edges of windows cost, and write the tables and plots into docs/windows.md."""

import argparse
from pathlib import Path

from benchmarks.environments import ROOT, UnavailableError
from benchmarks.settings import prepare_model
from benchmarks.windows import plots, tables
from benchmarks.windows.cost import cost
from benchmarks.windows.measure import Measured, measure
from benchmarks.windows.store import Store

KEPT = ROOT / ".cache" / "benchmarks" / "windows"
PAGE = ROOT / "docs" / "windows.md"


def main() -> None:
    """Measure, print the tables, and write the page; what an earlier run measured stands."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.windows", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="see whether everything runs; writes no docs")
    parser.add_argument("--kept", type=Path, help="folder of what is measured; remove it to measure anew")
    arguments = parser.parse_args()
    folder = arguments.kept or (KEPT.with_name("windows-quick") if arguments.quick else KEPT)
    try:
        model = prepare_model()
    except UnavailableError as error:
        raise SystemExit(f"benchmarks: {error}") from error
    store = Store(folder)
    measured = measure(store, model, folder / "models", quick=arguments.quick)
    sections = _sections(store, measured, model, quick=arguments.quick)
    for name, section in sections.items():
        print(f"\n{name}\n\n{section}")
    if not arguments.quick:
        plots.draw(measured, model, ROOT / "docs" / "images")
        PAGE.write_text(filled(PAGE.read_text(), sections))


def _sections(store: Store, measured: Measured, model: Path, *, quick: bool) -> dict[str, str]:
    return {
        "probes": tables.probes(measured),
        "edges": tables.edges(measured, measured.test.documents, model),
        "causes": tables.causes(measured),
        "fidelity": tables.fidelities(measured),
        "retrieval": tables.retrievals(measured),
        "tuning": tables.tuning(measured),
        "cost": cost(store, model, measured.test.documents, quick=quick),
    }


def filled(page: str, sections: dict[str, str]) -> str:
    """Put each section between `<!-- measured: NAME -->` and `<!-- end -->`."""
    for name, section in sections.items():
        before, mark, rest = page.partition(f"<!-- measured: {name} -->")
        if mark:
            page = f"{before}{mark}\n{section}\n<!-- end -->{rest.partition('<!-- end -->')[2]}"
    return page


main()
