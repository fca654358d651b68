"""Vectors of OpenVINO against PyTorch's own; graphs on disk; and what happens where it cannot be had."""

import logging
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from transformers import AutoModel, PreTrainedModel

from embedders import PretrainedTransformerEmbedder
from foldformer.config import ConfigurationError
from foldformer.embedding import DocumentEmbedder, document_embedder
from foldformer.engine.backends import openvino as backend_module
from foldformer.engine.backends import openvino_graph
from foldformer.engine.backends.openvino import OpenVinoBackend, UnavailableError, openvino_backend
from foldformer.engine.backends.openvino_graph import GraphModule, graph_key
from foldformer.engine.micro_batches import FlatWordpieces, MicroBatch
from foldformer.engine.scalar_mix import ScalarMix
from foldformer.engine.segments import Segments

openvino = pytest.importorskip("openvino", reason="needs the extra openvino")
TinyModel = Callable[[str], str]
LENGTHS = np.array([20, 13, 90, 1, 13, 90, 7, 20])
ENCODER_DECODERS = ("bart", "t5")
FAMILIES = ("albert", "bart", "bert", "deberta-v2", "distilbert", "electra", "gpt2", "llama", "modernbert", "mpnet",
            "roberta", "t5", "xlm-roberta", "xlnet")  # fmt: skip
TEXTS = ["The quick brown fox", "never stops and jumps over the lazy dog", "", "a river bank"] * 8


@pytest.fixture
def graphs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where graphs are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "foldformer" / "openvino"


@pytest.fixture(scope="module")
def graph_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graphs")


@pytest.fixture
def kept(graph_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs are kept for the other tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(graph_folder))


def load(tiny_model: TinyModel, family: str) -> PreTrainedModel:
    transformer = AutoModel.from_pretrained(tiny_model(family), dtype=torch.float32).eval()
    return transformer.encoder if family in ENCODER_DECODERS else transformer


def alone(transformer: PreTrainedModel, ids: Tensor, mix: ScalarMix | None) -> Tensor:
    """One segment after the other, as plain transformers runs it."""
    vectors = []
    for part in ids.split(LENGTHS.tolist()):
        output = transformer(input_ids=part[None], output_hidden_states=True)
        vectors.append((output.last_hidden_state if mix is None else mix(output.hidden_states[1:]))[0])
    return torch.cat(vectors)


def run(backend: OpenVinoBackend, ids: Tensor) -> Tensor:
    segments = Segments(np.cumsum(LENGTHS) - LENGTHS, LENGTHS, np.arange(len(LENGTHS)))
    output = torch.full((len(ids), 32), torch.nan)
    for rows, vectors in backend.run(FlatWordpieces(ids), segments):
        output[rows] = vectors
    return output


@pytest.mark.parametrize(
    ("family", "mixed"),
    [*((family, False) for family in FAMILIES), *((family, True) for family in ("bert", "albert", "t5", "gpt2"))],
)
def test_vectors_are_those_of_pytorch(family: str, mixed: bool, tiny_model: TinyModel, kept: None) -> None:
    transformer, mix = load(tiny_model, family), None
    if mixed:
        mix = ScalarMix(transformer.config.num_hidden_layers)
        nn.init.normal_(mix.gamma)
        for weight in mix.scalar_parameters:
            nn.init.normal_(weight)
    ids = torch.randint(5, 60, (int(LENGTHS.sum()),), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        got = run(openvino_backend(transformer, mix, dtype=torch.float32, longest=90, max_batch_tokens=200), ids)
        torch.testing.assert_close(got, alone(transformer, ids, mix), atol=1e-4, rtol=1e-4)


def test_runs_are_under_way_together_and_may_be_given_up(
    tiny_model: TinyModel, kept: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend_module, "MOST_BEGUN", 2)
    transformer = load(tiny_model, "bert")
    backend = openvino_backend(transformer, None, dtype=torch.float32, longest=90, max_batch_tokens=90)
    segments = Segments(np.cumsum(LENGTHS) - LENGTHS, LENGTHS, np.arange(len(LENGTHS)))
    ids = [torch.full((int(LENGTHS.sum()),), number) for number in (7, 8, 9, 10)]
    given_up, never_read, *runs = (backend.run(FlatWordpieces(each), segments) for each in ids)
    next(given_up)
    del given_up, never_read
    outputs = torch.full((2, len(ids[0]), 32), torch.nan)
    for chunks in zip(*runs, strict=True):
        for output, (rows, vectors) in zip(outputs, chunks, strict=True):
            output[rows] = vectors
    with torch.inference_mode():
        for output, each in zip(outputs, ids[2:], strict=True):
            torch.testing.assert_close(output, alone(transformer, each, None), atol=1e-4, rtol=1e-4)


def widths_of(backend: OpenVinoBackend, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the width of each run's micro-batch: of one segment of 1 wordpiece, one of 2, and so on up to 90."""
    widths: list[int] = []
    begin = OpenVinoBackend._begin

    def noting(self: OpenVinoBackend, request: object, batch: MicroBatch) -> object:
        widths.append(batch.inputs["input_ids"].shape[1])
        return begin(self, request, batch)

    monkeypatch.setattr(OpenVinoBackend, "_begin", noting)
    for length in range(1, 91):
        lengths = np.array([length])
        list(backend.run(FlatWordpieces(torch.arange(length) % 50), Segments(lengths * 0, lengths, lengths * 0)))
    return widths


def test_micro_batches_come_in_few_widths(tiny_model: TinyModel, kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    widths = widths_of(openvino_backend(load(tiny_model, "bert"), None, dtype=torch.float32, longest=90), monkeypatch)
    assert all(length <= width <= 1.07 * length for length, width in zip(range(1, 91), widths, strict=True))
    assert max(widths) == 90
    assert set(widths) == {*range(1, 32), *range(32, 64, 2), *range(64, 90, 4), 90}


def test_nothing_is_padded_where_padding_changes_vectors(
    tiny_model: TinyModel, kept: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend_module, "batch_rule", lambda transformer, device, packed: lambda longest: longest)
    backend = openvino_backend(load(tiny_model, "bert"), None, dtype=torch.float32, longest=90)
    assert widths_of(backend, monkeypatch) == list(range(1, 91))


def test_bfloat16_is_close_and_other_than_float32_where_the_processor_has_it(tiny_model: TinyModel, kept: None) -> None:
    transformer = load(tiny_model, "bert")
    ids = torch.randint(5, 60, (int(LENGTHS.sum()),), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        got = run(openvino_backend(transformer, None, dtype=torch.bfloat16, longest=90), ids)
        expected = alone(transformer, ids, None)
    deviation = float((got - expected).norm() / expected.norm())
    assert deviation < 0.02
    has_bfloat16 = "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    assert (deviation > 1e-6) == has_bfloat16


def test_conversion_happens_once(tiny_model: TinyModel, graphs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    transformer = load(tiny_model, "bert")
    openvino_backend(transformer, None, dtype=torch.float32, longest=90)
    (folder,) = (each for each in graphs.iterdir() if each.is_dir())
    monkeypatch.setattr(backend_module, "convert", lambda module: pytest.fail("converted again"))
    openvino_backend(load(tiny_model, "bert"), None, dtype=torch.float32, longest=50)
    with pytest.raises(pytest.fail.Exception):
        openvino_backend(load(tiny_model, "electra"), None, dtype=torch.float32, longest=90)
    transformer.encoder.layer[0].output.dense.bias.data[0] += 1
    with pytest.raises(pytest.fail.Exception):
        openvino_backend(transformer, None, dtype=torch.float32, longest=90)
    assert folder.is_dir()


def test_graphs_are_told_apart_by_configuration_but_not_by_place(tiny_model: TinyModel) -> None:
    transformer = load(tiny_model, "bert")
    key = graph_key(GraphModule(transformer, None))
    transformer.config._name_or_path = "elsewhere"
    assert graph_key(GraphModule(transformer, None)) == key
    transformer.config.layer_norm_eps = 0.1
    assert graph_key(GraphModule(transformer, None)) != key


def test_what_a_killed_conversion_left_is_no_graph(tiny_model: TinyModel, graphs: Path) -> None:
    transformer = load(tiny_model, "bert")
    openvino_backend(transformer, None, dtype=torch.float32, longest=90)
    (folder,) = (each for each in graphs.iterdir() if each.is_dir())
    shutil.copytree(folder, graphs / f"{folder.name}.half")
    (graphs / f"{folder.name}.half" / "model.bin").write_bytes(b"")
    shutil.rmtree(folder)
    openvino_backend(transformer, None, dtype=torch.float32, longest=90)
    assert (folder / "model.bin").stat().st_size > 0


def test_a_damaged_graph_is_made_again(tiny_model: TinyModel, graphs: Path) -> None:
    transformer = load(tiny_model, "bert")
    openvino_backend(transformer, None, dtype=torch.float32, longest=90)
    (file,) = graphs.glob("*/model.xml")
    file.write_text("<net")
    openvino_backend(transformer, None, dtype=torch.float32, longest=90)
    assert file.read_text() != "<net"


def test_old_graphs_go_when_there_are_too_many(
    tiny_model: TinyModel, graphs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    openvino_backend(load(tiny_model, "bert"), None, dtype=torch.float32, longest=90)
    (first,) = (each for each in graphs.iterdir() if each.is_dir())
    monkeypatch.setattr(openvino_graph, "KEPT_BYTES", 1)
    openvino_backend(load(tiny_model, "electra"), None, dtype=torch.float32, longest=90)
    folders = [each for each in graphs.iterdir() if each.is_dir()]
    assert len(folders) == 1
    assert first not in folders


def test_a_full_disk_is_no_obstacle(
    tiny_model: TinyModel, graphs: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import openvino

    def full(*_: object, **__: object) -> None:
        raise RuntimeError("No space left on device")

    monkeypatch.setattr(openvino, "save_model", full)
    assert openvino_backend(load(tiny_model, "bert"), None, dtype=torch.float32, longest=90)
    assert "not kept for later runs" in caplog.text
    assert not [each for each in graphs.iterdir() if each.is_dir()]


def test_other_numbers_are_refused(tiny_model: TinyModel, kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    right = OpenVinoBackend.hidden_states
    monkeypatch.setattr(OpenVinoBackend, "hidden_states", lambda self, inputs: right(self, inputs) * 1.001)
    with pytest.raises(UnavailableError, match="other numbers than PyTorch for 1 x 1"):
        openvino_backend(load(tiny_model, "bert"), None, dtype=torch.float32, longest=90)


def test_padding_that_is_attended_to_is_refused(
    tiny_model: TinyModel, kept: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = OpenVinoBackend.hidden_states
    monkeypatch.setattr(
        OpenVinoBackend, "hidden_states", lambda self, inputs: right(self, {"input_ids": inputs["input_ids"]})
    )
    with pytest.raises(UnavailableError, match="other numbers than PyTorch for 1 x 1"):
        openvino_backend(load(tiny_model, "bert"), None, dtype=torch.float32, longest=90)


def test_what_cannot_be_traced_is_refused_in_one_line(tiny_model: TinyModel, graphs: Path) -> None:
    transformer = load(tiny_model, "bert")
    transformer.encoder.layer[0].register_forward_hook(lambda *_: [][0])
    with pytest.raises(UnavailableError, match=r"BertModel cannot be converted \(.+\)$"):
        openvino_backend(transformer, None, dtype=torch.float32, longest=90)


class TestDocuments:
    """`DocumentEmbedder`."""

    def test_backends_agree(self, tiny_model: TinyModel, kept: None) -> None:
        for level in ("wordpiece", "document"):
            both = [
                DocumentEmbedder(tiny_model("bert"), max_length=9, level=level, backend=name)
                for name in ("torch", "openvino")
            ]
            for one, other in zip(*(embedder.embed(TEXTS) for embedder in both), strict=True):
                np.testing.assert_allclose(one.vectors, other.vectors, atol=1e-4, rtol=1e-4)

    def test_auto_takes_it_for_long_corpora(
        self, tiny_model: TinyModel, graphs: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(document_embedder, "OPENVINO_AFTER", 100)
        embedder = DocumentEmbedder(tiny_model("bert"), max_length=9)
        list(embedder.embed(TEXTS[:4]))
        assert not graphs.exists()
        list(embedder.embed(TEXTS))
        assert list(graphs.glob("*/model.xml"))

    def test_one_backend_is_settled_for_a_run(self, tiny_model: TinyModel, kept: None) -> None:
        embedder = DocumentEmbedder(tiny_model("bert"))
        assert embedder.settled(10).backend == "torch"
        assert "backend" not in embedder.settled(10).description
        assert embedder.settled(10**6).backend == "openvino"
        assert embedder.settled(10**6).description["backend"] == "openvino"
        assert embedder.settled(10**6, before="torch").backend == "torch"
        assert embedder.settled(10, before="openvino").backend == "openvino"
        assert embedder.backend == "auto"
        assert "backend" not in embedder.description

    def test_int8_is_deterministic_and_close(self, tiny_model: TinyModel, graphs: Path, tmp_path: Path) -> None:
        exact = DocumentEmbedder(tiny_model("bert"), backend="torch")
        (text := tmp_path / "text.txt").write_text("the lazy dog jumps over the quick brown fox " * 40)
        first = DocumentEmbedder(tiny_model("bert"), dtype="int8", calibration=str(text))
        expected, got = ([each.vectors for each in embedder.embed(TEXTS)] for embedder in (exact, first))
        shutil.rmtree(graphs)
        again = DocumentEmbedder(tiny_model("bert"), dtype="int8", calibration=str(text))
        for one, other in zip(got, again.embed(TEXTS), strict=True):
            np.testing.assert_array_equal(one, other.vectors)
        cosines = [
            float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
            for one, other in zip(got, expected, strict=True)
            for a, b in zip(one, other, strict=True)
        ]
        assert min(cosines) > 0.98
        assert max(cosines) < 1
        assert first.description["dtype"] == "int8"
        other_text = DocumentEmbedder(tiny_model("bert"), dtype="int8")
        assert other_text.description["calibration"] != first.description["calibration"]

    def test_it_travels_to_other_processes(self, tiny_model: TinyModel, kept: None) -> None:
        embedder = DocumentEmbedder(tiny_model("bert"), backend="openvino")
        expected = [each.vectors for each in embedder.embed(TEXTS)]
        twin = pickle.loads(pickle.dumps(embedder))
        for one, other in zip(expected, twin.embed(TEXTS), strict=True):
            np.testing.assert_array_equal(one, other.vectors)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"dtype": "int8", "backend": "torch"}, 'dtype: got "int8" with backend "torch"'),
            ({"calibration": "x.txt"}, 'calibration: got "x.txt" with dtype "float32"; expected dtype "int8"'),
            ({"backend": "openvin"}, 'backend: got "openvin".*did you mean "openvino"'),
            ({"dtype": "int8", "calibration": "/nowhere/x.txt"}, "calibration: got /nowhere/x.txt; expected a text"),
        ],
    )
    def test_wrong_options(self, options: dict[str, str], message: str, tiny_model: TinyModel) -> None:
        with pytest.raises(ConfigurationError, match=message):
            DocumentEmbedder(tiny_model("bert"), **options)

    def test_an_empty_calibration_is_refused(self, tiny_model: TinyModel, tmp_path: Path) -> None:
        (tmp_path / "empty.txt").touch()
        with pytest.raises(ConfigurationError, match=r"calibration: got .*empty.txt.*holds no wordpiece"):
            DocumentEmbedder(tiny_model("bert"), dtype="int8", calibration=str(tmp_path / "empty.txt"))

    def test_without_the_package(
        self, tiny_model: TinyModel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "openvino", None)
        monkeypatch.setattr(document_embedder, "OPENVINO_AFTER", 0)
        with caplog.at_level(logging.INFO):
            assert list(DocumentEmbedder(tiny_model("bert")).embed(TEXTS))
        assert "backend auto: torch, as openvino is not installed: pip install 'foldformer[openvino]'" in caplog.text
        for options in ({"backend": "openvino"}, {"dtype": "int8"}):
            with pytest.raises(ConfigurationError, match=r"pip install 'foldformer\[openvino\]'"):
                list(DocumentEmbedder(tiny_model("bert"), **options).embed(TEXTS))


class TestModule:
    """`PretrainedTransformerEmbedder`."""

    def inputs(self) -> dict[str, Tensor]:
        ids = torch.randint(5, 60, (3, 18), generator=torch.Generator().manual_seed(0))
        mask = torch.ones_like(ids, dtype=torch.bool)
        mask[1, 11:] = False
        return {"token_ids": ids, "mask": mask}

    def test_follows_its_weights(self, tiny_model: TinyModel, graphs: Path) -> None:
        embedder = PretrainedTransformerEmbedder(tiny_model("bert"), backend="openvino", last_layer_only=False).eval()
        plain = PretrainedTransformerEmbedder(tiny_model("bert"), last_layer_only=False).eval()
        for change in ("layer", "mix"):
            with torch.no_grad():
                if change == "layer":
                    embedder.transformer_model.encoder.layer[1].output.dense.bias += 1
                if change == "mix":
                    embedder.scalar_mix.scalar_parameters[0] += 1
                plain.load_state_dict(embedder.state_dict())
                torch.testing.assert_close(embedder(**self.inputs()), plain(**self.inputs()), atol=1e-4, rtol=1e-4)
        assert len(list(graphs.glob("*/model.xml"))) == 2

    def test_trains_with_pytorch(self, tiny_model: TinyModel, graphs: Path) -> None:
        embedder = PretrainedTransformerEmbedder(tiny_model("bert"), backend="openvino")
        embedder(**self.inputs()).sum().backward()
        assert embedder.transformer_model.encoder.layer[0].output.dense.weight.grad is not None
        assert not graphs.exists()

    def test_auto_is_for_frozen_transformers(self, tiny_model: TinyModel, graphs: Path) -> None:
        for frozen in (False, True):
            embedder = PretrainedTransformerEmbedder(tiny_model("bert"), backend="auto", train_parameters=not frozen)
            with torch.no_grad():
                embedder.eval()(**self.inputs())
            assert graphs.exists() is frozen
