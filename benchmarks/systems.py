"""Who is measured, with which settings."""

from benchmarks import environments
from benchmarks.process import System

NAIVE = System("a segment at a time", "naive")
OWN_FLOAT32 = System("foldformer, float32", "foldformer", options={"dtype": "float32"}, group="foldformer, float32")
OWN_AUTO = System("foldformer, auto", "foldformer", options={"dtype": "auto"}, dtype="auto", group="foldformer, auto")
OWN_MODULE = System("foldformer", "foldformer", options={"module": True}, group="foldformer")
ALLENNLP = System(
    "AllenNLP 2.10.1, batch 8", "allennlp", environments.ALLENNLP, options={"batch": 8}, group="AllenNLP 2.10.1"
)
HAND_PACKED = "hand-packed transformers"
FLAIR = "flair 0.15.1"


def own() -> list[System]:
    """This project's systems."""
    return [OWN_FLOAT32, OWN_AUTO]


def hand_packed(dtype: str, budgets: tuple[int, ...] = (512, 1024, 2048, 4096)) -> list[System]:
    """The practical limit, at several budgets."""
    return [
        System(
            f"{HAND_PACKED}, {dtype}, budget {budget}",
            "hand_packed",
            options={"budget": budget, "dtype": dtype},
            dtype=dtype,
            group=f"{HAND_PACKED}, {dtype}",
        )
        for budget in budgets
    ]


def peers() -> list[System]:
    """Other libraries, each at batch sizes that suit it."""
    return [
        ALLENNLP,
        *(_flair(batch) for batch in (8, 32)),
        System(
            "spacy-curated-transformers, batch 4",
            "spacy_curated_transformers",
            environments.SPACY,
            options={"batch": 4},
            folds=False,
            group="spacy-curated-transformers",
        ),
        System(
            "sentence-transformers, batch 8",
            "sentence_transformers",
            environments.SENTENCE_TRANSFORMERS,
            options={"batch": 8},
            folds=False,
            group="sentence-transformers",
        ),
        System(
            "transformers pipeline, batch 8",
            "feature_extraction_pipeline",
            options={"batch": 8},
            folds=False,
            group="transformers pipeline",
        ),
    ]


def _flair(batch: int) -> System:
    return System(
        f"{FLAIR}, batch {batch}", "flair", environments.FLAIR, options={"batch": batch}, folds=False, group=FLAIR
    )
