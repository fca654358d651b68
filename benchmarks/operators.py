"""Where the time of a run goes, by kind of operator.

Run: `python -m benchmarks.operators`. Ragged documents, as in the benchmark; shares of the operators' own time.
"""

from collections import Counter

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks import corpora
from benchmarks.settings import prepare_model
from foldformer.corpus import DocumentEmbedder

KINDS = {
    "matrix products": ("addmm", "mm", "linear", "matmul"),
    "attention": ("scaled_dot_product", "flash_attention", "bmm", "_softmax"),
    "GELU": ("gelu",),
    "layer norm": ("layer_norm",),
    "additions": ("add", "add_"),
    "embedding": ("embedding", "index_select", "index"),
    "word averages": ("index_add_", "mul_"),
}


def main() -> None:
    """Print a table for each dtype."""
    documents = corpora.ragged(24, 3000)
    for dtype in ("float32", "bfloat16"):
        embedder = DocumentEmbedder.from_model(str(prepare_model()), level="word", max_length=512, dtype=dtype)
        list(embedder.embed(documents[:4]))
        with profile(activities=[ProfilerActivity.CPU]) as profiled:
            list(embedder.embed(documents))
        shares: Counter[str] = Counter()
        for event in profiled.key_averages():
            shares[_kind(event.key)] += event.self_cpu_time_total
        print(f"{dtype}, torch {torch.__version__}, {torch.get_num_threads()} threads")
        for kind, microseconds in shares.most_common():
            print(f"  {kind:<16} {microseconds / shares.total():6.1%}")


def _kind(operator: str) -> str:
    name = operator.removeprefix("aten::").removeprefix("mkldnn::")
    for kind, names in KINDS.items():
        if any(name == known or (len(known) > 6 and known in name) for known in names):
            return kind
    return "everything else"


if __name__ == "__main__":
    main()
