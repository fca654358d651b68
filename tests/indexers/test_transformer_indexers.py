import gc
import pickle
import weakref

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from foldformer.config import ConfigurationError, Params
from foldformer.data import Batch, Instance, TextField
from foldformer.text import PretrainedTransformerTokenizer, Token, Vocabulary
from indexers import PretrainedTransformerIndexer, PretrainedTransformerMismatchedIndexer, TokenIndexer

FAMILIES = ["bert", "roberta", "t5", "xlnet", "gpt2", "llama"]
WORDS = st.lists(st.sampled_from(["Unfolded", "documents", "are", "", "\u200b", "a", "北京", "x"]), max_size=9)


def _naive_fold(tokenizer, words, max_length):
    """Each segment is what the tokenizer itself makes of its wordpieces, one after the other."""
    tokenizer = tokenizer.tokenizer
    ids = [i for word in words for i in tokenizer(word, add_special_tokens=False)["input_ids"]]
    around = tokenizer("", return_token_type_ids=True)
    special, types = around["input_ids"], around["token_type_ids"]
    before = tokenizer("a", return_special_tokens_mask=True)["special_tokens_mask"].index(0)
    token_ids, type_ids = [], []
    while ids:
        segment, ids = ids[: max_length - len(special)], ids[max_length - len(special) :]
        token_ids += special[:before] + segment + special[before:]
        type_ids += types[:before] + [0] * len(segment) + types[before:]
    return token_ids, type_ids


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("max_length", [4, 7])
def test_words_fold_into_segments_that_stand_alone(tiny_model, family, max_length):
    tokenizer = PretrainedTransformerTokenizer(tiny_model(family))
    indexer = PretrainedTransformerMismatchedIndexer(tiny_model(family), max_length=max_length)

    @settings(max_examples=25, deadline=None)
    @given(words=WORDS)
    def check(words):
        indexed = indexer.tokens_to_indices([Token(word) for word in words], Vocabulary())
        assert (indexed["token_ids"], indexed["type_ids"]) == _naive_fold(tokenizer, words, max_length)
        assert indexed["segment_concat_mask"] == [True] * len(indexed["token_ids"])

    check()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("max_length", [None, 5])
def test_offsets_point_at_each_words_own_wordpieces(tiny_model, family, max_length):
    tokenizer = PretrainedTransformerTokenizer(tiny_model(family))
    words = ["", "Unfolded", "documents", "\u200b", "are", "stitched", ""]
    indexer = PretrainedTransformerMismatchedIndexer(tiny_model(family), max_length=max_length)
    indexed = indexer.tokens_to_indices([Token(word) for word in words], Vocabulary())
    stitched = [token.text_id for token in tokenizer.intra_word_tokenize(words)[0]]
    alone = [tokenizer.tokenizer(word, add_special_tokens=False)["input_ids"] for word in words]
    for ids, (first, last) in zip(alone, indexed["offsets"], strict=True):
        assert (stitched[first : last + 1] if first >= 0 else []) == ids
    assert indexed["offsets"][0] == (-1, -1)
    assert indexed["mask"] == [True] * len(words)
    assert indexed["wordpiece_mask"] == [True] * len(stitched)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("max_length", [None, 5, 50])
def test_wordpieces_of_the_tokenizer_index_as_their_words_do(tiny_model, family, max_length):
    tokenizer = PretrainedTransformerTokenizer(tiny_model(family))
    words = ["Unfolded", "documents", "are", "stitched"]
    wordpieces, _ = tokenizer.intra_word_tokenize(words)
    plain = PretrainedTransformerIndexer(tiny_model(family), max_length=max_length)
    mismatched = PretrainedTransformerMismatchedIndexer(tiny_model(family), max_length=max_length)
    indexed = plain.tokens_to_indices(wordpieces, Vocabulary())
    by_word = mismatched.tokens_to_indices([Token(word) for word in words], Vocabulary())
    assert indexed.pop("mask") == by_word["wordpiece_mask"]
    assert indexed == {key: by_word[key] for key in indexed}
    assert ("segment_concat_mask" in indexed) == (max_length is not None)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_text_without_wordpieces_has_no_segment(tiny_model, family):
    tokenizer = PretrainedTransformerTokenizer(tiny_model(family))
    indexer = PretrainedTransformerIndexer(tiny_model(family), max_length=5)
    indexed = indexer.tokens_to_indices(tokenizer.tokenize(""), Vocabulary())
    assert (indexed["token_ids"], indexed["type_ids"], indexed["segment_concat_mask"]) == ([], [], [])
    assert len(indexed["mask"]) == tokenizer.num_special_tokens_for_sequence()
    assert indexer.tokens_to_indices([], Vocabulary()) == indexer.get_empty_token_list()


def test_a_document_that_ends_on_a_boundary_has_no_empty_segment(tiny_model):
    indexer = PretrainedTransformerMismatchedIndexer(tiny_model("bert"), max_length=4)
    tokens = [Token(letter) for letter in "abcd"]
    assert len(indexer.tokens_to_indices(tokens, Vocabulary())["token_ids"]) == 8


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("max_length", [None, 5])
@pytest.mark.parametrize("longest", [["Unfolded", "documents"], []])
def test_padding_is_false_and_the_tokenizers_own(tiny_model, family, max_length, longest):
    indexer = PretrainedTransformerMismatchedIndexer(tiny_model(family), max_length=max_length)
    documents = [[], longest, ["\u200b"]]
    batch = Batch(Instance({"t": TextField([Token(w) for w in words], {"k": indexer})}) for words in documents)
    batch.index_instances(Vocabulary())
    tensors = batch.as_tensor_dict()["t"]["k"]
    pad_id = indexer._source.tokenizer.pad_token_id
    for position, words in enumerate(documents):
        alone = indexer.tokens_to_indices([Token(word) for word in words], Vocabulary())
        for name, values in alone.items():
            row = tensors[name][position]
            padding = {"token_ids": pad_id, "type_ids": 0, "offsets": 0}.get(name, False)
            assert row.dtype == (torch.bool if "mask" in name else torch.int64)
            assert row[: len(values)].tolist() == [list(v) if isinstance(v, tuple) else v for v in values]
            assert (row[len(values) :] == padding).all()
    assert tensors["offsets"].shape == (3, max(len(longest), 1), 2)


def test_only_wordpieces_are_padded_with_the_padding_token(tiny_model):
    indexer = PretrainedTransformerIndexer(tiny_model("bert"), max_length=5, tokenizer_kwargs={"pad_token": "[SEP]"})
    indexed = indexer.tokens_to_indices([], Vocabulary())
    padded = indexer.as_padded_tensor_dict(indexed, dict.fromkeys(indexed, 2))
    expected = {"token_ids": [3, 3], "type_ids": [0, 0], "mask": [False] * 2, "segment_concat_mask": [False] * 2}
    assert {name: tensor.tolist() for name, tensor in padded.items()} == expected


def test_a_tokenizer_without_padding_pads_with_zero(tiny_model):
    folder = tiny_model("gpt2")
    indexer = PretrainedTransformerIndexer(folder, tokenizer_kwargs={"pad_token": None})
    padded = indexer.as_padded_tensor_dict({"token_ids": [5]}, {"token_ids": 3})
    assert padded["token_ids"].tolist() == [5, 0, 0]


@pytest.mark.parametrize("indexer_class", [PretrainedTransformerIndexer, PretrainedTransformerMismatchedIndexer])
def test_every_vocabulary_it_meets_is_filled(tiny_model, indexer_class):
    indexer = indexer_class(tiny_model("bert"), namespace="mine")
    first, second = Vocabulary(), Vocabulary()
    for vocab in (first, second, first):
        indexer.tokens_to_indices([Token("a")], vocab)
    expected = indexer._source.tokenizer.get_vocab()
    for vocab in (first, second):
        tokens = vocab.get_token_to_index_vocabulary("mine")
        assert {token: tokens[token] for token in expected} == expected
        assert all(vocab.get_token_from_index(index, "mine") == token for token, index in expected.items())


def test_an_indexer_keeps_no_vocabulary_alive(tiny_model):
    indexer, vocab = PretrainedTransformerIndexer(tiny_model("bert")), Vocabulary()
    indexer.tokens_to_indices([Token("a")], vocab)
    reference = weakref.ref(vocab)
    del vocab
    gc.collect()
    assert reference() is None


def test_two_models_fill_one_vocabulary_each_its_namespace(tiny_model):
    vocab = Vocabulary()
    for family in ("bert", "roberta"):
        PretrainedTransformerIndexer(tiny_model(family), namespace=family).tokens_to_indices([], vocab)
    assert vocab.get_token_index("[CLS]", "bert") == 2
    assert vocab.get_token_index("<s>", "roberta") == 2


def test_indices_turn_back_into_tokens(tiny_model):
    tokenizer = PretrainedTransformerTokenizer(tiny_model("xlnet"))
    tokens = tokenizer.tokenize("Unfolded documents")
    indexer, vocab = PretrainedTransformerIndexer(tiny_model("xlnet")), Vocabulary()
    back = indexer.indices_to_tokens(indexer.tokens_to_indices(tokens, vocab), vocab)
    assert [(t.text, t.text_id, t.type_id) for t in back] == [(t.text, t.text_id, t.type_id) for t in tokens]
    assert indexer.indices_to_tokens({"token_ids": [2]}, Vocabulary())[0].type_id is None


def test_tokens_without_ids_are_looked_up_by_their_text(tiny_model):
    indexer = PretrainedTransformerIndexer(tiny_model("bert"))
    indexed = indexer.tokens_to_indices([Token("[CLS]"), Token("a", text_id=77), Token("nowhere found")], Vocabulary())
    assert indexed["token_ids"] == [2, 77, 1]
    assert indexed["type_ids"] == [0, 0, 0]


def test_min_padding_reaches_every_list(tiny_model):
    indexer = PretrainedTransformerMismatchedIndexer(tiny_model("bert"), token_min_padding_length=20)
    lengths = indexer.get_padding_lengths(indexer.tokens_to_indices([Token("a")], Vocabulary()))
    assert lengths == dict.fromkeys(["token_ids", "mask", "type_ids", "offsets", "wordpiece_mask"], 20)


def test_folding_tokens_without_special_tokens_is_refused(tiny_model):
    tokens = PretrainedTransformerTokenizer(tiny_model("bert"), add_special_tokens=False).tokenize("A bank may lend")
    indexer = PretrainedTransformerIndexer(tiny_model("bert"), max_length=5)
    with pytest.raises(ValueError, match=r"needs the special tokens \['\[CLS\]', '\[SEP\]'\].*add_special_tokens=True"):
        indexer.tokens_to_indices(tokens, Vocabulary())
    with pytest.raises(ValueError, match="needs the special tokens"):
        indexer.tokens_to_indices(tokens[:1], Vocabulary())
    unfolded = PretrainedTransformerIndexer(tiny_model("bert")).tokens_to_indices(tokens, Vocabulary())
    assert unfolded["token_ids"] == [token.text_id for token in tokens]


@pytest.mark.parametrize("indexer_class", [PretrainedTransformerIndexer, PretrainedTransformerMismatchedIndexer])
@pytest.mark.parametrize(
    ("family", "max_length", "special"), [("bert", 2, 2), ("t5", 1, 1), ("gpt2", 0, 0), ("xlnet", -1, 2)]
)
def test_max_length_without_room_is_refused(tiny_model, indexer_class, family, max_length, special):
    message = f"max_length: got {max_length}; expected more than the {special} special tokens"
    with pytest.raises(ConfigurationError, match=message):
        indexer_class(tiny_model(family), max_length=max_length)


def test_a_word_without_text_is_refused(tiny_model):
    with pytest.raises(ValueError, match="text_id 7"):
        PretrainedTransformerMismatchedIndexer(tiny_model("bert")).tokens_to_indices([Token(text_id=7)], Vocabulary())


@pytest.mark.parametrize("name", ["pretrained_transformer", "pretrained_transformer_mismatched"])
def test_built_from_a_file_or_pickled_it_indexes_the_same(tiny_model, name):
    params = {
        "type": name,
        "model_name": tiny_model("bert"),
        "max_length": 5,
        "tokenizer_kwargs": {"do_lower_case": True},
    }
    indexer = TokenIndexer.from_params(Params(params))
    copy = pickle.loads(pickle.dumps(indexer))
    assert copy == indexer
    assert TokenIndexer.from_params(indexer.to_params()) == indexer
    assert indexer != TokenIndexer.from_params(Params({**params, "max_length": 6}))
    tokens = PretrainedTransformerTokenizer(tiny_model("bert")).tokenize("A bank may lend money")
    assert copy.tokens_to_indices(tokens, Vocabulary()) == indexer.tokens_to_indices(tokens, Vocabulary())


def test_nothing_is_counted(tiny_model):
    counter = {}
    for indexer_class in (PretrainedTransformerIndexer, PretrainedTransformerMismatchedIndexer):
        indexer_class(tiny_model("bert")).count_vocab_items(Token("a"), counter)
    assert counter == {}
