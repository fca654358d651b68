"""What a GPU does: `python -m benchmarks.gpu`, or `benchmarks/gpu.sh` on a machine where nothing can be fetched.

Models are made from configurations, with random weights, which run as fast as trained ones; texts are those of the
other benchmarks. Systems run in turn, and medians count. Results go to `.cache/benchmarks/gpu.json`, and to the screen.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import BertWordPieceTokenizer
from transformers import AutoModel, BertConfig, BertModel, BertTokenizerFast

from benchmarks import corpora
from benchmarks.environments import ROOT
from embedders import PretrainedTransformerEmbedder
from foldformer.embedding import DocumentEmbedder
from foldformer.engine.backends.pytorch import PyTorchBackend
from foldformer.engine.micro_batches import FlatWordpieces
from foldformer.engine.segments import cut_segments

CACHE = ROOT / ".cache" / "benchmarks"
SHAPES = {"tiny": (4, 256), "MiniLM": (6, 384), "BERT-base": (12, 768)}
MAX_LENGTH = 512
SPECIAL = 2


@dataclass(frozen=True)
class Settings:
    """Of one run.

    Args:
        device: Where everything runs.
        repeats: Timed rounds.
        quick: Small inputs, to see whether everything runs.
    """

    device: str
    repeats: int
    quick: bool

    def pick(self, full: int, quick: int) -> int:
        """Return the size for this run."""
        return quick if self.quick else full


def main() -> None:
    """Measure all parts; one that fails says so and leaves the others alone."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--quick", action="store_true", help="see whether everything runs")
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS), metavar="PART,...")
    arguments = parser.parse_args()
    settings = Settings(arguments.device, 1 if arguments.quick else 3, arguments.quick)
    results: dict[str, Any] = {"device": _name(settings.device), "torch": torch.__version__}
    print(results, flush=True)
    for name in arguments.only:
        start = time.perf_counter()
        results[name] = list(PARTS[name](settings))
        print(f"{name}, {time.perf_counter() - start:.0f} s", flush=True)
        for row in results[name]:
            print("  " + ", ".join(f"{key} {_shown(value)}" for key, value in row.items()), flush=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE / "gpu.json").write_text(json.dumps(results, indent=1))


def _peak(settings: Settings) -> Iterator[dict[str, Any]]:
    size = settings.pick(8192, 512)
    for dtype in (torch.float32, torch.bfloat16):
        first, second = (torch.randn(size, size, device=settings.device, dtype=dtype) for _ in range(2))
        seconds = _times(settings, {"product": lambda a=first, b=second: a @ b})["product"]
        yield {"dtype": str(dtype), "TFLOP/s": 2 * size**3 / seconds / 1e12}


def _agreement(settings: Settings) -> Iterator[dict[str, Any]]:
    """The vectors of the GPU against those of the processor."""
    documents = [" ".join(words) for words in corpora.ragged(settings.pick(40, 4), settings.pick(3_000, 600))]
    for shape in SHAPES:
        folder = str(_model(shape))
        expected = _vectors(DocumentEmbedder(folder, max_length=MAX_LENGTH, device="cpu", backend="torch"), documents)
        for dtype in ("float32", "bfloat16"):
            embedder = DocumentEmbedder(folder, max_length=MAX_LENGTH, device=settings.device, dtype=dtype)
            found = _vectors(embedder, documents)
            cosines = (found * expected).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(expected, axis=1)
            difference = float(np.abs(found - expected).max())
            yield {
                "shape": shape,
                "dtype": dtype,
                "largest difference": difference,
                "least cosine": float(cosines.min()),
            }


def _budgets(settings: Settings) -> Iterator[dict[str, Any]]:
    """The transformer alone in bfloat16, by wordpieces in a micro-batch."""
    for shape in SHAPES:
        transformer = AutoModel.from_pretrained(_model(shape), dtype=torch.bfloat16).to(settings.device).eval()
        for corpus, words in _corpora(settings).items():
            ids, lengths = _tokenized(shape, words)
            segments = cut_segments(lengths, MAX_LENGTH)
            wordpieces = FlatWordpieces(torch.from_numpy(ids).to(settings.device))
            runs = {
                str(budget): lambda budget=budget, t=transformer, w=wordpieces, s=segments: _drain(t, w, s, budget)
                for budget in (8_192, 16_384, 32_768, 65_536, 131_072)
            }
            for budget, seconds in _times(settings, runs).items():
                flops = _flops(shape, segments.lengths)
                speed = {"wordpieces/s": len(ids) / seconds, "TFLOP/s": flops / seconds / 1e12}
                yield {"shape": shape, "corpus": corpus, "budget": int(budget), **speed}


def _documents(settings: Settings) -> Iterator[dict[str, Any]]:
    """Texts in, vectors on the host out, against sentence-transformers on the same segments."""
    for shape in SHAPES:
        folder = str(_model(shape))
        for corpus, words in _corpora(settings).items():
            texts, chunks = [" ".join(each) for each in words], _chunks(shape, words)
            runs: dict[str, Callable[[], object]] = {}
            for level in ("wordpiece", "document"):
                own = DocumentEmbedder(
                    folder, max_length=MAX_LENGTH, level=level, device=settings.device, dtype="bfloat16"
                )
                runs[f"foldformer, {level}"] = lambda own=own, texts=texts: _consume(own, texts)
            for batch in (32, 128):
                peer = _peer(folder, settings.device)
                for value in ("token_embeddings", "sentence_embedding"):
                    runs[f"sentence-transformers, {value}, batch {batch}"] = (
                        lambda peer=peer, value=value, batch=batch, chunks=chunks: _encode(peer, chunks, value, batch)
                    )
            num_wordpieces = len(_tokenized(shape, words)[0])
            for name, seconds in _times(settings, runs).items():
                yield {"shape": shape, "corpus": corpus, "system": name, "wordpieces/s": num_wordpieces / seconds}


def _training(settings: Settings) -> Iterator[dict[str, Any]]:
    """Forward, backward and AdamW in float32 weights under bfloat16 autocast, against padded batches."""
    for shape in SHAPES:
        folder = str(_model(shape))
        words = corpora.ragged(settings.pick(64, 4), settings.pick(3_000, 600))
        ids, lengths = _tokenized(shape, words)
        embedder = PretrainedTransformerEmbedder(folder, max_length=MAX_LENGTH).to(settings.device).train()
        padded = AutoModel.from_pretrained(folder).to(settings.device).train()
        segments = cut_segments(lengths, MAX_LENGTH)
        rows = _padded(ids, segments.starts, segments.lengths, settings.device)
        documents = _padded(ids, np.cumsum(lengths) - lengths, lengths, settings.device)
        steps = {
            "foldformer": _step(embedder, lambda e=embedder, d=documents: _folded_loss(e, *d)),
            "padded batches": _step(padded, lambda p=padded, r=rows: _padded_loss(p, *r)),
        }
        for name, seconds in _times(settings, steps).items():
            yield {"shape": shape, "system": name, "wordpieces/s": len(ids) / seconds}


def _profile(settings: Settings) -> Iterator[dict[str, Any]]:
    """Where the time of documents goes, by operator."""
    folder = str(_model("BERT-base"))
    activities = [torch.profiler.ProfilerActivity.CPU]
    if settings.device != "cpu":
        activities.append(torch.profiler.ProfilerActivity.CUDA)
    for corpus, words in _corpora(settings).items():
        texts = [" ".join(each) for each in words]
        own = DocumentEmbedder(folder, max_length=MAX_LENGTH, device=settings.device, dtype="bfloat16")
        _consume(own, texts)
        start = time.perf_counter()
        with torch.profiler.profile(activities=activities) as profile:
            _consume(own, texts)
        print(corpus, f"{time.perf_counter() - start:.2f} s under the profiler", flush=True)
        key = "self_cuda_time_total" if settings.device != "cpu" else "self_cpu_time_total"
        print(profile.key_averages().table(sort_by=key, row_limit=14, max_name_column_width=60), flush=True)
        windows = list(own._windows(texts, own._backend_for(0)))
        preparing = _times(settings, {"prepare": lambda o=own, w=windows: [o._prepare(each) for each in w]})
        yield {"corpus": corpus, "tokenizing, s": preparing["prepare"]}


PARTS = {
    "peak": _peak,
    "agreement": _agreement,
    "documents": _documents,
    "budgets": _budgets,
    "training": _training,
    "profile": _profile,
}


def _model(shape: str) -> Path:
    """Make a BERT with random weights, and a tokenizer trained on the benchmark's text."""
    folder = CACHE / "gpu-models" / shape
    if (folder / "config.json").exists():
        return folder
    layers, width = SHAPES[shape]
    trained = BertWordPieceTokenizer(lowercase=True)
    trained.train_from_iterator((" ".join(words) for words in corpora.ragged(2_000)), vocab_size=30_522)
    folder.mkdir(parents=True, exist_ok=True)
    trained.save(str(folder / "trained.json"))
    BertTokenizerFast(tokenizer_file=str(folder / "trained.json"), model_max_length=MAX_LENGTH).save_pretrained(folder)
    torch.manual_seed(13)
    config = BertConfig(
        num_hidden_layers=layers, hidden_size=width, num_attention_heads=width // 64, intermediate_size=4 * width
    )
    BertModel(config).save_pretrained(folder)
    return folder


def _corpora(settings: Settings) -> dict[str, corpora.Documents]:
    return {
        "ragged": corpora.ragged(settings.pick(500, 6), settings.pick(12_000, 600)),
        "short": corpora.short_sentences(settings.pick(8_000, 40)),
    }


def _tokenized(shape: str, documents: corpora.Documents) -> tuple[np.ndarray, np.ndarray]:
    """Return ids of all documents, one after the other, with special tokens around each segment, and lengths."""
    tokenizer = BertTokenizerFast.from_pretrained(_model(shape))
    content = tokenizer([" ".join(words) for words in documents], add_special_tokens=False, verbose=False)["input_ids"]
    start, end, room = tokenizer.cls_token_id, tokenizer.sep_token_id, MAX_LENGTH - SPECIAL
    folded = [[id for i in range(0, len(ids), room) for id in (start, *ids[i : i + room], end)] for ids in content]
    return np.array([id for ids in folded for id in ids]), np.array([len(ids) for ids in folded])


def _chunks(shape: str, documents: corpora.Documents) -> list[str]:
    """Cut texts between words, where each still fits into one segment."""
    tokenizer = BertTokenizerFast.from_pretrained(_model(shape))
    chunks = []
    for words in documents:
        found = tokenizer([words], is_split_into_words=True, add_special_tokens=False, verbose=False)
        owners = np.array(found.word_ids(0))
        starts = [owners[i] for i in range(0, len(owners), MAX_LENGTH - SPECIAL)]
        chunks += [" ".join(words[a:b]) for a, b in zip(starts, [*starts[1:], len(words)], strict=True)]
    return chunks


def _peer(folder: str, device: str) -> SentenceTransformer:
    return SentenceTransformer(folder, device=device, model_kwargs={"dtype": torch.bfloat16})


def _encode(peer: SentenceTransformer, texts: list[str], value: str, batch: int) -> None:
    outputs = peer.encode(texts, output_value=value, batch_size=batch, convert_to_numpy=False, convert_to_tensor=False)
    for rows in outputs:
        rows.float().cpu()


def _consume(embedder: DocumentEmbedder, documents: list[str]) -> None:
    for document in embedder.embed(documents):
        assert len(document.vectors)


def _vectors(embedder: DocumentEmbedder, documents: list[str]) -> np.ndarray:
    return np.concatenate([document.vectors for document in embedder.embed(documents)])


@torch.inference_mode()
def _drain(transformer: Any, wordpieces: FlatWordpieces, segments: Any, budget: int) -> None:
    for _, vectors in PyTorchBackend(transformer, None, budget).run(wordpieces, segments):
        assert vectors.ndim == 2


def _flops(shape: str, lengths: np.ndarray) -> float:
    """Operations of the matrix products of an encoder, forward."""
    layers, width = SHAPES[shape]
    return float(layers * (24 * width**2 * lengths.sum() + 4 * width * (lengths.astype(float) ** 2).sum()))


def _padded(ids: np.ndarray, starts: np.ndarray, lengths: np.ndarray, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    places = np.arange(lengths.max())
    real = places < lengths[:, None]
    rows = ids[np.where(real, starts[:, None] + places, 0)]
    return torch.from_numpy(rows).to(device), torch.from_numpy(real).to(device)


def _step(module: torch.nn.Module, loss: Callable[[], torch.Tensor]) -> Callable[[], None]:
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-5)

    def run() -> None:
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    return run


def _folded_loss(embedder: PretrainedTransformerEmbedder, ids: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    lengths = real.sum(1)
    num_segments = -(-lengths // MAX_LENGTH)
    stitched = lengths - SPECIAL * (num_segments - 1)
    mask = torch.arange(int(stitched.max()), device=ids.device) < stitched[:, None]
    with torch.autocast(ids.device.type, torch.bfloat16):
        return embedder(token_ids=ids, mask=mask, segment_concat_mask=real)[mask].pow(2).mean()


def _padded_loss(transformer: Any, ids: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    with torch.autocast(ids.device.type, torch.bfloat16):
        hidden = [
            transformer(input_ids=ids[i : i + 32], attention_mask=real[i : i + 32].long()).last_hidden_state
            for i in range(0, len(ids), 32)
        ]
    return torch.cat(hidden)[real].pow(2).mean()


def _times(settings: Settings, runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of each, run in turn after one round that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for round_number in range(settings.repeats + 1):
        for name, run in runs.items():
            _wait(settings.device)
            start = time.perf_counter()
            run()
            _wait(settings.device)
            if round_number:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def _wait(device: str) -> None:
    if device != "cpu":
        torch.cuda.synchronize()


def _name(device: str) -> str:
    return device if device == "cpu" else torch.cuda.get_device_name()


def _shown(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"


if __name__ == "__main__":
    main()
