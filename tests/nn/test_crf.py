"""The conditional random field against AllenNLP's, and against the sum over every tag sequence."""

import itertools
import json
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from foldformer.config import ConfigurationError
from foldformer.nn import ConditionalRandomField, allowed_transitions
from foldformer.nn import crf as crf_room

RECORDS = json.loads(Path(__file__).with_name("recorded.json").read_text())
START_SCORE = torch.tensor([0.3, -0.2, 0.1])


def small_crf(constraints=None):
    torch.manual_seed(0)
    return ConditionalRandomField(3, constraints)


def path_score(crf, logits, tags):
    """Score one sequence by the definition."""
    moves = [crf.transitions[before, after] for before, after in itertools.pairwise(tags)]
    emissions = [logits[place, tag] for place, tag in enumerate(tags)]
    return sum(moves) + sum(emissions) + crf.start_transitions[tags[0]] + crf.end_transitions[tags[-1]]


@pytest.mark.parametrize("record", RECORDS["crf"], ids=lambda record: f"{record['class']}-{record['name']}")
def test_crf_gives_what_allennlp_gives(record, recorded):
    crf = recorded.fill(getattr(crf_room, record["class"])(5, **record["options"]))
    recorded.check_state(crf, record["state"])
    logits, mask = 2 * recorded.wave(3, 6, 5), torch.tensor(record["mask"])
    tags = (torch.arange(18).view(3, 6) * 7 + 3) % 5
    loss = crf(logits, tags, mask)
    recorded.check_equal(loss, record["log_likelihood"])
    recorded.check_gradients(crf, loss, record["gradient_norms"])
    recorded.check_equal(crf.viterbi_tags(logits, mask), record["viterbi"])
    top_3 = crf.viterbi_tags(logits, mask, top_k=3)
    for row, paths in enumerate(top_3):
        # AllenNLP fills up with paths through its own start and end tags, which score below -10000.
        real = [path for path in record["top_3"][row] if path[1] > -5000 or max(path[0]) < 5][: len(paths)]
        recorded.check_equal(paths[: len(real)], real)
        assert len(paths) == min(3, 5 ** len(paths[0][0]))


@pytest.mark.parametrize(
    "record", RECORDS["transitions"], ids=lambda record: f"{record['scheme']}-{len(record['labels'])}"
)
def test_allowed_transitions_are_those_of_allennlp(record):
    allowed = allowed_transitions(record["scheme"], dict(enumerate(record["labels"])))
    assert sorted(allowed) == sorted(tuple(pair) for pair in record["allowed"])


def test_unknown_scheme_is_an_error():
    with pytest.raises(ConfigurationError, match='got "IOB"; expected one of "BIOUL", "BIO", "IOB1", "BMES"'):
        allowed_transitions("IOB", {0: "O"})


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(0, 10_000))
def test_likelihood_and_best_paths_against_every_sequence(length, seed):
    crf = small_crf()
    logits = torch.randn(1, length, 3, generator=torch.Generator().manual_seed(seed))
    every = {tags: path_score(crf, logits[0], tags) for tags in itertools.product(range(3), repeat=length)}
    gold = tuple(seed // 3**place % 3 for place in range(length))
    partition = torch.stack(list(every.values())).logsumexp(0)
    assert torch.allclose(crf(logits, torch.tensor([gold])), every[gold] - partition, atol=1e-5)
    best = sorted(every, key=every.get, reverse=True)[:4]
    found = crf.viterbi_tags(logits, None, top_k=4)[0]
    assert [tuple(tags) for tags, _ in found] == best
    assert [score for _, score in found] == pytest.approx([every[tags].item() for tags in best], abs=1e-5)


def test_constrained_path_is_the_best_allowed_one():
    labels = {0: "O", 1: "B", 2: "I"}
    allowed = set(allowed_transitions("BIO", labels))
    crf = small_crf(allowed)
    logits = torch.tensor([[[0.0, 0.1, 9.0], [0.0, 0.1, 9.0], [3.0, 0.0, 2.9]]])
    legal = [
        tags
        for tags in itertools.product(range(3), repeat=3)
        if all(pair in allowed for pair in itertools.pairwise([3, *tags, 4]))
    ]
    expected = max(legal, key=lambda tags: path_score(crf, logits[0], tags))
    assert tuple(crf.viterbi_tags(logits)[0][0]) == expected
    free = ConditionalRandomField(3)
    free.load_state_dict(crf.state_dict() | {"_constraint_mask": torch.ones(5, 5)})
    assert tuple(free.viterbi_tags(logits)[0][0]) != expected


def test_top_k_paths_behind_the_best_break_no_constraint():
    labels = {0: "B", 1: "M", 2: "E", 3: "S"}
    allowed = set(allowed_transitions("BMES", labels))
    torch.manual_seed(0)
    crf = ConditionalRandomField(4, allowed)
    mask = torch.tensor([[True, False, False], [True, True, True]])
    short, long = crf.viterbi_tags(torch.randn(2, 3, 4), mask, top_k=20)
    assert [tags for tags, _ in short] == [[3]]
    legal = [
        list(tags)
        for tags in itertools.product(range(4), repeat=3)
        if all(pair in allowed for pair in itertools.pairwise([4, *tags, 5]))
    ]
    assert sorted(tags for tags, _ in long) == sorted(legal)


def test_sequence_that_no_constraint_allows_still_gets_tags():
    crf = small_crf(allowed_transitions("BMES", {0: "B", 1: "M", 2: "E"}))
    assert len(crf.viterbi_tags(torch.randn(1, 1, 3))[0][0]) == 1


def test_empty_rows_add_nothing_and_get_no_tags(recorded):
    crf = small_crf()
    logits, tags = recorded.wave(3, 4, 3).requires_grad_(), torch.zeros(3, 4, dtype=torch.long)
    mask = recorded.mask_of([2, 0, 4], 4)
    loss = crf(logits, tags, mask)
    assert torch.allclose(loss, crf(logits[[0, 2]], tags[[0, 2]], mask[[0, 2]]))
    loss.backward()
    assert logits.grad.isfinite().all()
    assert not logits.grad[1].any()
    assert [len(path) for path, _ in crf.viterbi_tags(logits, mask)] == [2, 0, 4]
    assert crf.viterbi_tags(torch.zeros(2, 0, 3), torch.zeros(2, 0).bool()) == [([], 0.0)] * 2


def test_padding_and_row_order_change_nothing(recorded):
    crf = small_crf()
    logits, mask = recorded.wave(3, 4, 3), recorded.mask_of([2, 1, 4], 4)
    tags = torch.arange(12).view(3, 4) % 3
    noisy = torch.where(mask.unsqueeze(-1), logits, torch.nan)
    each = [crf(logits[row : row + 1, :size], tags[row : row + 1, :size]) for row, size in enumerate([2, 1, 4])]
    assert torch.allclose(crf(noisy, tags, mask), sum(each), atol=1e-5)
    assert crf.viterbi_tags(noisy[[2, 0, 1]], mask[[2, 0, 1]]) == [
        crf.viterbi_tags(logits, mask)[row] for row in (2, 0, 1)
    ]


def test_holes_in_the_mask_are_left_out_of_decoding(recorded):
    crf = small_crf()
    logits, mask = recorded.wave(1, 4, 3), torch.tensor([[True, False, True, True]])
    assert crf.viterbi_tags(logits, mask) == crf.viterbi_tags(logits[:, [0, 2, 3]])


def test_gradient_agrees_with_finite_differences():
    crf = small_crf().double()
    tags, mask = torch.tensor([[0, 2, 1], [1, 1, 0]]), torch.tensor([[True, True, True], [True, False, False]])
    logits = torch.randn(2, 3, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda values: crf(values, tags, mask), (logits,))


def test_top_k_below_one_is_an_error():
    with pytest.raises(ValueError, match="top_k: got 0"):
        small_crf().viterbi_tags(torch.zeros(1, 2, 3), None, top_k=0)


def test_wrong_number_of_label_weights_is_an_error():
    with pytest.raises(ValueError, match="got 2 weights; expected one for each of 3 tags"):
        crf_room.ConditionalRandomFieldWeightEmission(3, [1.0, 2.0])
