import copy
import json
import pickle
from collections import defaultdict
from pathlib import Path

import pytest

from foldformer.config import ConfigurationError, Params
from foldformer.text import Vocabulary
from foldformer.text.pretrained import load_tokenizer
from foldformer.text.vocabulary.namespaces import namespace_match

RECORDED = json.loads(Path(__file__).with_name("recorded_vocabulary.json").read_text())


class Counted:
    """An instance, as a vocabulary sees it."""

    def __init__(self, **items):
        self.items = items

    def count_vocab_items(self, counter):
        for namespace, tokens in self.items.items():
            for token in tokens:
                counter[namespace][token] += 1


def _maps(vocab):
    return {name: dict(vocab.get_token_to_index_vocabulary(name)) for name in sorted(vocab.get_namespaces())}


def _files(folder):
    return {path.name: path.read_bytes().decode() for path in Path(folder).glob("*.txt")}


@pytest.mark.parametrize("record", RECORDED["records"], ids=lambda record: json.dumps(record["arguments"])[:60])
def test_selection_and_files_are_those_recorded_from_allennlp(record, tmp_path):
    arguments = dict(record["arguments"])
    if "pretrained_files" in arguments:
        (tmp_path / "vectors.txt").write_text(RECORDED["vectors"])
        arguments["pretrained_files"] = {"tokens": str(tmp_path / "vectors.txt")}
    vocab = Vocabulary(counter=RECORDED["counts"], **arguments)
    assert _maps(vocab) == record["tokens"]
    vocab.save_to_files(tmp_path / "saved")
    written, expected = _files(tmp_path / "saved"), dict(record["files"])
    patterns = "non_padded_namespaces.txt"
    assert sorted(written.pop(patterns).splitlines()) == sorted(expected.pop(patterns).splitlines())
    assert written == expected


@pytest.mark.parametrize("record", RECORDED["records"], ids=lambda record: json.dumps(record["arguments"])[:60])
def test_files_of_allennlp_load_as_the_vocabulary_they_were(record, tmp_path):
    for name, content in record["files"].items():
        (tmp_path / name).write_bytes(content.encode())
    special = {key: record["arguments"][key] for key in ("padding_token", "oov_token") if key in record["arguments"]}
    vocab = Vocabulary.from_files(tmp_path, **special)
    assert _maps(vocab) == record["tokens"]
    assert all(
        vocab.get_token_from_index(i, n) == t for n, tokens in record["tokens"].items() for t, i in tokens.items()
    )


def test_namespace_patterns():
    assert namespace_match("*tags", "tags")
    assert namespace_match("*tags", "upos_tags")
    assert namespace_match("tokens", "tokens")
    assert not namespace_match("tokens", "stemmed_tokens")
    assert not namespace_match("*tags", "tags_of")


def test_unknown_tokens_share_an_index_where_the_namespace_is_padded():
    vocab = Vocabulary({"tokens": {"a": 1}, "labels": {"Noun": 1}})
    assert (vocab.get_token_index("a"), vocab.get_token_index("b")) == (2, 1)
    assert vocab.is_padded("tokens")
    assert not vocab.is_padded("labels")
    with pytest.raises(KeyError, match=r'namespace "labels": got "noun"; expected "Noun".*did you mean "Noun"\?$'):
        vocab.get_token_index("noun", "labels")


def test_instances_are_counted_by_namespace():
    vocab = Vocabulary.from_instances([Counted(tokens=["b", "a", "a"], labels=["L"]), Counted(tokens=["c", "c", "c"])])
    assert [vocab.get_token_from_index(i) for i in range(2, 5)] == ["c", "a", "b"]
    assert vocab.get_vocab_size("labels") == 1


def test_every_registered_constructor_builds_from_a_file(tiny_model, tmp_path):
    instances = [Counted(tokens=["a", "b"])]
    made = Vocabulary.from_params(Params({"max_vocab_size": {"tokens": 1}}), instances=instances)
    assert _maps(made) == {"tokens": {"@@PADDING@@": 0, "@@UNKNOWN@@": 1, "a": 2}}
    made.save_to_files(tmp_path)
    assert Vocabulary.from_params(Params({"type": "from_files", "directory": str(tmp_path)})) == made
    extend = {"type": "extend", "directory": str(tmp_path), "min_count": {"tokens": 1}}
    assert Vocabulary.from_params(Params(extend), instances=instances).get_token_index("b") == 3
    assert Vocabulary.from_params(Params({"type": "empty"})) == Vocabulary()
    model = tiny_model("bert")
    transformer = Vocabulary.from_params(Params({"type": "from_pretrained_transformer", "model_name": model}))
    assert transformer.get_token_to_index_vocabulary() == load_tokenizer(model).get_vocab()
    both = {"type": "from_pretrained_transformer_and_instances", "transformers": {"pieces": model}}
    mixed = Vocabulary.from_params(Params(both), instances=instances)
    assert mixed.get_token_index("b") == 3
    assert mixed.get_token_to_index_vocabulary("pieces") == load_tokenizer(model).get_vocab()


def test_a_transformers_unknown_token_serves_as_ours(tiny_model):
    vocab = Vocabulary.from_pretrained_transformer(tiny_model("bert"), "tokens")
    assert vocab.get_token_index("☃☃☃") == vocab.get_token_index("[UNK]")
    assert not vocab.is_padded("tokens")


def test_a_transformer_fills_a_namespace_once_until_it_is_replaced(tiny_model, tmp_path):
    tokenizer = load_tokenizer(tiny_model("bert"))
    vocab = Vocabulary()
    vocab.add_transformer_vocab_once(tokenizer, "tags", "bert")
    size = vocab.get_vocab_size("tags")
    assert size == len(tokenizer)
    del vocab.get_token_to_index_vocabulary("tags")["[CLS]"]
    vocab.add_transformer_vocab_once(tokenizer, "tags", "bert")
    assert vocab.get_vocab_size("tags") == size - 1
    (tmp_path / "tags.txt").write_text("one\ntwo\n")
    vocab.set_from_file(tmp_path / "tags.txt", is_padded=False, namespace="tags")
    vocab.add_transformer_vocab_once(tokenizer, "tags", "bert")
    assert vocab.get_token_index("[CLS]", "tags") == tokenizer.get_vocab()["[CLS]"]


def test_a_transformers_ids_survive_files_whatever_the_namespace(tiny_model, tmp_path):
    tokenizer, vocab = load_tokenizer(tiny_model("bert")), Vocabulary()
    vocab.add_transformer_vocab(tokenizer, "mine")
    vocab.save_to_files(tmp_path)
    assert Vocabulary.from_files(tmp_path).get_token_to_index_vocabulary("mine") == tokenizer.get_vocab()


def test_extension_keeps_indices_and_refuses_other_padding():
    vocab = Vocabulary({"tokens": {"a": 1}})
    vocab.extend_from_instances([Counted(tokens=["b", "a"], other=["x"])])
    assert _maps(vocab)["tokens"] == {"@@PADDING@@": 0, "@@UNKNOWN@@": 1, "a": 2, "b": 3}
    with pytest.raises(
        ConfigurationError, match='"tokens" is padded in the vocabulary and not padded in its extension'
    ):
        vocab.extend({"tokens": {"c": 1}}, non_padded_namespaces=["tokens"])


def test_another_vocabulary_is_added_with_its_patterns():
    vocab, other = Vocabulary({"tokens": {"a": 1}}), Vocabulary({"mine": {"x": 1}}, non_padded_namespaces=["mine"])
    other.add_tokens_to_namespace(["b", "c"])
    vocab.extend_from_vocab(other)
    assert _maps(vocab) == {"mine": {"x": 0}, "tokens": {"@@PADDING@@": 0, "@@UNKNOWN@@": 1, "a": 2, "b": 3, "c": 4}}
    vocab.add_token_to_namespace("y", "mine")
    assert other.get_vocab_size("mine") == 1


def test_min_count_for_a_namespace_that_was_not_counted_is_refused():
    with pytest.raises(ConfigurationError, match=r'min_count: got the namespace "token".*did you mean "tokens"'):
        Vocabulary.from_instances([Counted(tokens=["a"])], min_count={"token": 2})


def test_a_token_that_is_no_string_is_refused():
    with pytest.raises(ValueError, match=r"got 3 \(int\)"):
        Vocabulary().add_token_to_namespace(3)


@pytest.mark.parametrize("copied", [lambda v: pickle.loads(pickle.dumps(v)), copy.deepcopy])
def test_copies_are_equal_and_go_on_alike(copied):
    vocab = Vocabulary.from_instances([Counted(tokens=["a"], labels=["L"])])
    other = copied(vocab)
    assert other == vocab
    for each in (vocab, other):
        each.add_token_to_namespace("x", "new_tags")
        each.add_token_to_namespace("y", "new")
    assert other == vocab
    assert (other.get_token_index("x", "new_tags"), other.get_token_index("y", "new")) == (0, 2)
    other.add_token_to_namespace("z")
    assert other != vocab


def test_statistics_rank_what_was_counted(capsys):
    Vocabulary({"tokens": {"often": 9, "x": 1}}).print_statistics()
    printed = capsys.readouterr().out.split()
    assert printed.index("often") < printed.index("x")
    Vocabulary().print_statistics()
    assert "no instances were counted" in capsys.readouterr().out


def test_str_and_repr_tell_sizes():
    vocab = Vocabulary({"tokens": {"a": 1}})
    assert repr(vocab) == "Vocabulary(tokens: 3)"
    assert "tokens: 3 tokens" in str(vocab)


def test_plain_counters_serve_too():
    counter = defaultdict(lambda: defaultdict(int))
    Counted(tokens=["a"]).count_vocab_items(counter)
    assert Vocabulary(counter).get_token_index("a") == 2
