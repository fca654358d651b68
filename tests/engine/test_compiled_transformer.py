"""What is compiled against the transformer itself, and which shapes it runs.

BERT takes packed rows, MPNet does not.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel

from foldformer.engine.compiled_transformer import CompiledTransformer, compile_obstacle, shape_widths
from foldformer.engine.micro_batches import FlatWordpieces, MicroBatch, packed_batches
from foldformer.engine.segments import Segments
from foldformer.engine.transformer_facts import positions_counted_from

TinyModel = Callable[[str], str]
needs_compiler = pytest.mark.skipif(
    compile_obstacle(torch.device("cpu")) is not None, reason="needs a C++ compiler and the headers of Python"
)


@pytest.mark.parametrize(
    ("longest", "widths"),
    [
        (512, (64, 128, 192, 256, 320, 384, 448, 512)),
        (200, (32, 64, 96, 128, 160, 192, 200)),
        (2048, (64, 128, *range(256, 2049, 256))),
        (32, (32,)),
        (8, (8,)),
        (33, (32, 33)),
    ],
)
def test_widths_step_up_to_the_longest_segment(longest: int, widths: tuple[int, ...]) -> None:
    assert shape_widths(longest) == widths


class EagerBackend:
    """Stands in for the compiler and notes the shapes that reach it."""

    def __init__(self) -> None:
        self.compiled: list[tuple[int, ...]] = []
        self.run: list[tuple[int, ...]] = []
        self.given: list[set[str]] = []

    def __call__(self, module: torch.nn.Module, **options: object) -> Callable[..., torch.Tensor]:
        assert options["dynamic"] is False

        def run(**inputs: torch.Tensor) -> torch.Tensor:
            shape = tuple(inputs["input_ids"].shape)
            if shape not in self.compiled:
                self.compiled.append(shape)
            self.run.append(shape)
            self.given.append(set(inputs))
            output: torch.Tensor = module(**inputs)
            return output

        return run


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> EagerBackend:
    backend = EagerBackend()
    monkeypatch.setattr(torch, "compile", backend)
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    return backend


@pytest.mark.parametrize("family", ["mpnet", "xlnet"])
def test_any_batch_runs_at_a_planned_shape_and_comes_back_as_it_was(
    family: str, tiny_model: TinyModel, backend: EagerBackend
) -> None:
    model = AutoModel.from_pretrained(tiny_model(family), dtype=torch.float32).eval()
    compiled = CompiledTransformer(model, 90, 128)
    generator = torch.Generator().manual_seed(0)
    for rows, width, real in [(4, 32, None), (1, 3, None), (2, 33, [33, 2]), (1, 90, None), (3, 20, [20, 9, 1])]:
        inputs = {"input_ids": torch.randint(5, 60, (rows, width), generator=generator)}
        mask = torch.ones(rows, width, dtype=torch.bool)
        if real is not None:
            mask = torch.arange(width) < torch.tensor(real)[:, None]
            inputs["attention_mask"] = mask.long()
        with torch.inference_mode():
            got = compiled(inputs)
            expected = model(**inputs).last_hidden_state
        assert got.shape == expected.shape
        torch.testing.assert_close(got[mask], expected[mask], atol=1e-4, rtol=1e-4)
    assert backend.compiled == [(4, 32), (2, 64), (1, 90)]
    assert len(backend.run) == 5


@pytest.mark.parametrize(
    ("rows", "width", "pays"),
    [(4, 32, True), (5, 32, False), (4, 28, True), (4, 27, False), (3, 32, False), (2, 64, True), (1, 90, True)],
)
def test_what_fills_its_shape_pays(
    rows: int, width: int, pays: bool, tiny_model: TinyModel, backend: EagerBackend
) -> None:
    model = AutoModel.from_pretrained(tiny_model("mpnet"), dtype=torch.float32).eval()
    assert CompiledTransformer(model, 90, 128).pays(rows, width) is pays


def test_what_is_full_runs_without_a_mask(tiny_model: TinyModel, backend: EagerBackend) -> None:
    model = AutoModel.from_pretrained(tiny_model("mpnet"), dtype=torch.float32).eval()
    compiled = CompiledTransformer(model, 90, 128)
    compiled({"input_ids": torch.ones(4, 32, dtype=torch.long)})
    compiled({"input_ids": torch.ones(4, 31, dtype=torch.long)})
    assert backend.given == [{"input_ids"}, {"input_ids", "attention_mask"}]


def packed(lengths: list[int], counted_from: int | None = None) -> MicroBatch:
    total = sum(lengths)
    ids = torch.randint(5, 60, (total,), generator=torch.Generator().manual_seed(total))
    segments = Segments(np.cumsum(lengths) - lengths, np.array(lengths), np.zeros(len(lengths), dtype=np.int64))
    (batch,) = packed_batches(FlatWordpieces(ids), segments, total, counted_from=counted_from)
    return batch


@pytest.mark.parametrize("family", ["bert", "roberta"])
def test_packed_rows_run_at_one_shape_and_come_back_as_they_were(
    family: str, tiny_model: TinyModel, backend: EagerBackend
) -> None:
    model = AutoModel.from_pretrained(tiny_model(family), dtype=torch.float32).eval()
    compiled = CompiledTransformer(model, 64, 128)
    for lengths in ([64, 64], [64, 50, 3], [1] * 110):
        batch = packed(lengths, positions_counted_from(model))
        with torch.inference_mode():
            got = compiled(batch.inputs)
            expected = model(**batch.inputs).last_hidden_state
        assert got.shape == expected.shape == (1, sum(lengths), 32)
        torch.testing.assert_close(got, expected, atol=1e-4, rtol=1e-4)
    assert backend.run == [(1, 128)] * 3
    assert compiled.pays(1, 109)
    assert not compiled.pays(1, 108)
    assert not compiled.pays(1, 129)


# inductor imports what torch 2.13 deprecates itself
@pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")
@needs_compiler
def test_compiled_kernels_give_the_same_numbers(
    tiny_model: TinyModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    model = AutoModel.from_pretrained(tiny_model("bert"), dtype=torch.float32).eval().requires_grad_(False)
    compiled = CompiledTransformer(model, 16, 64)
    torch._dynamo.utils.counters.clear()
    for lengths in ([16, 16, 16, 16], [16, 16, 14, 12, 5, 1], [9] * 7):
        batch = packed(lengths)
        with torch.inference_mode():
            got = compiled(batch.inputs)
            expected = model(**batch.inputs).last_hidden_state
        torch.testing.assert_close(got, expected, atol=1e-4, rtol=1e-4)
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 1
    assert any(tmp_path.rglob("*.so"))


def test_obstacles_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "runs on cuda" in str(compile_obstacle(torch.device("cuda")))
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert "no C++ compiler no-such-compiler" in str(compile_obstacle(torch.device("cpu")))
