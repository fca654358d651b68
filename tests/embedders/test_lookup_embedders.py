"""Embedders without a transformer, against AllenNLP's and against plain look-ups."""

import gzip
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
import torch

from embedders import BasicTextFieldEmbedder, Embedding, EmptyEmbedder, PassThroughTokenEmbedder, TokenCharactersEncoder
from foldformer.config import ConfigurationError, Params
from foldformer.models import TextFieldEmbedder, TokenEmbedder
from foldformer.nn import Seq2VecEncoder
from foldformer.text import Vocabulary

RECORDS = json.loads(Path(__file__).with_name("recorded.json").read_text())
BASES = {"TokenEmbedder": TokenEmbedder, "TextFieldEmbedder": TextFieldEmbedder}
WORDS = ["the", "cat", "sat"]


def build(config, vocab=None, base=TokenEmbedder):
    return base.from_params(Params(config), vocab=vocab or Vocabulary(tokens_to_add={"tokens": WORDS}))


def as_tensors(value):
    if isinstance(value, dict):
        return {key: as_tensors(item) for key, item in value.items()}
    return torch.tensor(value)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record['config'].get('type', 'basic')}")
def test_embedder_gives_what_allennlp_gives(record, recorded):
    vocab = Vocabulary(tokens_to_add=record["vocabulary"])
    embedder = recorded.fill(build(record["config"], vocab, BASES[record["base"]]))
    recorded.check_state(embedder, record["state"])
    assert embedder.get_output_dim() == record["output_dim"]
    assert sorted(n for n, each in embedder.named_parameters() if each.requires_grad) == record["trainable"]
    if record["base"] == "TextFieldEmbedder":
        output = embedder(as_tensors(record["tensors"]))
    else:
        output = embedder(*[torch.tensor(each) for each in record["tensors"]])
    recorded.check_equal(output, record["output"])


VECTORS = "3 2\nthe 1.0 2.0\nsat -1.0 0.5\nunseen 9 9\ncat 1 2 3\n"


def write_vectors(path):
    """Write the same lines in the container that the name asks for; return what names them."""
    if path.suffix == ".gz" and path.suffixes != [".tar", ".gz"]:
        path.write_bytes(gzip.compress(VECTORS.encode()))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("inside/vectors.txt", VECTORS)
            archive.writestr("README", "no vectors")
        return f"({path})#inside/vectors.txt"
    elif path.suffixes == [".tar", ".gz"]:
        plain = path.with_name("plain.txt")
        plain.write_text(VECTORS)
        with tarfile.open(path, "w:gz") as archive:
            archive.add(plain, "vectors.txt")
    else:
        path.write_text(VECTORS)
    return str(path)


@pytest.mark.parametrize("name", ["v.txt", "v.vec", "v.txt.gz", "v.zip", "v.tar.gz"])
def test_pretrained_file_gives_the_words_their_vectors(name, tmp_path, caplog):
    torch.manual_seed(0)
    config = {"type": "embedding", "embedding_dim": 2, "pretrained_file": write_vectors(tmp_path / name)}
    embedding = build(config)
    # 0 is padding and 1 unknown; "cat" has three numbers in the file, so it is drawn like those two
    assert embedding(torch.tensor([2, 4])).tolist() == [[1.0, 2.0], [-1.0, 0.5]]
    assert embedding.weight.shape == (5, 2)
    assert "1 lines have no vector of width 2" in caplog.text
    frozen = build({**config, "trainable": False, "padding_index": 0})
    assert not frozen.weight.requires_grad
    assert not frozen.weight[0].any()


def test_words_that_the_file_lacks_are_drawn_with_its_mean_and_deviation(tmp_path):
    torch.manual_seed(0)
    (tmp_path / "v.txt").write_text("the 10 12\n")
    vocab = Vocabulary(tokens_to_add={"tokens": ["the", *map(str, range(2000))]})
    weight = build({"type": "embedding", "embedding_dim": 2, "pretrained_file": str(tmp_path / "v.txt")}, vocab).weight
    assert weight[3:].mean().item() == pytest.approx(11, abs=0.1)
    assert weight[3:].std().item() == pytest.approx(1, abs=0.1)


def test_vocabulary_that_grew_gets_more_vectors(tmp_path, caplog):
    vocab = Vocabulary(tokens_to_add={"tokens": WORDS})
    (tmp_path / "v.txt").write_text("the 1 2\nmat 5 6\n")
    plain = build({"embedding_dim": 2}, vocab)
    from_file = build({"embedding_dim": 2, "pretrained_file": str(tmp_path / "v.txt"), "trainable": False}, vocab)
    gone = build({"embedding_dim": 2, "pretrained_file": str(tmp_path / "v.txt")}, vocab)
    fixed = build({"embedding_dim": 2, "num_embeddings": 5}, vocab)
    before = plain.weight.clone()
    vocab.add_tokens_to_namespace(["mat"], "tokens")
    for each in (plain, from_file, fixed):
        each.extend_vocab(vocab)
    assert torch.equal(plain.weight[:5], before)
    assert plain.weight.shape == (6, 2)
    assert from_file.weight[5].tolist() == [5, 6]
    assert not from_file.weight.requires_grad
    assert fixed.weight.shape == (5, 2)
    plain.extend_vocab(vocab)
    assert plain.weight.shape == (6, 2)
    (tmp_path / "v.txt").unlink()
    gone.extend_vocab(vocab, model_path="model.embedder")
    assert gone.weight.shape == (6, 2)
    assert "model.embedder" in caplog.text
    with pytest.raises(ConfigurationError, match="has 5 tokens; expected at least 6"):
        plain.extend_vocab(Vocabulary(tokens_to_add={"tokens": WORDS}))


def test_padding_index_gets_zeros_and_no_gradient():
    embedding = build({"embedding_dim": 3, "padding_index": 0})
    embedding(torch.tensor([[0, 2]])).sum().backward()
    assert not embedding.weight[0].any()
    assert not embedding.weight.grad[0].any()
    assert embedding.weight.grad[2].all()


def test_sparse_and_frequency_scaled_gradients():
    ids = torch.tensor([[2, 2, 3]])
    sparse = build({"embedding_dim": 3, "sparse": True})
    sparse(ids).sum().backward()
    assert sparse.weight.grad.is_sparse
    scaled = build({"embedding_dim": 3, "scale_grad_by_freq": True})
    scaled(ids).sum().backward()
    assert scaled.weight.grad[2].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pretrained_file": "gone.txt"}, r"pretrained_file: .*gone\.txt"),
        ({"pretrained_file": "vectors.h5"}, "expected a text file"),
        ({"padding_index": 7}, "padding_index: got 7; expected one of the 5 ids"),
        ({"embeding_dim": 3}, "embeding_dim"),
    ],
)
def test_wrong_configuration_is_named(change, message):
    with pytest.raises(ConfigurationError, match=message):
        build({"type": "embedding", "embedding_dim": 2, **change})


@pytest.mark.parametrize(("content", "message"), [("dog 1 2\n", "no vector of width 2"), ("the 1 x\n", "line 1")])
def test_unusable_pretrained_file_is_an_error(content, message, tmp_path):
    (tmp_path / "v.txt").write_text(content)
    with pytest.raises(ConfigurationError, match=message):
        build({"embedding_dim": 2, "pretrained_file": str(tmp_path / "v.txt")})


def test_contradicting_arguments_are_errors():
    with pytest.raises(ConfigurationError, match="neither num_embeddings nor a vocabulary"):
        Embedding(embedding_dim=2)
    with pytest.raises(ConfigurationError, match="both weight and pretrained_file"):
        Embedding(2, 3, weight=torch.zeros(3, 2), pretrained_file="v.txt")
    with pytest.raises(ConfigurationError, match="pretrained_file without a vocabulary"):
        Embedding(2, 3, pretrained_file="v.txt")
    with pytest.raises(ConfigurationError, match=r"weight: got shape \(3, 2\); expected \(4, 2\)"):
        Embedding(2, 4, weight=torch.zeros(3, 2))


def test_id_without_a_vector_is_an_error():
    with pytest.raises(
        ValueError, match=r"got id 9 at position \[0, 1\]; expected ids from 0 to 4 \(namespace 'tokens'\)"
    ):
        build({"embedding_dim": 2})(torch.tensor([[1, 9]]))


def test_characters_of_padding_and_of_no_tokens_give_finite_vectors():
    for encoder in (
        {"type": "lstm", "input_size": 2, "hidden_size": 3},
        {"type": "cnn", "embedding_dim": 2, "num_filters": 1},
    ):
        embedder = TokenCharactersEncoder(Embedding(2, 5), Seq2VecEncoder.from_params(Params(encoder)))
        letters = torch.tensor([[[1, 2, 0], [0, 0, 0]]])
        together = embedder(letters)
        assert torch.allclose(together[:, :1], embedder(letters[:, :1, :2]), atol=1e-6)
        assert not together[0, 1].any()
        assert embedder(letters[:, :0]).shape == (1, 0, embedder.get_output_dim())
        assert embedder(letters[:, :, :0]).tolist() == together[:, 1:].expand(1, 2, -1).tolist()


def test_dropout_of_character_vectors_acts_in_training_only():
    embedder = TokenCharactersEncoder(Embedding(4, 5), Seq2VecEncoder.by_name("sum")(4), dropout=0.5)
    letters = torch.ones(1, 200, 2, dtype=torch.long)
    assert 200 < (embedder(letters) == 0).sum() < 600
    assert not (embedder.eval()(letters) == 0).any()


def test_unknown_tokens_count_unless_ignored():
    ids = torch.tensor([[1, 2, 1, 3, 0]])
    assert build({"type": "bag_of_word_counts"})(ids).tolist() == [[0, 2, 1, 1, 0]]
    assert build({"type": "bag_of_word_counts", "ignore_oov": True})(ids).tolist() == [[0, 0, 1, 1, 0]]


def test_counting_without_an_unknown_token_is_an_error():
    vocab = Vocabulary(tokens_to_add={"labels": ["a"]})
    config = {"type": "bag_of_word_counts", "vocab_namespace": "labels"}
    assert build(config, vocab).get_output_dim() == 1
    with pytest.raises(ConfigurationError, match="'labels' has no '@@UNKNOWN@@'"):
        build({**config, "ignore_oov": True}, vocab)


def test_vectors_of_another_width_are_an_error():
    with pytest.raises(ValueError, match="width 3; expected hidden_dim=4"):
        PassThroughTokenEmbedder(4)(torch.zeros(1, 2, 3))


class NeedsTwo(TokenEmbedder):
    """Takes two tensors, and a scale from whoever calls."""

    def get_output_dim(self):
        return 1

    def forward(self, ids, weights, scale=1.0):
        return (ids * weights * scale).unsqueeze(-1).float()


def test_tensors_go_to_embedders_by_name_and_in_the_order_of_names():
    embedder = BasicTextFieldEmbedder({"b": NeedsTwo(), "a": PassThroughTokenEmbedder(2), "c": EmptyEmbedder()})
    assert embedder.get_output_dim() == 3
    tensors = {
        "b": {"weights": torch.tensor([[2]]), "ids": torch.tensor([[3]])},
        "a": {"anything": torch.ones(1, 1, 2)},
    }
    assert embedder(tensors).tolist() == [[[1, 1, 6]]]
    assert embedder(tensors, scale=10).tolist() == [[[1, 1, 60]]]
    assert embedder({**tensors, "c": {"x": torch.ones(1)}}).tolist() == [[[1, 1, 6]]]
    with pytest.raises(ConfigurationError, match="token_embedders: got a, b, c; expected a, the names"):
        embedder({"a": tensors["a"]})
    with pytest.raises(ConfigurationError, match="expected a, b, d"):
        embedder({**tensors, "d": tensors["a"]})
    with pytest.raises(
        ValueError, match="the indexer 'b' gives tensors ids; expected ids, weights, scale, which NeedsTwo"
    ):
        embedder({**tensors, "b": {"ids": torch.tensor([[3]])}})


def test_wrapping_dimensions_come_back():
    embedder = build({"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 2}}}, base=TextFieldEmbedder)
    ids = torch.tensor([[[1, 2], [3, 4]], [[4, 0], [2, 2]]])
    wrapped = embedder({"tokens": {"tokens": ids}}, num_wrapping_dims=1)
    assert torch.equal(wrapped, embedder({"tokens": {"tokens": ids.flatten(0, 1)}}).view(2, 2, 2, 2))


def test_no_embedder_is_an_error():
    with pytest.raises(ConfigurationError, match="token_embedders: got none"):
        build({"token_embedders": {}}, base=TextFieldEmbedder)
