"""What this project set out to reach, beside what was measured. Ratios are to the best of all peers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.measuring import best_of_groups, speed_ratio

HAND_FLOAT32 = "hand-packed transformers, float32"
FLOAT32, AUTO = "foldformer, float32", "foldformer, auto"
OWN_GROUPS = {FLOAT32: "float32", AUTO: "bfloat16", "foldformer, int8": "int8"}
"""This project's systems, and what their peers compute in."""
Best = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Goal:
    """One figure.

    Args:
        name: What it is.
        value: As measured.
        least: It should be at least this; None where it should be at most `most`.
        most: It should be at most this.
        unit: "x", "%" or "MB".
    """

    name: str
    value: float
    least: float | None = None
    most: float | None = None
    unit: str = "x"

    def shown_goal(self) -> str:
        """Return the goal as text."""
        bound = self.least if self.least is not None else self.most
        return f"at {'least' if self.least is not None else 'most'} {bound:g} {self.unit}"

    def shown_value(self) -> str:
        """Return the measured figure as text."""
        return f"{self.value:.2f} {self.unit}"

    def verdict(self) -> str:
        """Say whether it is reached."""
        low = self.least is not None and self.value < self.least
        high = self.most is not None and self.value > self.most
        return "missed" if low or high else "reached"


def goals(results: dict[str, Any]) -> list[Goal]:
    """Return the goals that there are measurements for."""
    found: list[Goal] = []
    if "inference" in results:
        corpora = results["inference"]["corpora"]
        found += _ragged(corpora["ragged documents"]) + _short(corpora["short sentences"])
    if "training" in results:
        best = best_of_groups(results["training"]["rows"])
        found += _ratio("training / AllenNLP", best, "foldformer", "AllenNLP 2.10.1", 4)
        found += _ratio("training / hand-packed", best, "foldformer", HAND_FLOAT32, 0.95)
    if "long" in results:
        found += _long(results["long"])
    if "overlap" in results:
        for row in results["overlap"]["rows"]:
            name = f"time beyond the wordpieces that overlap adds, {row['overlap']} of {row['size']}"
            found.append(Goal(name, 100 * (row["time"] / row["wordpieces"] - 1), most=5, unit="%"))
    if "startup" in results:
        found.append(Goal("embed one sentence / load", results["startup"]["ratio"], most=1.5))
    if "tagging" in results:
        found += _tagging(results["tagging"]["rows"])
    return found


def _ragged(corpus: dict[str, Any]) -> list[Goal]:
    best = best_of_groups(corpus["rows"])
    found = [
        *_against_peers("ragged documents", corpus),
        *_ratio("float32 / AllenNLP", best, FLOAT32, "AllenNLP 2.10.1", 11),
        *_ratio("float32 / flair", best, FLOAT32, "flair 0.15.1", 2.3),
    ]
    for name, most in ((FLOAT32, 3), (AUTO, 8)):
        if name in best:
            seconds = corpus["words"] / best[name]["words_per_second"]
            share = 100 * corpus["tokenizing"][name] / seconds
            found.append(Goal(f"tokenizing and indexing, {name}", share, most=most, unit="%"))
            found.append(Goal(f"memory beyond weights and output, {name}", best[name]["beyond"], most=350, unit="MB"))
    return found


def _short(corpus: dict[str, Any]) -> list[Goal]:
    return list(_against_peers("short sentences", corpus))


def _against_peers(corpus_name: str, corpus: dict[str, Any]) -> Iterator[Goal]:
    """Compare with whichever peer is the fastest of those that compute alike."""
    best = best_of_groups(corpus["rows"])
    for own, dtype in OWN_GROUPS.items():
        peers = [row for name, row in best.items() if row["dtype"] == dtype and name not in OWN_GROUPS]
        if own in best and peers:
            peer = max(peers, key=lambda row: float(row["words_per_second"]))
            yield Goal(f"{corpus_name}, {own} / {peer['group']}", speed_ratio(best[own], peer), least=1)


def _long(measured: dict[str, Any]) -> list[Goal]:
    speeds = [row["words_per_second"] for row in measured["by_length"]]
    layers = measured["layers"]
    found = [
        Goal("slowest / fastest document length", min(speeds) / max(speeds), least=0.85),
        Goal("memory, scalar mix / last layer", layers["mix"]["beyond"] / layers["last"]["beyond"], most=1.25),
    ]
    for key in ("one_document", "many_documents"):
        beyond = [row["beyond"] for row in measured[key]]
        name = key.replace("_", " ")
        found.append(Goal(f"memory, {name}, most wordpieces / fewest", beyond[-1] / beyond[0], most=1.1))
        found.append(Goal(f"memory beyond weights and output, {name}", beyond[-1], most=350, unit="MB"))
    return found


def _tagging(rows: list[dict[str, Any]]) -> list[Goal]:
    by_name = {row["name"]: row for row in rows}
    if "foldformer" not in by_name:
        return []
    found = [Goal("tagging accuracy", 100 * by_name["foldformer"]["accuracy"], least=93.5, unit="%")]
    if "AllenNLP 2.10.1" in by_name:
        ratio = by_name["foldformer"]["seconds"] / by_name["AllenNLP 2.10.1"]["seconds"]
        found.append(Goal("tagging, wall time / AllenNLP's", ratio, most=0.5))
    return found


def _ratio(name: str, best: Best, first: str, second: str, least: float) -> list[Goal]:
    if first not in best or second not in best:
        return []
    return [Goal(name, speed_ratio(best[first], best[second]), least=least)]
