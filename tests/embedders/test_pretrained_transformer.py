"""The embedder against a naive loop over segments with plain transformers, for every family."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import AutoConfig, AutoModel, AutoTokenizer, BertTokenizer

from embedders import PretrainedTransformerEmbedder
from foldformer.config import ConfigurationError, Params
from foldformer.embedding import DocumentEmbedder
from foldformer.models import TokenEmbedder
from foldformer.text.special_tokens import find_special_tokens

FAMILIES = [
    "bert", "roberta", "distilbert", "electra", "xlm-roberta", "bart", "t5", "albert", "mpnet", "deberta-v2", "xlnet",
    "modernbert", "gpt2", "llama",
]  # fmt: skip
ENCODER = {"bart": "encoder", "t5": "encoder"}
TOLERANCE = {"atol": 1e-5, "rtol": 1e-4}  # float32, where another width or batch changes the order of summation
TinyModel = Callable[[str], str]
Tensors = dict[str, Tensor]


def fold(folder: str, contents: list[list[int]], max_length: int | None) -> list[list[list[int]]]:
    """Cut every document's content into segments with the tokenizer's special tokens around each."""
    special = find_special_tokens(AutoTokenizer.from_pretrained(folder))
    start, end = [t.id for t in special.single_start], [t.id for t in special.single_end]
    room = max(map(len, contents), default=0) or 1 if max_length is None else max_length - len(start) - len(end)
    return [
        [start + content[i : i + room] + end for i in range(0, len(content), room) or [0]] if content else []
        for content in contents
    ]


def type_ids_of(folder: str, segment: list[int]) -> list[int]:
    """XLNet gives its class token a type of its own; everybody else has zeros here."""
    special = find_special_tokens(AutoTokenizer.from_pretrained(folder))
    ends = [t.type_id for t in special.single_end]
    return [0] * (len(segment) - len(ends)) + ends


def plain_transformer(folder: str, family: str) -> Any:
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    return getattr(model, ENCODER[family]) if family in ENCODER else model


def naive_document(model: Any, folder: str, segments: list[list[int]]) -> Tensor:
    """Run one segment at a time, keep content, the first segment's start and the last one's end."""
    special = find_special_tokens(AutoTokenizer.from_pretrained(folder))
    num_start, num_end = len(special.single_start), len(special.single_end)
    kept = [torch.zeros(0, 32)]
    for n, segment in enumerate(segments):
        hidden = model(**naive_inputs(folder, segment)).last_hidden_state[0]
        first = 0 if n == 0 else num_start
        last = len(segment) if n == len(segments) - 1 else len(segment) - num_end
        kept.append(hidden[first:last])
    return torch.cat(kept)


def naive_inputs(folder: str, segment: list[int]) -> Tensors:
    inputs = {"input_ids": torch.tensor([segment])}
    if any(type_ids_of(folder, segment)):
        inputs["token_type_ids"] = torch.tensor([type_ids_of(folder, segment)])
    return inputs


def as_tensors(folder: str, folded: list[list[list[int]]], *, with_segments: bool) -> Tensors:
    """Pad as an indexer does."""
    special = find_special_tokens(AutoTokenizer.from_pretrained(folder))
    joined = [[i for segment in document for i in segment] for document in folded]
    types = [[t for segment in document for t in type_ids_of(folder, segment)] for document in folded]
    lengths = [len(d) - max(len(s) - 1, 0) * special.num_single for d, s in zip(joined, folded, strict=True)]
    tensors = {"token_ids": pad(joined), "type_ids": pad(types), "mask": pad([[1] * n for n in lengths]).bool()}
    if with_segments:
        tensors["segment_concat_mask"] = pad([[1] * len(d) for d in joined]).bool()
    return tensors


def pad(rows: list[list[int]]) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [0] * (width - len(row)) for row in rows], dtype=torch.long).view(len(rows), width)


def random_contents(seed: int, lengths: list[int]) -> list[list[int]]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(5, 60, (length,), generator=generator).tolist() for length in lengths]


def embed(
    embedder: PretrainedTransformerEmbedder, folder: str, contents: list[list[int]], max_length: int | None
) -> Any:
    folded = fold(folder, contents, max_length)
    return embedder(**as_tensors(folder, folded, with_segments=max_length is not None)), folded


@pytest.mark.parametrize("max_length", [None, 9])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_equals_the_naive_loop(family: str, max_length: int | None, tiny_model: TinyModel) -> None:
    folder = tiny_model(family)
    embedder = PretrainedTransformerEmbedder(
        folder, max_length=max_length, sub_module=ENCODER.get(family), max_batch_tokens=40
    ).eval()
    contents = random_contents(0, [23, 0, 1, 14, 7])
    with_graph, folded = embed(embedder, folder, contents, max_length)
    with torch.no_grad():
        without_graph, _ = embed(embedder, folder, contents, max_length)
    torch.testing.assert_close(without_graph, with_graph.detach(), **TOLERANCE)
    assert with_graph.requires_grad
    model = plain_transformer(folder, family)
    for row, segments in zip(with_graph, folded, strict=True):
        expected = naive_document(model, folder, segments)
        torch.testing.assert_close(row[: len(expected)], expected, **TOLERANCE)
        assert row[len(expected) :].eq(0).all()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lengths=st.lists(st.integers(0, 40), min_size=1, max_size=5),
    room=st.integers(1, 12),
    budget=st.integers(1, 80),
    seed=st.integers(0, 99),
)
def test_any_batch_equals_the_naive_loop(
    lengths: list[int], room: int, budget: int, seed: int, tiny_model: TinyModel
) -> None:
    folder = tiny_model("bert")
    embedder = PretrainedTransformerEmbedder(folder, max_length=room + 2, max_batch_tokens=budget).eval()
    with torch.no_grad():
        output, folded = embed(embedder, folder, random_contents(seed, lengths), room + 2)
    model = plain_transformer(folder, "bert")
    for row, segments in zip(output, folded, strict=True):
        expected = naive_document(model, folder, segments).detach()
        torch.testing.assert_close(row[: len(expected)], expected, **TOLERANCE)


def test_batch_order_batch_size_and_padding_change_nothing(tiny_model: TinyModel) -> None:
    folder = tiny_model("roberta")
    embedder = PretrainedTransformerEmbedder(folder, max_length=10).eval()
    contents = random_contents(1, [31, 3, 17])
    together, _ = embed(embedder, folder, contents, 10)
    turned, _ = embed(embedder, folder, contents[::-1], 10)
    alone, _ = embed(embedder, folder, contents[2:], 10)
    torch.testing.assert_close(turned, together.flip(0), **TOLERANCE)
    torch.testing.assert_close(alone[0], together[2, : alone.size(1)], **TOLERANCE)
    tensors = as_tensors(folder, fold(folder, contents, 10), with_segments=True)
    wider = {name: torch.nn.functional.pad(tensor, (0, 6)) for name, tensor in tensors.items()}
    torch.testing.assert_close(embedder(**wider)[:, : together.size(1)], together, **TOLERANCE)


@pytest.mark.parametrize("family", ["bert", "gpt2", "distilbert"])
def test_gradients_equal_those_of_the_naive_loop(family: str, tiny_model: TinyModel) -> None:
    folder = tiny_model(family)
    embedder = PretrainedTransformerEmbedder(folder, max_length=8, max_batch_tokens=16).eval()
    contents = random_contents(2, [19, 4, 0])
    output, folded = embed(embedder, folder, contents, 8)
    output.pow(2).sum().backward()
    model = plain_transformer(folder, family)
    torch.cat([naive_document(model, folder, segments) for segments in folded]).pow(2).sum().backward()
    for (name, got), expected in zip(embedder.transformer_model.named_parameters(), model.parameters(), strict=True):
        assert (got.grad is None) == (expected.grad is None), name
        if got.grad is not None and expected.grad is not None:
            torch.testing.assert_close(got.grad, expected.grad, atol=1e-3, rtol=1e-3, msg=name)


@pytest.mark.parametrize("family", FAMILIES)
def test_scalar_mix_weighs_every_layer_but_the_embedding_layer(family: str, tiny_model: TinyModel) -> None:
    folder = tiny_model(family)
    embedder = PretrainedTransformerEmbedder(folder, sub_module=ENCODER.get(family), last_layer_only=False).eval()
    assert embedder._scalar_mix is not None
    for n, parameter in enumerate(embedder._scalar_mix.scalar_parameters):
        parameter.data.fill_(0.7 * n)
    embedder._scalar_mix.gamma.data.fill_(1.3)
    ((segment,),) = fold(folder, random_contents(3, [12]), None)
    output = embedder(**as_tensors(folder, [[segment]], with_segments=False))
    model = plain_transformer(folder, family)
    layers = torch.stack(model(**naive_inputs(folder, segment), output_hidden_states=True).hidden_states[1:])
    weights = 1.3 * torch.softmax(torch.tensor([0.0, 0.7, 1.4]), 0)
    torch.testing.assert_close(output, torch.einsum("l,lbwd->bwd", weights, layers), **TOLERANCE)
    with torch.no_grad():
        inferred = embedder(**as_tensors(folder, [[segment]], with_segments=False))
    torch.testing.assert_close(inferred, output.detach(), **TOLERANCE)


def test_batch_of_empty_documents_gives_zeros(tiny_model: TinyModel) -> None:
    embedder = PretrainedTransformerEmbedder(tiny_model("bert"), max_length=8)
    empty, none = torch.zeros(2, 3, dtype=torch.long), torch.zeros(2, 3, dtype=torch.bool)
    assert embedder(empty, none, None, none).eq(0).all()
    assert embedder(empty[:, :0], none[:, :0], None, none[:, :0]).shape == (2, 0, 32)


def test_frozen_transformer_neither_trains_nor_drops_out(tiny_model: TinyModel) -> None:
    folder = tiny_model("bart")
    frozen = PretrainedTransformerEmbedder(folder, sub_module="encoder", train_parameters=False, last_layer_only=False)
    frozen.train()
    contents = random_contents(4, [9])
    first, _ = embed(frozen, folder, contents, None)
    second, _ = embed(frozen, folder, contents, None)
    assert torch.equal(first, second)
    first.sum().backward()
    assert {name for name, p in frozen.named_parameters() if p.grad is not None} == {
        "_scalar_mix.gamma", *(f"_scalar_mix.scalar_parameters.{n}" for n in range(3)),
    }  # fmt: skip
    trained = PretrainedTransformerEmbedder(folder, sub_module="encoder").train()
    assert not torch.equal(embed(trained, folder, contents, None)[0], embed(trained, folder, contents, None)[0])


def test_eval_mode_keeps_dropout_off_while_parameters_train(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    embedder = PretrainedTransformerEmbedder(folder, eval_mode=True).train()
    contents = random_contents(5, [9])
    first, _ = embed(embedder, folder, contents, None)
    assert torch.equal(first, embed(embedder, folder, contents, None)[0])
    assert first.requires_grad
    assert embedder.training


def test_gradient_checkpointing_gives_the_same_gradients(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    gradients = []
    for checkpointing in (False, True):
        embedder = PretrainedTransformerEmbedder(
            folder, max_length=8, gradient_checkpointing=checkpointing,
            transformer_kwargs={"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
        ).train()  # fmt: skip
        assert all(layer.gradient_checkpointing == checkpointing for layer in embedder.transformer_model.encoder.layer)
        embed(embedder, folder, random_contents(6, [20, 5]), 8)[0].pow(2).sum().backward()
        gradients.append(embedder.transformer_model.get_input_embeddings().weight.grad)
    torch.testing.assert_close(gradients[0], gradients[1])


def test_options_from_a_file_give_the_same_output_from_the_state_dict(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    params = {"type": "pretrained_transformer", "model_name": folder, "max_length": 8, "last_layer_only": False,
              "load_weights": False, "transformer_kwargs": {"num_hidden_layers": 2}}  # fmt: skip
    first = TokenEmbedder.from_params(Params(params)).eval()
    second = TokenEmbedder.from_params(Params(params)).eval()
    assert isinstance(first, PretrainedTransformerEmbedder)
    contents = random_contents(7, [20])
    assert len(first.transformer_model.encoder.layer) == 2
    assert not torch.allclose(embed(first, folder, contents, 8)[0], embed(second, folder, contents, 8)[0])
    second.load_state_dict(first.state_dict())
    assert torch.equal(embed(first, folder, contents, 8)[0], embed(second, folder, contents, 8)[0])


@pytest.mark.parametrize("dtype", [torch.int64, torch.float32])
@pytest.mark.parametrize("max_length", [None, 8])
def test_masks_of_numbers_are_taken_as_bool(max_length: int | None, dtype: torch.dtype, tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    embedder = PretrainedTransformerEmbedder(folder, max_length=max_length).eval()
    tensors = as_tensors(folder, fold(folder, random_contents(8, [9, 3]), max_length), with_segments=bool(max_length))
    numbers = {name: tensor.to(dtype) if tensor.dtype == torch.bool else tensor for name, tensor in tensors.items()}
    assert torch.equal(embedder(**numbers), embedder(**tensors))


def replicate(module: Any) -> Any:
    """Do what `torch.nn.parallel.replicate` does, for one replica on the CPU."""
    replicas = {part: part._replicate_for_data_parallel() for part in module.modules()}
    for part, replica in replicas.items():
        replica._former_parameters = {}
        for name, child in part._modules.items():
            replica._modules[name] = replicas.get(child)
        for name, parameter in part._parameters.items():
            if parameter is None:
                replica._parameters[name] = None
            else:
                replica._former_parameters[name] = parameter.clone()
                setattr(replica, name, replica._former_parameters[name])
    return replicas[module]


def test_replica_without_parameters_trains_those_of_its_original(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    embedder = PretrainedTransformerEmbedder(folder, max_length=8).eval()
    contents = random_contents(8, [20, 3, 0])
    expected, _ = embed(embedder, folder, contents, 8)
    output, _ = embed(replicate(embedder), folder, contents, 8)
    torch.testing.assert_close(output, expected)
    output.sum().backward()
    assert embedder.transformer_model.get_input_embeddings().weight.grad is not None


def test_embeddings_of_another_kind_are_counted(tiny_model: TinyModel, tmp_path: Path) -> None:
    """I-BERT's are no `nn.Embedding`."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_model("roberta"))
    tokenizer.save_pretrained(tmp_path)
    small = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 48}
    config = AutoConfig.for_model("ibert", vocab_size=len(tokenizer), pad_token_id=0, **small)
    AutoModel.from_config(config).save_pretrained(tmp_path)
    embedder = PretrainedTransformerEmbedder(str(tmp_path), max_length=8).eval()
    output, folded = embed(embedder, str(tmp_path), random_contents(8, [9, 4]), 8)
    expected = naive_document(plain_transformer(str(tmp_path), "ibert"), str(tmp_path), folded[0])
    torch.testing.assert_close(output[0], expected, **TOLERANCE)


def test_dtype_is_float32_unless_asked(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    contents = random_contents(8, [9])
    exact, _ = embed(PretrainedTransformerEmbedder(folder).eval(), folder, contents, None)
    rough, _ = embed(PretrainedTransformerEmbedder(folder, dtype="bfloat16").eval(), folder, contents, None)
    assert (exact.dtype, rough.dtype) == (torch.float32, torch.bfloat16)
    torch.testing.assert_close(rough.float(), exact, atol=0.1, rtol=0.1)  # 8 bits of mantissa


class TestBadInput:
    """Each error names what came and what to do."""

    @pytest.fixture
    def folding(self, tiny_model: TinyModel) -> PretrainedTransformerEmbedder:
        return PretrainedTransformerEmbedder(tiny_model("bert"), max_length=8)

    @pytest.fixture
    def tensors(self, tiny_model: TinyModel) -> Tensors:
        folder = tiny_model("bert")
        return as_tensors(folder, fold(folder, random_contents(9, [20, 3]), 8), with_segments=True)

    def test_unknown_sub_module_lists_those_that_are_there(self, tiny_model: TinyModel) -> None:
        with pytest.raises(ConfigurationError, match=r'sub_module: got "encodr".*encoder.*did you mean "encoder"'):
            PretrainedTransformerEmbedder(tiny_model("t5"), sub_module="encodr")

    @pytest.mark.parametrize("max_length", [2, 97])
    def test_max_length_must_hold_a_wordpiece_and_fit_the_positions(
        self, max_length: int, tiny_model: TinyModel
    ) -> None:
        with pytest.raises(ConfigurationError, match=f"max_length: got {max_length}; expected at least 3.*at most 96"):
            PretrainedTransformerEmbedder(tiny_model("bert"), max_length=max_length)

    def test_long_document_without_max_length_names_the_positions(self, tiny_model: TinyModel) -> None:
        folder = tiny_model("bert")
        with pytest.raises(ValueError, match="a segment has 102 wordpieces; expected at most 96"):
            embed(PretrainedTransformerEmbedder(folder), folder, random_contents(0, [100]), None)

    def test_folded_for_nobody_or_not_folded(
        self, folding: PretrainedTransformerEmbedder, tensors: Tensors, tiny_model: TinyModel
    ) -> None:
        with pytest.raises(ValueError, match=r"document 0 of the batch has 22 .*; expected 28 .* max_length is None"):
            PretrainedTransformerEmbedder(tiny_model("bert"))(**tensors)
        tensors.pop("segment_concat_mask")
        with pytest.raises(ValueError, match="segment_concat_mask: missing, but this embedder has max_length 8"):
            folding(**tensors)

    def test_other_max_length_in_the_indexer(
        self, folding: PretrainedTransformerEmbedder, tiny_model: TinyModel
    ) -> None:
        folder = tiny_model("bert")
        tensors = as_tensors(folder, fold(folder, random_contents(9, [20, 3]), 6), with_segments=True)
        with pytest.raises(
            ValueError, match=r"mask: document 0 of the batch has 22 real wordpieces; expected 2[0-9] from this"
        ):
            folding(**tensors)

    def test_mask_with_a_hole(self, folding: PretrainedTransformerEmbedder, tensors: Tensors) -> None:
        tensors["segment_concat_mask"][1, 2] = False
        with pytest.raises(
            ValueError, match="segment_concat_mask: document 1 of the batch is False at 2 and True again"
        ):
            folding(**tensors)

    def test_mask_of_another_shape(self, folding: PretrainedTransformerEmbedder, tensors: Tensors) -> None:
        tensors["segment_concat_mask"] = tensors["segment_concat_mask"][:, :-1]
        with pytest.raises(ValueError, match=r"segment_concat_mask: got shape \(2, \d+\); expected that of token_ids"):
            folding(**tensors)

    def test_ids_out_of_range_name_id_position_and_limit(
        self, folding: PretrainedTransformerEmbedder, tensors: Tensors
    ) -> None:
        limit = folding.transformer_model.get_input_embeddings().num_embeddings
        tensors["token_ids"][0, 5] = limit
        with pytest.raises(ValueError, match=f"token_ids: got {limit} at position 5 of document 0; expected 0 to"):
            folding(**tensors)
        tensors["token_ids"][0, 5] = 5
        tensors["type_ids"][1, 1] = 2
        with pytest.raises(ValueError, match="type_ids: got 2 at position 1 of document 1; expected 0 to 1"):
            folding(**tensors)


@pytest.mark.parametrize("family", ["distilbert", "deberta-v2"])
def test_types_are_left_out_where_the_transformer_has_none(family: str, tiny_model: TinyModel) -> None:
    embedder = PretrainedTransformerEmbedder(tiny_model(family)).eval()
    ids = torch.tensor([[4, 5, 6, 7]])
    with torch.no_grad():
        expected = AutoModel.from_pretrained(tiny_model(family)).eval()(ids).last_hidden_state
        got = embedder(ids, torch.ones(1, 4, dtype=torch.bool), torch.tensor([[0, 0, 1, 1]]))
    torch.testing.assert_close(got, expected, **TOLERANCE)
    with pytest.raises(ValueError, match="type_ids: got -1"):
        embedder(ids, torch.ones(1, 4, dtype=torch.bool), torch.tensor([[0, 0, -1, 1]]))


class TestRowsOfTheVocabulary:
    def test_ids_behind_a_gap_keep_their_rows(self, tiny_model: TinyModel, tmp_path: Path) -> None:
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"]
        BertTokenizer({**{piece: i for i, piece in enumerate(pieces)}, "late": 60}).save_pretrained(tmp_path)
        model = AutoModel.from_pretrained(tiny_model("bert"))
        model.save_pretrained(tmp_path)
        rows = PretrainedTransformerEmbedder(str(tmp_path)).transformer_model.get_input_embeddings().weight
        torch.testing.assert_close(rows, model.get_input_embeddings().weight[:61], rtol=0, atol=0)
        (result,) = DocumentEmbedder(str(tmp_path)).embed(["a late b"])
        assert result.pieces == ["a", "late", "b"]

    def test_new_rows_are_the_same_each_time_and_named(
        self, tiny_model: TinyModel, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        tokenizer = AutoTokenizer.from_pretrained(tiny_model("bert"))
        size = len(tokenizer)
        tokenizer.add_tokens(["newest", "new"])
        tokenizer.save_pretrained(tmp_path)
        AutoModel.from_pretrained(tiny_model("bert")).save_pretrained(tmp_path)
        state = torch.get_rng_state()
        first = PretrainedTransformerEmbedder(str(tmp_path)).transformer_model.get_input_embeddings().weight
        assert "no vectors for 2 tokens of its tokenizer" in caplog.text
        assert caplog.text.strip().endswith("newest, new")
        torch.testing.assert_close(torch.get_rng_state(), state)
        torch.rand(3)
        second = PretrainedTransformerEmbedder(str(tmp_path)).transformer_model.get_input_embeddings().weight
        assert first.shape[0] == size + 2
        torch.testing.assert_close(first, second, rtol=0, atol=0)
        caplog.clear()
        PretrainedTransformerEmbedder(str(tmp_path), load_weights=False)
        assert not caplog.text
