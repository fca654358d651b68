"""What is frozen runs in inference mode, and once only where it is cached."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from embedders import PretrainedTransformerEmbedder, PretrainedTransformerMismatchedEmbedder
from foldformer.config import ConfigurationError
from foldformer.data import Batch, Instance, TextField
from foldformer.engine.packed_rows import takes_packed_rows
from foldformer.text import PretrainedTransformerTokenizer, Token, Vocabulary
from indexers import PretrainedTransformerIndexer, PretrainedTransformerMismatchedIndexer

TinyModel = Callable[[str], str]
DOCUMENTS = [
    ["Unfolded", "documents", "are", "stitched", "from", "segments", ",", "never", "cut", "short", "."],
    ["a", "word"],
    [],
]


def tensors_of(indexer: Any, documents: list[list[str]]) -> dict[str, Tensor]:
    return batch_of([TextField([Token(word) for word in words], {"words": indexer}) for words in documents])


def wordpieces_of(folder: str, documents: list[list[str]]) -> dict[str, Tensor]:
    tokenizer = PretrainedTransformerTokenizer(folder)
    indexer = PretrainedTransformerIndexer(folder, max_length=8)
    return batch_of([TextField(tokenizer.tokenize(" ".join(words)), {"words": indexer}) for words in documents])


def batch_of(fields: list[TextField]) -> dict[str, Tensor]:
    batch = Batch([Instance({"text": field}) for field in fields])
    batch.index_instances(Vocabulary())
    tensors: Any = batch.as_tensor_dict()
    return dict(tensors["text"]["words"])


@pytest.fixture
def tensors(tiny_model: TinyModel) -> dict[str, Tensor]:
    return wordpieces_of(tiny_model("bert"), DOCUMENTS)


class Watch:
    """Counts the segments that a transformer runs, and notes in which mode it runs them."""

    def __init__(self, transformer: PreTrainedModel) -> None:
        takes_packed_rows(transformer, torch.device("cpu"))  # what is tried before the first run does not count
        self.num_segments = 0
        self.inferred: list[bool] = []
        self.graphs: list[bool] = []
        transformer.register_forward_hook(self._hear, with_kwargs=True)

    def _hear(self, module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        packed = kwargs.get("cu_seq_lens_q")
        self.num_segments += len(kwargs["input_ids"]) if packed is None else len(packed) - 1
        self.inferred.append(torch.is_inference_mode_enabled())
        self.graphs.append(output.last_hidden_state.requires_grad)


@pytest.mark.parametrize("num_wordpieces", [16, 500])
def test_frozen_transformer_infers_while_what_follows_trains(
    num_wordpieces: int, tiny_model: TinyModel, tensors: dict[str, Tensor]
) -> None:
    embedder = PretrainedTransformerEmbedder(
        tiny_model("bert"), max_length=8, train_parameters=False, max_batch_tokens=num_wordpieces
    ).train()
    watch, head = Watch(embedder.transformer_model), nn.Linear(32, 2)
    vectors = embedder(**tensors)
    head(vectors).tanh().sum().backward()
    assert set(watch.inferred) == {True}
    assert set(watch.graphs) == {False}
    assert not vectors.is_inference()
    assert head.weight.grad is not None


def test_trainable_mix_keeps_frozen_layers_out_of_inference_mode(
    tiny_model: TinyModel, tensors: dict[str, Tensor]
) -> None:
    embedder = PretrainedTransformerEmbedder(
        tiny_model("bert"), max_length=8, train_parameters=False, last_layer_only=False
    ).train()
    watch, mix = Watch(embedder.transformer_model), embedder._scalar_mix
    assert mix is not None
    embedder(**tensors).pow(2).sum().backward()
    assert (set(watch.inferred), set(watch.graphs)) == ({False}, {False})
    assert mix.gamma.grad is not None
    mix.gamma.requires_grad_(False)
    embedder.zero_grad()
    embedder(**tensors).pow(2).sum().backward()
    assert all(weight.grad is not None for weight in mix.scalar_parameters)
    mix.requires_grad_(False)
    assert not embedder(**tensors).requires_grad
    assert watch.inferred[-1]


def test_trainable_transformer_never_infers_on_its_own(tiny_model: TinyModel, tensors: dict[str, Tensor]) -> None:
    embedder = PretrainedTransformerEmbedder(tiny_model("bert"), max_length=8)
    watch = Watch(embedder.transformer_model)
    with torch.no_grad():
        embedder.eval()(**tensors)
    embedder.train()(**tensors).sum().backward()
    with torch.inference_mode():
        embedder.eval()(**tensors)
    assert watch.inferred[0] is False
    assert watch.inferred[-1] is True
    assert sum(watch.graphs) == sum(not inferred for inferred in watch.inferred) / 2


class TestCache:
    """With `cache_frozen`."""

    def cached(self, folder: str, cache_folder: Path | None, **options: Any) -> PretrainedTransformerEmbedder:
        options = {"max_length": 8, "train_parameters": False, **options}
        where = None if cache_folder is None else str(cache_folder)
        return PretrainedTransformerEmbedder(folder, cache_frozen=True, cache_folder=where, **options).train()

    def test_second_epoch_runs_no_segment(self, tiny_model: TinyModel, tensors: dict[str, Tensor]) -> None:
        embedder = self.cached(tiny_model("bert"), None)
        expected = PretrainedTransformerEmbedder(tiny_model("bert"), max_length=8).eval()(**tensors).detach()
        watch, head = Watch(embedder.transformer_model), nn.Linear(32, 2)
        first = embedder(**tensors)
        num_segments = watch.num_segments
        assert num_segments > len(DOCUMENTS)
        second = embedder(**tensors)
        head(second).sum().backward()  # not an inference tensor
        assert watch.num_segments == num_segments
        assert torch.equal(first, second)
        torch.testing.assert_close(second, expected)

    def test_documents_are_found_in_other_batches(self, tiny_model: TinyModel, tensors: dict[str, Tensor]) -> None:
        embedder = self.cached(tiny_model("bert"), None)
        first = embedder(**tensors)
        watch = Watch(embedder.transformer_model)
        others = wordpieces_of(tiny_model("bert"), [["new"], DOCUMENTS[1], DOCUMENTS[1]])
        output = embedder(**others)
        assert watch.num_segments == 1
        num_wordpieces = int(tensors["mask"][1].sum())
        for row in output[1:]:
            assert torch.equal(row[:num_wordpieces], first[1, :num_wordpieces])
            assert row[num_wordpieces:].eq(0).all()

    def test_mismatched_embedder_caches_too(self, tiny_model: TinyModel, tmp_path: Path) -> None:
        folder = tiny_model("bert")
        tensors = tensors_of(PretrainedTransformerMismatchedIndexer(folder, max_length=8), DOCUMENTS)
        embedder = PretrainedTransformerMismatchedEmbedder(
            folder, 8, train_parameters=False, cache_frozen=True, cache_folder=str(tmp_path)
        )
        watch = Watch(embedder._matched_embedder.transformer_model)
        first = embedder(**tensors)
        num_segments = watch.num_segments
        assert torch.equal(embedder(**tensors), first)
        assert watch.num_segments == num_segments > 0

    def test_the_same_model_in_another_run_finds_them(
        self, tiny_model: TinyModel, tensors: dict[str, Tensor], tmp_path: Path
    ) -> None:
        first = self.cached(tiny_model("bert"), tmp_path)(**tensors)
        later = self.cached(tiny_model("bert"), tmp_path, max_batch_tokens=16)
        watch = Watch(later.transformer_model)
        assert torch.equal(later(**tensors), first)
        assert watch.num_segments == 0

    @pytest.mark.parametrize(
        "options",
        [
            {"dtype": "bfloat16"},
            {"reinit_modules": 1},
            {"transformer_kwargs": {"num_hidden_layers": 2}},
            {"transformer_kwargs": {"attn_implementation": "eager"}},
            {"transformer_kwargs": {"layer_norm_eps": 0.1}},
        ],
    )
    def test_other_options_miss(
        self, options: dict[str, Any], tiny_model: TinyModel, tensors: dict[str, Tensor], tmp_path: Path
    ) -> None:
        self.cached(tiny_model("bert"), tmp_path)(**tensors)
        other = self.cached(tiny_model("bert"), tmp_path, **options)
        watch = Watch(other.transformer_model)
        plain = PretrainedTransformerEmbedder(
            tiny_model("bert"), max_length=8, **{**options, "reinit_modules": None}
        ).eval()
        plain.load_state_dict(other.state_dict())
        with torch.no_grad():
            torch.testing.assert_close(other(**tensors), plain(**tensors))
        assert watch.num_segments > 0

    def test_max_length_and_type_ids_belong_to_the_key(self, tiny_model: TinyModel, tmp_path: Path) -> None:
        tensors = wordpieces_of(tiny_model("bert"), [["a"]])  # so short that `max_length` makes no difference
        self.cached(tiny_model("bert"), tmp_path)(**tensors)
        other = self.cached(tiny_model("bert"), tmp_path, max_length=20)
        watch = Watch(other.transformer_model)
        first = other(**tensors)
        assert watch.num_segments == 1
        tensors["type_ids"][0, -1] = 1
        assert not torch.equal(other(**tensors), first)
        tensors["type_ids"][0, 1] = 1
        other(**tensors)
        assert watch.num_segments == 3

    def test_weights_that_change_make_vectors_anew(self, tiny_model: TinyModel, tensors: dict[str, Tensor]) -> None:
        embedder = self.cached(tiny_model("bert"), None)
        first = embedder(**tensors)
        embedder.load_state_dict({name: weight * 1.5 for name, weight in embedder.state_dict().items()})
        assert not torch.allclose(embedder(**tensors), first)

    def test_weights_written_behind_the_back_of_autograd_make_vectors_anew(
        self, tiny_model: TinyModel, tensors: dict[str, Tensor]
    ) -> None:
        embedder = self.cached(tiny_model("bert"), None)
        first = embedder(**tensors)
        for parameter in embedder.transformer_model.parameters():
            parameter.data.mul_(1.5)
        second = embedder(**tensors)
        assert not torch.allclose(second, first)
        word = int(tensors["token_ids"][0, 1])
        embedder.transformer_model.get_input_embeddings().weight.data[word, 1] += 5.0
        assert not torch.allclose(embedder.eval()(**tensors), second)  # seen after a change of mode

    def test_another_transformer_makes_vectors_anew(self, tiny_model: TinyModel, tensors: dict[str, Tensor]) -> None:
        embedder = self.cached(tiny_model("bert"), None)
        first = embedder(**tensors)
        other = PretrainedTransformerEmbedder(tiny_model("bert"), train_parameters=False, reinit_modules=3)
        embedder.transformer_model = other.transformer_model
        assert not torch.allclose(embedder(**tensors), first)

    def test_transformer_that_is_thawed_later_trains(self, tiny_model: TinyModel, tensors: dict[str, Tensor]) -> None:
        embedder = self.cached(tiny_model("bert"), None)
        embedder(**tensors)
        embedder.transformer_model.requires_grad_(True)
        embedder(**tensors).sum().backward()
        assert embedder.transformer_model.get_input_embeddings().weight.grad is not None

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"train_parameters": True}, r"cache_frozen: got true.*expected train_parameters: false"),
            ({"last_layer_only": False}, r"cache_frozen: got true.*expected last_layer_only: true"),
        ],
    )
    def test_vectors_that_change_are_refused(
        self, options: dict[str, Any], message: str, tiny_model: TinyModel
    ) -> None:
        with pytest.raises(ConfigurationError, match=message):
            self.cached(tiny_model("bert"), None, **options)

    def test_folder_without_cache_is_refused(self, tiny_model: TinyModel) -> None:
        with pytest.raises(ConfigurationError, match=r'cache_folder: got "here".*expected cache_frozen: true'):
            PretrainedTransformerEmbedder(tiny_model("bert"), cache_folder="here")
