"""ELMo as a part of a model and as a token embedder, against AllenNLP's; and what they do beyond."""

import copy
import json
import sys
from pathlib import Path

import pytest
import torch

from embedders import BasicTextFieldEmbedder, Elmo, ElmoTokenEmbedder
from foldformer.config import ConfigurationError, Params, check
from foldformer.models import TokenEmbedder
from foldformer.nn.elmo import ElmoBiLm, batch_to_ids
from foldformer.text import Vocabulary
from tests.record_allennlp.tiny_elmo import write_tiny_elmo

RECORDS = json.loads((Path(__file__).parents[1] / "nn/elmo/recorded.json").read_text())
SENTENCES = RECORDS["batches"][0]
IDS = batch_to_ids(SENTENCES)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_tiny_elmo(tmp_path_factory.mktemp("elmo"))


def build(files, vocab=None, **config):
    block = {"type": "elmo_token_embedder", "options_file": files[0], "weight_file": files[1], "dropout": 0.0, **config}
    return TokenEmbedder.from_params(Params(block), vocab=vocab or Vocabulary())


@torch.no_grad()
def set_mixes(model, recorded):
    names = sorted(name for name in model.state_dict() if name.startswith("scalar_mix"))
    for start, name in enumerate(names):
        model.state_dict()[name].copy_(recorded.wave(1, start=start))


@pytest.mark.parametrize("record", RECORDS["mixtures"], ids=lambda record: ",".join(record["config"]))
def test_mixtures_and_their_gradients_are_those_of_allennlp(record, files, recorded):
    model = Elmo(*files, **record["config"]).train()
    if "scalar_mix_parameters" not in record["config"]:
        set_mixes(model, recorded)
    recorded.check_state(model, record["state"])
    assert sorted(name for name, each in model.named_parameters() if each.requires_grad) == record["trainable"]
    found = model(IDS)
    recorded.check_equal(found, record["answer"])
    if record["trainable"]:
        loss = sum(
            (each * recorded.wave(*each.shape, start=5 + number)).sum()
            for number, each in enumerate(found["elmo_representations"])
        )
        recorded.check_gradients(model, loss, record["gradient_norms"])


def test_every_option_gives_another_answer():
    answers = [record["answer"]["elmo_representations"] for record in RECORDS["mixtures"]]
    plain, normed, kept, fixed, trained, _, two = answers
    assert plain == trained
    assert len(two) == 2
    assert two[0] != two[1]
    assert all(one != other for one, other in ((plain, normed), (plain, kept), (plain, fixed), (plain, two)))
    assert len(kept[0][0]) == len(plain[0][0]) + 2


def test_cached_words_give_what_allennlp_gives(files, recorded):
    record = RECORDS["cached"]
    model = Elmo(*files, 1, dropout=0.0, vocab_to_cache=record["words"]).eval()
    recorded.check_state(model, record["state"])
    ids, numbers = batch_to_ids([["The", "fox", "a"], ["sleeps"]]), torch.tensor(record["numbers"])
    # The third asks for words that are not cached, so that characters are read.
    for words, answer in zip((numbers, numbers, numbers + 3), record["answers"], strict=True):
        recorded.check_equal(model(ids, words), answer)


def test_cached_words_are_those_that_their_characters_give_and_train_if_asked(files):
    ids, numbers = batch_to_ids([["fox", "The"], ["The"]]), torch.tensor([[2, 1], [1, 0]])
    model = Elmo(*files, 1, dropout=0.0, requires_grad=True, vocab_to_cache=["@@PADDING@@", "The", "fox"])
    cached, read = model(ids, numbers), Elmo(*files, 1, dropout=0.0)(ids)
    assert torch.equal(cached["mask"], read["mask"])
    assert torch.allclose(cached["elmo_representations"][0], read["elmo_representations"][0], atol=1e-6)
    for _ in range(2):
        model(ids, numbers)["elmo_representations"][0].sum().backward()
    gradient = model._elmo_lstm._word_embedding.weight.grad
    assert gradient[1:].any(dim=1).all()
    assert not gradient[0].any()
    wrapped = model(ids.unsqueeze(1), numbers.unsqueeze(1))
    assert wrapped["elmo_representations"][0].shape == (2, 1, 2, 6)
    assert wrapped["mask"].shape == (2, 1, 2)


def test_word_numbers_without_a_cache_are_told_and_ignored(files, caplog):
    model = Elmo(*files, 1, dropout=0.0)
    model._elmo_lstm._elmo_lstm.stateful = False
    ids = batch_to_ids([["fox"]])
    found = model(ids, torch.tensor([[1]]))["elmo_representations"][0]
    assert torch.equal(found, model(ids)["elmo_representations"][0])
    assert "no vocab_to_cache" in caplog.text


@pytest.mark.parametrize("record", RECORDS["embedders"], ids=lambda record: ",".join(record["config"]))
def test_embedder_gives_what_allennlp_gives(record, files, recorded):
    embedder = build(files, **record["config"]).eval()
    if embedder._projection is not None:
        recorded.fill(embedder._projection)
    recorded.check_state(embedder, record["state"])
    assert embedder.get_output_dim() == record["output_dim"]
    for ids, answer in zip((IDS, IDS.unsqueeze(1)), record["answers"], strict=True):
        recorded.check_equal(embedder(ids), answer)


def test_state_dict_moves_to_another_embedder_and_copies_are_equal(files, recorded):
    one, other = (build(files, projection_dim=4).eval() for _ in range(2))
    recorded.fill(one)
    other.load_state_dict(one.state_dict())
    twin = copy.deepcopy(one)
    expected = one(IDS)
    assert torch.equal(other(IDS), expected)
    assert torch.equal(twin(IDS), expected)


def test_dropout_acts_in_training_only(files):
    embedder = build(files, dropout=0.5)
    embedder._elmo._elmo_lstm._elmo_lstm.stateful = False
    words = batch_to_ids([["fox"] * 200])
    assert 300 < (embedder.train()(words) == 0).sum() < 900
    assert not (embedder.eval()(words) == 0).any()


def test_text_field_embedder_hands_the_tensors_on(files):
    embedder, ids = build(files), batch_to_ids([["The", "fox"], ["a"]])
    embedder._elmo._elmo_lstm._elmo_lstm.stateful = False
    both = BasicTextFieldEmbedder({"elmo": embedder})
    assert torch.equal(both({"elmo": {"elmo_tokens": ids}}), embedder(ids))
    wrapped = both({"elmo": {"elmo_tokens": ids.unsqueeze(1)}}, num_wrapping_dims=1)
    assert torch.allclose(wrapped.squeeze(1), embedder(ids), atol=1e-6)


def test_namespace_to_cache_caches_its_tokens(files):
    vocab = Vocabulary(tokens_to_add={"words": ["The", "fox"]})
    embedder = build(files, vocab, namespace_to_cache="words")
    assert embedder._elmo._elmo_lstm._word_embedding.weight.shape == (4, 3)
    with pytest.raises(ConfigurationError, match="namespace_to_cache without a vocabulary"):
        ElmoTokenEmbedder(*files, namespace_to_cache="words")
    with pytest.raises(ConfigurationError, match="namespace_to_cache: got a namespace beside vocab_to_cache"):
        build(files, vocab, namespace_to_cache="words", vocab_to_cache=["a"])


def test_module_stands_in_for_files(files):
    model, ids = ElmoBiLm(*files), batch_to_ids([["The"]])
    mixed = Elmo(None, None, 1, dropout=0.0, module=model)(ids)["elmo_representations"][0]
    assert torch.equal(mixed, Elmo(*files, 1, dropout=0.0)(ids)["elmo_representations"][0])
    for arguments, message in (
        ((*files, 1), "elmo: got options_file, weight_file, module"),
        ((None, files[1], 1), "elmo: got weight_file, module"),
    ):
        with pytest.raises(ConfigurationError, match=f"{message}; expected options_file and weight_file, or module"):
            Elmo(*arguments, module=model)
    with pytest.raises(ConfigurationError, match="elmo: got options_file; expected"):
        Elmo(files[0], None, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dropout": 1.5}, "dropout: got 1.5"),
        ({"projection_dim": 0}, "projection_dim: got 0"),
        ({"scalar_mix_parameters": [1.0]}, "initial_scalar_parameters: got 1 numbers; expected one for each of 3"),
        ({"weights_file": "x"}, r'weights_file.*did you mean "weight_file"'),
        ({"vocab_to_cache": "the"}, "vocab_to_cache"),
    ],
)
def test_wrong_configuration_is_named(change, message, files):
    with pytest.raises(ConfigurationError, match=message):
        build(files, **change)


def test_check_reads_no_file():
    block = {"type": "elmo_token_embedder", "options_file": "gone", "weight_file": "gone"}
    assert check(TokenEmbedder, Params(dict(block))) == []
    problems = check(TokenEmbedder, Params({**block, "vocab_to_cache": ["a"], "namespace_to_cache": "words"}))
    assert "vocab_to_cache" in str(problems[0])


def test_published_files_without_a_network_are_a_clear_error(monkeypatch, tmp_path):
    monkeypatch.setenv("FOLDFORMER_CACHE", str(tmp_path))

    def unreachable(*_, **__):
        raise OSError("Cannot connect to host allennlp.s3.amazonaws.com:443")

    monkeypatch.setattr("foldformer.text.files._download", unreachable)
    message = r'options_file: got "https://allennlp\.s3.*options\.json", which cannot be fetched: Cannot connect'
    with pytest.raises(ConfigurationError, match=message):
        ElmoTokenEmbedder()


def test_without_h5py_the_error_says_what_to_install(files, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"pip install 'foldformer\[elmo\]'"):
        build(files)
