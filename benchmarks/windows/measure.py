"""Everything that is measured, in the order of what it is worth."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.settings import MODEL_NAME
from benchmarks.windows.fidelity import fidelity
from benchmarks.windows.fine_tuning import RULES, fine_tune
from benchmarks.windows.other_weights import SHIFTS, shifted
from benchmarks.windows.probing import probe_rule
from benchmarks.windows.retrieval import read_books, retrieval_rules, retrieve
from benchmarks.windows.rules import HALF, SIZES, WHOLE, Rule, all_rules
from benchmarks.windows.store import Arrays, Store
from benchmarks.windows.treebank import Treebank, read_treebank

MIXED_RULES = [Rule(30), Rule(30, HALF), Rule(126), Rule(126, HALF), Rule(WHOLE)]
FIDELITY_RULES = [Rule(size, part, mode) for size in SIZES for part, mode in (
    (0.0, "average"), (1 / 4, "average"), (HALF, "average"), (HALF, "weighted"), (HALF, "max_context"),
)]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Measured:
    """What the page is written from, by the names of rules.

    Args:
        test: What was predicted.
        probes: Every rule.
        mixed: The mean of all layers instead of the last, for a few rules.
        shifted: The shortest windows at other positions, by the shift.
        fidelity: Cosines to the unfolded run.
        retrieval: Every verse alone, under "alone", and in context.
        tuned: One array a seed.
    """

    test: Treebank
    probes: dict[str, Arrays]
    mixed: dict[str, Arrays]
    shifted: dict[int, Arrays]
    fidelity: dict[str, Arrays]
    retrieval: dict[str, Arrays]
    tuned: dict[str, list[Arrays]]


def measure(store: Store, model: Path, folder: Path, *, quick: bool) -> Measured:
    """Measure what the store does not have yet.

    Args:
        store: Keeps what was measured.
        model: Of the vectors.
        folder: For copies of the model.
        quick: Few documents, rules and seeds, to see whether everything runs.
    """
    most, seeds = (24, 1) if quick else (10_000, 3)
    train = read_treebank("dev", most)
    parts = train, read_treebank("test", most, train.tag_names)
    rules = [Rule(30), Rule(30, HALF), Rule(WHOLE)] if quick else all_rules()
    near = FIDELITY_RULES[:2] if quick else FIDELITY_RULES
    books = read_books(("Jonah",)) if quick else read_books()
    contexts = retrieval_rules()[:3] if quick else retrieval_rules()
    tuned = RULES[:1] if quick else RULES
    return Measured(
        test=parts[1],
        probes={rule.name: probe_rule(store, model, MODEL_NAME, rule, parts, seeds) for rule in rules},
        retrieval={
            "alone" if rule is None else rule.name: retrieve(store, model, MODEL_NAME, rule, books) for rule in contexts
        },
        fidelity=fidelity(store, model, MODEL_NAME, near, parts[1]),
        shifted={
            shift: probe_rule(store, shifted(model, shift, folder), f"shifted {shift}", Rule(30), parts, seeds)
            for shift in SHIFTS[: 2 if quick else None]
        },
        mixed={
            rule.name: probe_rule(store, model, "mean of layers", rule, parts, seeds, layers="mix")
            for rule in MIXED_RULES[: 2 if quick else None]
        },
        tuned={
            rule.name: [fine_tune(store, model, MODEL_NAME, rule, parts, seed) for seed in range(seeds)]
            for rule in tuned
        },
    )
