"""Measure everything, print the tables, and write them into docs/benchmarks.md."""

import argparse
import json
import time
from typing import Any

from benchmarks import report
from benchmarks.environments import ROOT, UnavailableError
from benchmarks.sections import inference, long_documents, machine, overlap, startup, tagging, training
from benchmarks.settings import Settings, prepare_model

SECTIONS = {
    "machine": machine.measure,
    "inference": inference.measure,
    "training": training.measure,
    "long": long_documents.measure,
    "overlap": overlap.measure,
    "startup": startup.measure,
    "tagging": tagging.measure,
}
RESULTS = ROOT / ".cache" / "benchmarks" / "results.json"
QUICK_RESULTS = RESULTS.with_name("quick-results.json")


def main() -> None:
    """Run the chosen sections; results of earlier runs stand for the others."""
    arguments = _arguments()
    path = QUICK_RESULTS if arguments.quick else RESULTS
    results = json.loads(path.read_text()) if path.exists() else {}
    try:
        settings = Settings(prepare_model(), arguments.quick)
    except UnavailableError as error:
        raise SystemExit(f"benchmarks: {error}") from error
    for name in () if arguments.report else arguments.only or SECTIONS:
        results |= _section(name, settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results, indent=1))
    print(report.text(results))
    if not arguments.quick:
        report.write(results, ROOT / "docs")


def _section(name: str, settings: Settings) -> dict[str, Any]:
    print(f"{name}:", flush=True)
    start = time.perf_counter()
    try:
        measured = SECTIONS[name](settings)
    except UnavailableError as error:
        print(f"  skipped: {error}", flush=True)
        return {}
    print(f"  {name} took {time.perf_counter() - start:.0f} s", flush=True)
    return {name: measured}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=_names, metavar="NAME,...", help=f"some of {', '.join(SECTIONS)}")
    parser.add_argument("--quick", action="store_true", help="see whether everything runs; writes no docs")
    parser.add_argument("--report", action="store_true", help="measure nothing, write the docs from the last results")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in SECTIONS:
            raise argparse.ArgumentTypeError(f"got {name!r}; expected some of {', '.join(SECTIONS)}")
    return names


if __name__ == "__main__":
    main()
