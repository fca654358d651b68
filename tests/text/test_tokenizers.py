import pickle
from dataclasses import replace
from itertools import chain

import pytest

from foldformer.config import ConfigurationError, Params
from foldformer.text import (
    CharacterTokenizer,
    JustSpaces,
    PretrainedTransformerTokenizer,
    Token,
    Tokenizer,
    WhitespaceTokenizer,
)

TINY = ["bert", "roberta", "t5", "xlnet", "gpt2", "llama"]


def _texts(tokens):
    return [token.text for token in tokens]


@pytest.mark.parametrize("text", ["a  few\twords\n", "", " ", "no-break\u00a0space", "file\x1cseparator \u2028 line"])
def test_whitespace_splits_as_str_split_and_knows_the_places(text):
    tokens = WhitespaceTokenizer().tokenize(text)
    assert _texts(tokens) == text.split()
    assert all(text[token.idx : token.idx_end] == token.text for token in tokens)


def test_both_names_of_legacy_files_give_the_whitespace_tokenizer():
    assert JustSpaces is WhitespaceTokenizer
    for params in ({"type": "whitespace"}, {"type": "just_spaces"}, {}):
        assert type(Tokenizer.from_params(Params(params))) is WhitespaceTokenizer


def test_half_a_surrogate_pair_in_a_text_is_named(tiny_model):
    with pytest.raises(ValueError, match="holds half a surrogate pair"):
        PretrainedTransformerTokenizer(tiny_model("bert")).batch_tokenize(["a", "b\ud800"])


def test_tokenizers_without_special_tokens_only_join():
    tokenizer = WhitespaceTokenizer()
    one, two = tokenizer.batch_tokenize(["a b", "c"])
    assert _texts(tokenizer.add_special_tokens(one, two)) == ["a", "b", "c"]
    assert _texts(tokenizer.add_special_tokens(one)) == ["a", "b"]
    assert (tokenizer.num_special_tokens_for_sequence(), tokenizer.num_special_tokens_for_pair()) == (0, 0)


def test_characters_come_with_start_and_end():
    tokenizer = CharacterTokenizer(lowercase_characters=True, start_tokens=["<", "<<"], end_tokens=[">"])
    assert _texts(tokenizer.tokenize("Añ")) == ["<", "<<", "a", "ñ", ">"]
    assert _texts(tokenizer.tokenize("")) == ["<", "<<", ">"]


def test_bytes_are_ids_from_one():
    tokenizer = CharacterTokenizer(byte_encoding="utf-8", start_tokens=[259], end_tokens=[260])
    assert [token.text_id for token in tokenizer.tokenize("añ")] == [259, *(b + 1 for b in "añ".encode()), 260]
    assert all(token.text is None for token in tokenizer.tokenize("añ"))


def test_character_tokenizers_are_equal_when_their_arguments_are():
    assert CharacterTokenizer("utf-8", end_tokens=[1]) == CharacterTokenizer("utf-8", end_tokens=[1])
    assert CharacterTokenizer("utf-8") != CharacterTokenizer("utf-16")


def test_an_unknown_encoding_is_refused():
    with pytest.raises(ConfigurationError, match='byte_encoding: got "utf-88"'):
        CharacterTokenizer("utf-88")


@pytest.mark.parametrize("family", TINY)
@pytest.mark.parametrize("text", ["The quick brown fox, naïve 北京!", ""])
@pytest.mark.parametrize("add_special_tokens", [True, False])
def test_pretrained_tokenizer_gives_what_transformers_gives(tiny_model, family, text, add_special_tokens):
    ours = PretrainedTransformerTokenizer(tiny_model(family), add_special_tokens=add_special_tokens)
    direct = ours.tokenizer(
        text, add_special_tokens=add_special_tokens, return_offsets_mapping=True, return_token_type_ids=True
    )
    tokens = ours.tokenize(text)
    assert [token.text_id for token in tokens] == direct["input_ids"]
    assert [token.type_id for token in tokens] == direct["token_type_ids"]
    spans = [(None, None) if start == end else (start, end) for start, end in direct["offset_mapping"]]
    assert [(token.idx, token.idx_end) for token in tokens] == spans
    assert _texts(tokens) == [ours.tokenizer.convert_ids_to_tokens(i) for i in direct["input_ids"]]


@pytest.mark.parametrize("family", TINY)
def test_a_batch_gives_each_text_as_alone(tiny_model, family):
    tokenizer = PretrainedTransformerTokenizer(tiny_model(family))
    texts = ["A bank may lend money;", "", "a river"]
    assert tokenizer.batch_tokenize(texts) == [tokenizer.tokenize(text) for text in texts]
    assert tokenizer.batch_tokenize([]) == []


@pytest.mark.parametrize("family", TINY)
def test_max_length_truncates_and_keeps_the_special_tokens(tiny_model, family):
    whole = PretrainedTransformerTokenizer(tiny_model(family))
    cut = PretrainedTransformerTokenizer(tiny_model(family), max_length=6)
    tokens = cut.tokenize("the quick brown fox jumps over the lazy dog")
    start, end = len(whole.single_sequence_start_tokens), len(whole.single_sequence_end_tokens)
    expected = whole.tokenize("the quick brown fox jumps over the lazy dog")
    assert tokens == expected[: 6 - end] + expected[len(expected) - end :]
    assert tokens[:start] == whole.single_sequence_start_tokens
    bare = PretrainedTransformerTokenizer(tiny_model(family), max_length=6, add_special_tokens=False)
    assert bare.tokenize("the quick brown fox jumps over the lazy dog") == expected[start : start + 6]


@pytest.mark.parametrize("family", TINY)
def test_added_special_tokens_are_those_that_tokenize_adds(tiny_model, family):
    tokenizer = PretrainedTransformerTokenizer(tiny_model(family))
    bare = PretrainedTransformerTokenizer(tiny_model(family), add_special_tokens=False)
    one, two = bare.batch_tokenize(["A bank", "may lend"])
    kept = list(one)
    assert bare.add_special_tokens(one) == tokenizer.tokenize("A bank")
    pair = tokenizer.tokenizer("A bank", "may lend", return_token_type_ids=True)
    joined = bare.add_special_tokens(one, two)
    assert [token.text_id for token in joined] == pair["input_ids"]
    assert [token.type_id for token in joined] == pair["token_type_ids"]
    assert one == kept
    assert tokenizer.num_special_tokens_for_pair() == len(joined) - len(one) - len(two)
    assert tokenizer.num_special_tokens_for_sequence() == len(tokenizer.tokenize(""))


def test_adding_special_tokens_keeps_what_the_tokens_know(tiny_model):
    token = Token("A", 1, 2, "l", "p", "t", "d", "e", 3, 9)
    tokenizer = PretrainedTransformerTokenizer(tiny_model("bert"))
    assert tokenizer.add_special_tokens([token])[1] == replace(token, type_id=0)
    assert tokenizer.add_special_tokens([], [token])[2] == replace(token, type_id=1)
    assert token.type_id == 9


@pytest.mark.parametrize("family", TINY)
def test_words_keep_their_wordpieces(tiny_model, family):
    tokenizer = PretrainedTransformerTokenizer(tiny_model(family))
    words = ["Unfolded", "", "documents", "\u200b", "are"]
    tokens, offsets = tokenizer.intra_word_tokenize(words)
    for word, span in zip(words, offsets, strict=True):
        alone = tokenizer.tokenizer(word, add_special_tokens=False)["input_ids"]
        inside = [] if span is None else tokens[span[0] : span[1] + 1]
        assert [token.text_id for token in inside] == alone
    bare = [token for span in offsets if span for token in tokens[span[0] : span[1] + 1]]
    assert tokens == tokenizer.add_special_tokens(bare)
    assert offsets[1] is None


@pytest.mark.parametrize("family", TINY)
def test_words_of_a_pair_keep_their_wordpieces(tiny_model, family):
    tokenizer = PretrainedTransformerTokenizer(tiny_model(family))
    tokens, offsets_a, offsets_b = tokenizer.intra_word_tokenize_sentence_pair(["A", "", "bank"], ["", "may"])
    inside_a, inside_b = (
        [[] if span is None else tokens[span[0] : span[1] + 1] for span in offsets]
        for offsets in (offsets_a, offsets_b)
    )
    assert tokens == tokenizer.add_special_tokens([*chain(*inside_a)], [*chain(*inside_b)])
    alone = [tokenizer.tokenizer(word, add_special_tokens=False)["input_ids"] for word in ("A", "", "bank", "", "may")]
    assert [[token.text_id for token in word] for word in inside_a + inside_b] == alone


def test_special_token_lists_are_the_callers_own(tiny_model):
    tokenizer = PretrainedTransformerTokenizer(tiny_model("bert"))
    tokenizer.single_sequence_start_tokens.append(Token("x"))
    assert _texts(tokenizer.single_sequence_start_tokens) == ["[CLS]"]
    assert _texts(tokenizer.sequence_pair_mid_tokens) == ["[SEP]"]


def test_max_length_without_room_is_refused(tiny_model):
    with pytest.raises(ConfigurationError, match="max_length: got 2; expected more than the 2 special tokens"):
        PretrainedTransformerTokenizer(tiny_model("bert"), max_length=2)


def test_built_from_a_file_and_pickled_it_tokenizes_the_same(tiny_model):
    params = {"type": "pretrained_transformer", "model_name": tiny_model("bert"), "verification_tokens": ["a", "b"]}
    tokenizer = Tokenizer.from_params(Params(params))
    expected = PretrainedTransformerTokenizer(tiny_model("bert")).tokenize("A bank")
    assert tokenizer.tokenize("A bank") == expected
    assert pickle.loads(pickle.dumps(tokenizer)).tokenize("A bank") == expected


def test_to_params_and_back_tokenizes_the_same(tiny_model):
    for tokenizer in (
        WhitespaceTokenizer(),
        CharacterTokenizer(lowercase_characters=True, end_tokens=["!"]),
        PretrainedTransformerTokenizer(
            tiny_model("bert"), False, 7, {"do_lower_case": True}, verification_tokens=("a", "b")
        ),
    ):
        params = tokenizer.to_params()
        again = Tokenizer.from_params(params)
        assert again.tokenize("The quick brown fox Jumps") == tokenizer.tokenize("The quick brown fox Jumps")
        assert again.to_params().as_dict(quiet=True) == tokenizer.to_params().as_dict(quiet=True)
    assert WhitespaceTokenizer().to_params().as_dict(quiet=True) == {"type": "whitespace"}


def test_an_unknown_model_is_a_configuration_error():
    with pytest.raises(ConfigurationError, match="no/such-model"):
        PretrainedTransformerTokenizer("no/such-model")
