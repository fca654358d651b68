"""Whatever runs beside a segment, its vectors are those of running it alone."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModel

from foldformer.engine.backends.pytorch import PyTorchBackend
from foldformer.engine.batch_rules import batch_rule
from foldformer.engine.micro_batches import FlatWordpieces
from foldformer.engine.packed_rows import takes_packed_rows
from foldformer.engine.segments import Segments, micro_batches, packed_micro_batches

CPU = torch.device("cpu")
SMALL = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 48,
         "vocab_size": 60, "pad_token_id": 0, "max_position_embeddings": 96}  # fmt: skip
ROTARY = {"num_key_value_heads": 2, "head_dim": 8}
LONGROPE = {"rope_type": "longrope", "rope_theta": 1e4, "short_factor": [1.0] * 4, "long_factor": [2.0] * 4,
            "original_max_position_embeddings": 16}  # fmt: skip
DYNAMIC = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4}
LENGTHS = [30, 3, 16, 17, 20, 5, 20]


def random_model(family: str, dtype: torch.dtype = torch.float32, attention: str | None = None, **options: Any) -> Any:
    config = AutoConfig.for_model(family, **{**SMALL, **options})
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = AutoModel.from_config(config, attn_implementation=attention)
        for parameter in model.parameters():
            parameter.data += 0.1 * torch.randn_like(parameter)
    return model.to(dtype).eval()


@torch.no_grad()
def assert_runs_as_alone(model: Any, lengths: list[int] = LENGTHS, atol: float = 1e-4) -> None:
    ids = torch.randint(5, 60, (sum(lengths),), generator=torch.Generator().manual_seed(0))
    fresh = copy.deepcopy(model)  # each runs in a model that has seen no other
    alone = [copy.deepcopy(fresh)(input_ids=part[None]).last_hidden_state[0] for part in ids.split(lengths)]
    segments = Segments(np.cumsum(lengths) - lengths, np.array(lengths), np.zeros(len(lengths), dtype=np.int64))
    got = torch.full((len(ids), 32), torch.nan, dtype=alone[0].dtype)
    for _ in range(2):
        for rows, vectors in PyTorchBackend(model, None, 300).run(FlatWordpieces(ids), segments):
            got[rows] = vectors
        torch.testing.assert_close(got, torch.cat(alone), atol=atol, rtol=1e-3)


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize(
    ("family", "options"),
    [
        ("phi3", {"rope_parameters": LONGROPE, "original_max_position_embeddings": 16}),
        ("llama", {"rope_parameters": DYNAMIC, "max_position_embeddings": 16}),
    ],
)
def test_positions_that_depend_on_the_longest_segment(family: str, options: dict[str, Any], attention: str) -> None:
    model = random_model(family, attention=attention, **ROTARY, **options)
    assert takes_packed_rows(model, CPU) == (attention == "sdpa")
    assert_runs_as_alone(model)


@pytest.mark.parametrize("family", ["gemma2", "mistral"])
def test_windows_leave_no_padding_without_anything_to_attend_to(family: str) -> None:
    model = random_model(family, torch.float64, "eager", **ROTARY, sliding_window=6)
    assert_runs_as_alone(model)  # not NaN
    beside = batch_rule(model, CPU, packed=False)
    assert beside is not None
    assert beside(30) == 25


@pytest.mark.parametrize(
    ("family", "options"),
    [("fnet", {}), ("yoso", {}), ("convbert", {"embedding_size": 16}), ("big_bird", {"block_size": 4}),
     ("mobilebert", {"embedding_size": 16, "intra_bottleneck_size": 16, "true_hidden_size": 16})],
)  # fmt: skip
def test_where_padding_changes_vectors_only_equal_lengths_run_together(family: str, options: dict[str, Any]) -> None:
    model = random_model(family, **options)
    beside = batch_rule(model, CPU, packed=False)
    assert beside is not None
    assert beside(20) == 20
    if family != "big_bird":  # its attention depends on what has run before
        assert_runs_as_alone(model, atol=1e-3)


@pytest.mark.parametrize("family", ["bert", "deberta-v2", "roberta", "mpnet"])
def test_where_padding_changes_nothing_any_lengths_run_together(family: str) -> None:
    model = random_model(family, attention="eager").train()
    state = torch.get_rng_state()
    assert batch_rule(model, CPU, packed=False) is None
    assert torch.equal(torch.get_rng_state(), state)
    assert all(module.training for module in model.modules())
    assert_runs_as_alone(model.eval())


def test_micro_batches_end_where_the_next_segment_is_too_short() -> None:
    lengths = np.array([9, 4, 8, 8, 3])
    assert [chosen.tolist() for chosen in micro_batches(lengths, 99, 99, lambda longest: longest - 1)] == [
        [0, 2, 3], [1, 4]
    ]  # fmt: skip
    assert [chosen.tolist() for chosen in packed_micro_batches(lengths, 99, lambda longest: longest)] == [
        [0], [2, 3], [1], [4]
    ]  # fmt: skip
