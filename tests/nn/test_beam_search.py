"""Beam search finds what AllenNLP finds, the best of all sequences where the beam is wide, and samples as it says."""

import itertools
import json
from collections import Counter
from pathlib import Path

import pytest
import torch
from torch.nn.functional import one_hot

from foldformer.config import ConfigurationError, Params
from foldformer.nn.beam_search import BeamSearch, FinalSequenceScorer, Sampler
from foldformer.text import Vocabulary

RECORDS = json.loads((Path(__file__).parent / "recorded.json").read_text())["beam_search"]
END, CLASSES = 0, 6


def stepper(table):
    """The next token depends on the last one, and on states that must go on with their sequences."""

    def step(last, state):
        logits = table[last] + state["bias"] + state["decoder_hidden"].sum(0)
        bias = 0.5 * state["bias"] + one_hot(last, CLASSES)
        return logits.log_softmax(-1), {"bias": bias, "decoder_hidden": 0.9 * state["decoder_hidden"], "none": None}

    return step


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: json.dumps(record["config"]))
def test_search_finds_what_allennlp_finds(record, recorded):
    wave = recorded.wave
    search = BeamSearch.from_params(Params(dict(record["config"])), end_index=END)
    state = {"bias": wave(2, CLASSES, start=60), "decoder_hidden": wave(2, 2, CLASSES, start=90)}
    sequences, scores = search.search(torch.tensor([1, 4]), state, stepper(2 * wave(CLASSES, CLASSES)))
    recorded.check_equal(sequences, record["sequences"])
    recorded.check_equal(scores, record["scores"])


def chain(table):
    return lambda last, state, number: (table[last], state)


def test_wide_beam_finds_the_best_of_all_sequences():
    torch.manual_seed(4)
    table = torch.randn(4, 4).log_softmax(-1)
    every = []
    for tokens in itertools.product(range(4), repeat=3):
        ended = tokens.index(END) if END in tokens else 3
        if all(token == END for token in tokens[ended:]):
            steps = itertools.pairwise((2, *tokens[: ended + 1]))
            every.append((sum(float(table[step]) for step in steps), tokens))
    every.sort(reverse=True)
    sequences, scores = BeamSearch(END, 3, 4, per_node_beam_size=4).search(torch.tensor([2]), {}, chain(table))
    wide, all_scores = BeamSearch(END, 3, beam_size=4).search(torch.tensor([2, 2]), {}, chain(table))
    assert torch.equal(sequences[0], wide[1])
    assert tuple(sequences[0, 0].tolist()) == every[0][1]
    assert scores[0, 0].item() == pytest.approx(every[0][0], abs=1e-5)
    assert torch.allclose(scores[0], all_scores[0])


def drawn(sampler, log_probs, count, size=1):
    state = sampler.init_state(log_probs, 1, log_probs.size(1))
    return Counter(token for _ in range(count) for token in sampler.sample_nodes(log_probs, size, state)[1][0].tolist())


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"type": "multinomial"}, [0.5, 0.3, 0.15, 0.05]),
        ({"type": "multinomial", "temperature": 0.5}, [0.6849, 0.2466, 0.0616, 0.0068]),
        ({"type": "top-k", "k": 2}, [0.625, 0.375, 0.0, 0.0]),
        ({"type": "top-p", "p": 0.75}, [0.625, 0.375, 0.0, 0.0]),
        ({"type": "top-p", "p": 0.85}, [0.5263, 0.3158, 0.1579, 0.0]),
        ({"type": "top-p", "p": 0.75, "with_replacement": True}, [0.625, 0.375, 0.0, 0.0]),
        ({"type": "deterministic"}, [1.0, 0.0, 0.0, 0.0]),
    ],
)
def test_tokens_are_picked_as_often_as_the_sampler_says(config, expected):
    torch.manual_seed(0)
    log_probs = torch.tensor([[0.5, 0.3, 0.15, 0.05]]).log()
    sampler = Sampler.from_params(Params(config))
    counts = drawn(sampler, log_probs, 3000)
    assert [counts[token] / 3000 for token in range(4)] == pytest.approx(expected, abs=0.03)
    picked, places, _ = sampler.sample_nodes(log_probs, 1, {})
    assert torch.equal(picked, log_probs.gather(1, places))


def test_gumbel_draws_different_sequences_as_often_as_they_are_probable():
    torch.manual_seed(0)
    table = torch.tensor([[0.0, 1, 1], [2, 0, 1], [1, 1, 0]]).log_softmax(-1)
    search = BeamSearch(END, 2, beam_size=2, sampler=Sampler.by_name("gumbel")())
    firsts = Counter()
    for _ in range(40):
        sequences, scores = search.search(torch.full((50,), 1), {}, chain(table))
        assert (sequences[:, 0] != sequences[:, 1]).any(-1).all()
        assert (scores[:, 0] >= scores[:, 1]).all()
        kept = sequences[torch.arange(50), torch.randint(2, (50,))]
        firsts.update(map(tuple, kept.tolist()))
    assert len(firsts) == 7  # (end, end), and each other token with each of three
    assert firsts[(0, 0)] == max(firsts.values())


def test_wrong_settings_are_named():
    for options, message in (
        ({"max_steps": 0}, "max_steps: got 0"),
        ({"beam_size": 0}, "beam_size: got 0"),
        ({"per_node_beam_size": 0}, "per_node_beam_size: got 0"),
        ({"max_steps": 3, "min_steps": 4}, "min_steps: got 4; expected 0 to max_steps, 3"),
    ):
        with pytest.raises(ValueError, match=message):
            BeamSearch(END, **options)
    with pytest.raises(ConfigurationError, match="per_node_beam_size: got 10; expected at most 4"):
        BeamSearch(END).search(torch.tensor([1]), {}, chain(torch.zeros(4, 4)))
    with pytest.raises(ValueError, match="k: got 5"):
        Sampler.by_name("top-k")(5).sample_nodes(torch.zeros(1, 4), 1, {})
    with pytest.raises(ValueError, match="p: got 2"):
        Sampler.by_name("top-p")(2.0)
    with pytest.raises(ValueError, match="per_node_beam_size: got 5"):
        Sampler.by_name("top-p")().sample_nodes(torch.zeros(1, 4), 5, {})


def test_searches_without_result_warn():
    only_end = torch.tensor([[0.0, -torch.inf]]).expand(2, 2)
    with pytest.warns(RuntimeWarning, match="every sequence is empty"):
        BeamSearch(END, beam_size=1).search(torch.tensor([1]), {}, chain(only_end))
    with pytest.warns(RuntimeWarning, match="without any probability"):
        BeamSearch(END, beam_size=2).search(torch.tensor([1]), {}, chain(only_end))


def test_constraints_get_the_vocabulary():
    block = Params({"constraints": [{"type": "repeated-ngram-blocking", "ngram_size": 2}]})
    vocabulary = Vocabulary()
    search = BeamSearch.from_params(block, end_index=END, vocab=vocabulary)
    assert search.constraints[0].vocab is vocabulary
    assert FinalSequenceScorer.default_implementation == "sequence-log-prob"
