"""Which transformers take packed rows, and that trying leaves them as they were."""

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AutoModel, PreTrainedModel

from foldformer.engine.backends.pytorch import PyTorchBackend
from foldformer.engine.micro_batches import FlatWordpieces
from foldformer.engine.packed_attention import PACKED_ATTENTION, packed_attention
from foldformer.engine.packed_rows import takes_packed_rows
from foldformer.engine.scalar_mix import ScalarMix
from foldformer.engine.segments import Segments

TinyModel = Callable[[str], str]
CPU = torch.device("cpu")
PACKING = ["bert", "electra", "distilbert", "roberta", "xlm-roberta", "albert", "modernbert", "gpt2", "llama"]
PADDING = ["mpnet", "bart", "t5", "deberta-v2", "xlnet"]


def load(folder: str, **options: Any) -> PreTrainedModel:
    model: PreTrainedModel = AutoModel.from_pretrained(folder, dtype=torch.float32, **options)
    return model


class Noting:
    """Notes the shapes that a transformer runs at."""

    def __init__(self, transformer: nn.Module) -> None:
        self.shapes: list[tuple[int, ...]] = []
        transformer.register_forward_hook(self._note, with_kwargs=True)

    def _note(self, module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        self.shapes.append(tuple(kwargs["input_ids"].shape))


@pytest.mark.parametrize(("family", "takes"), [(name, True) for name in PACKING] + [(name, False) for name in PADDING])
def test_architectures(family: str, takes: bool, tiny_model: TinyModel) -> None:
    transformer = load(tiny_model(family)).train()
    if family in ("bart", "t5"):
        transformer = transformer.encoder
    transformer.get_input_embeddings().eval()  # as a frozen part would be
    asked_for = transformer.config._attn_implementation
    state = torch.get_rng_state()
    assert takes_packed_rows(transformer, CPU) is takes
    assert transformer.config._attn_implementation == asked_for
    assert [name for name, module in transformer.named_modules() if not module.training] == [
        name for name, module in transformer.named_modules() if module is transformer.get_input_embeddings()
    ]
    assert torch.equal(torch.get_rng_state(), state)


def test_it_is_tried_once(tiny_model: TinyModel) -> None:
    transformer = load(tiny_model("bert"))
    noting = Noting(transformer)
    assert takes_packed_rows(transformer, CPU)
    tried = len(noting.shapes)
    assert takes_packed_rows(transformer, CPU)
    assert len(noting.shapes) == tried > 0
    assert takes_packed_rows(transformer.to(torch.bfloat16), CPU)
    assert len(noting.shapes) == 2 * tried


def test_running_leaves_the_configuration_alone(tiny_model: TinyModel) -> None:
    transformer, seen = load(tiny_model("bert")).eval(), []
    before = transformer.config.to_dict()
    hook = transformer.register_forward_pre_hook(lambda each, inputs: seen.append(each.config._attn_implementation))
    run(transformer, torch.arange(33) + 5, [20, 13])
    hook.remove()
    assert seen[-1] == PACKED_ATTENTION
    assert transformer.config._attn_implementation == "sdpa"
    assert transformer.config.to_dict() == before
    assert b"foldformer" not in pickle.dumps(transformer)


def test_a_run_that_fails_leaves_the_configuration_alone(tiny_model: TinyModel) -> None:
    transformer = load(tiny_model("bert")).eval()
    assert takes_packed_rows(transformer, CPU)
    with pytest.raises(IndexError):
        run(transformer, torch.full((33,), 10**6), [20, 13])
    assert transformer.config._attn_implementation == "sdpa"


def test_threads_that_share_a_transformer_get_their_own_numbers(tiny_model: TinyModel) -> None:
    transformer, lengths = load(tiny_model("bert")).eval(), [20, 13, 9]
    texts = [torch.randint(5, 60, (42,), generator=torch.Generator().manual_seed(seed)) for seed in range(16)]
    expected = [run(transformer, ids, lengths) for ids in texts]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            got = list(pool.map(lambda ids: run(transformer, ids, lengths), texts))
            assert all(map(torch.equal, got, expected))
    assert transformer.config._attn_implementation == "sdpa"


def test_layers_that_are_recomputed_run_padded(tiny_model: TinyModel) -> None:
    transformer = load(tiny_model("bert")).train()
    assert takes_packed_rows(transformer, CPU)
    transformer.encoder.layer[1].gradient_checkpointing = True
    assert not takes_packed_rows(transformer, CPU)


def test_eager_attention_stays_if_asked_for(tiny_model: TinyModel) -> None:
    transformer = load(tiny_model("bert"), attn_implementation="eager")
    assert not takes_packed_rows(transformer, CPU)
    assert transformer.config._attn_implementation == "eager"


@pytest.mark.parametrize("by_hand", [False, True])
def test_attention_that_somebody_sets_between_runs_is_noticed(by_hand: bool, tiny_model: TinyModel) -> None:
    transformer, lengths = load(tiny_model("bert")).eval(), [20, 13]
    ids = torch.randint(5, 60, (33,), generator=torch.Generator().manual_seed(0))
    expected, noting = run(transformer, ids, lengths), Noting(transformer)
    for attention, shape in (("eager", (2, 20)), ("sdpa", (1, 33)), ("eager", (2, 20))):
        if by_hand:
            transformer.config._attn_implementation = attention
        else:
            transformer.set_attn_implementation(attention)
        torch.testing.assert_close(run(transformer, ids, lengths), expected, atol=1e-5, rtol=1e-4)
        assert noting.shapes[-1] == shape


def test_small_leak_does_not_pass_for_rounding(tiny_model: TinyModel) -> None:
    transformer = load(tiny_model("bert")).to(torch.bfloat16)
    transformer.encoder.layer[2].register_forward_hook(
        lambda module, inputs, output: output + 0.02 * output.roll(1, dims=1)
    )
    assert not takes_packed_rows(transformer, CPU)


def test_layers_that_mix_neighbours_are_found_out(tiny_model: TinyModel) -> None:
    transformer = load(tiny_model("bert"))
    transformer.encoder.layer[0].register_forward_hook(lambda module, inputs, output: output + output.roll(1, dims=1))
    assert not takes_packed_rows(transformer, CPU)
    assert transformer.config._attn_implementation == "sdpa"


def run(transformer: PreTrainedModel, ids: Tensor, lengths: list[int], mix: ScalarMix | None = None) -> Tensor:
    segments = Segments(np.cumsum(lengths) - lengths, np.array(lengths), np.zeros(len(lengths), dtype=np.int64))
    output = torch.full((len(ids), 32), torch.nan, dtype=transformer.dtype)
    with torch.no_grad():
        for rows, vectors in PyTorchBackend(transformer, mix, 40).run(FlatWordpieces(ids), segments):
            output[rows] = vectors
    return output


@pytest.mark.parametrize("family", PACKING)
def test_padding_ids_in_a_text_are_counted_as_transformers_counts_them(family: str, tiny_model: TinyModel) -> None:
    transformer, lengths = load(tiny_model(family)).eval(), [20, 20, 20, 7, 1]
    ids = torch.randint(5, 60, (sum(lengths),), generator=torch.Generator().manual_seed(0))
    ids[[0, 1, 19, 20, 33, 67]] = transformer.config.pad_token_id or 0
    alone = [transformer(input_ids=part[None]).last_hidden_state[0] for part in ids.split(lengths)]
    noting = Noting(transformer)
    got = run(transformer, ids, lengths)
    assert noting.shapes[-2:] == [(1, 40), (1, 28)]
    torch.testing.assert_close(got, torch.cat(alone).detach(), atol=1e-5, rtol=1e-4)


def test_layers_are_mixed_in_packed_rows(tiny_model: TinyModel) -> None:
    transformer, lengths = load(tiny_model("bert")).eval(), [20, 13]
    ids = torch.randint(5, 60, (33,), generator=torch.Generator().manual_seed(0))
    mix = ScalarMix(3)
    alone = [
        mix(transformer(input_ids=part[None], output_hidden_states=True).hidden_states[1:])[0]
        for part in ids.split(lengths)
    ]
    torch.testing.assert_close(run(transformer, ids, lengths, mix), torch.cat(alone).detach(), atol=1e-5, rtol=1e-4)


def test_rows_in_half_precision_are_filled_up(tiny_model: TinyModel) -> None:
    transformer, lengths = load(tiny_model("bert")).eval().to(torch.bfloat16), [20, 13]
    noting = Noting(transformer)
    got = run(transformer, torch.arange(33), lengths)
    assert noting.shapes[-1] == (1, 48)
    assert got.isfinite().all()


def test_flash_attention_gets_packed_rows_if_asked_for(tiny_model: TinyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its kernels are not at hand: another function stands under such a name, and takes what they take."""
    received: list[tuple[list[int], int, bool]] = []

    def kernel(*args: Any, cu_seq_lens_k: Any = None, max_length_k: Any = None, **options: Any) -> Any:
        if cu_seq_lens_k is not None:
            assert torch.equal(cu_seq_lens_k, options["cu_seq_lens_q"])
            received.append((cu_seq_lens_k.tolist(), max_length_k, cu_seq_lens_k.dtype == torch.int32))
        return packed_attention(*args, **options)

    name = "flash_attention_of_a_test"
    monkeypatch.setitem(AttentionInterface._global_mapping, name, kernel)
    transformer = load(tiny_model("bert")).eval()
    transformer.config._attn_implementation = name
    run(transformer, torch.arange(33), [20, 13])
    assert transformer.config._attn_implementation == name
    assert received[-1] == ([0, 20, 33], 20, True)
