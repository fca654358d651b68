"""Who is measured, with which settings."""

from typing import Any

from benchmarks import environments
from benchmarks.process import System

NAIVE = System("a segment at a time", "naive")
OWN_FLOAT32 = System("foldformer, float32", "foldformer", options={"dtype": "float32"}, group="foldformer, float32")
OWN_AUTO = System("foldformer, auto", "foldformer", options={"dtype": "auto"}, dtype="auto", group="foldformer, auto")
OWN_MODULE = System("foldformer", "foldformer", options={"module": True}, group="foldformer")
OWN_INT8 = System("foldformer, int8", "foldformer", options={"dtype": "int8"}, dtype="int8", group="foldformer, int8")
ALLENNLP = System(
    "AllenNLP 2.10.1, batch 8", "allennlp", environments.ALLENNLP, options={"batch": 8}, group="AllenNLP 2.10.1"
)
HAND_PACKED = "hand-packed transformers"
FLAIR = "flair 0.15.1"


def own() -> list[System]:
    """This project's systems."""
    return [OWN_FLOAT32, OWN_AUTO, OWN_INT8]


def hand_packed(dtype: str, budgets: tuple[int, ...] = (512, 1024, 2048, 4096)) -> list[System]:
    """PyTorch by hand, at several budgets."""
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


def loops() -> list[System]:
    """Plain loops over other runtimes, each at two budgets."""
    found = []
    for budget in (1024, 2048):
        for arithmetic, dtype in (("f32", "float32"), ("bf16", "bfloat16")):
            found.append(_loop("OpenVINO loop", "openvino_loop", dtype, budget, arithmetic=arithmetic))
        found.append(_loop("OpenVINO loop", "openvino_loop", "int8", budget, arithmetic="bf16", quantized=True))
        found.append(_loop("ONNX Runtime loop", "onnx_runtime", "float32", budget))
        found.append(_loop("ONNX Runtime loop", "onnx_runtime", "int8", budget, quantized=True))
    return found


def _loop(name: str, module: str, dtype: str, budget: int, **options: Any) -> System:
    return System(
        f"{name}, {dtype}, budget {budget}",
        module,
        environments.OWN if module == "openvino_loop" else environments.ONNX,
        options={"budget": budget, **options},
        dtype=dtype,
        group=f"{name}, {dtype}",
    )


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
        *(_sentence_transformers(backend) for backend in ("torch", "openvino", "onnx")),
        System(
            "transformers pipeline, batch 8",
            "feature_extraction_pipeline",
            options={"batch": 8},
            folds=False,
            group="transformers pipeline",
        ),
    ]


def _sentence_transformers(backend: str) -> System:
    environment = {
        "torch": environments.SENTENCE_TRANSFORMERS,
        "openvino": environments.SENTENCE_TRANSFORMERS_OPENVINO,
        "onnx": environments.SENTENCE_TRANSFORMERS_ONNX,
    }[backend]
    name = "sentence-transformers" if backend == "torch" else f"sentence-transformers, {backend}"
    options = {"batch": 8, "backend": backend}
    dtype = "bfloat16" if backend == "openvino" else "float32"  # OpenVINO rounds where the processor can
    return System(
        f"{name}, batch 8", "sentence_transformers", environment, options, dtype=dtype, folds=False, group=name
    )


def _flair(batch: int) -> System:
    return System(
        f"{FLAIR}, batch {batch}", "flair", environments.FLAIR, options={"batch": batch}, folds=False, group=FLAIR
    )
