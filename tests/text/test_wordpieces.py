import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertTokenizer

from foldformer.text import encode_texts, encode_words
from foldformer.text.wordpieces import encode_sentence, word_offsets

ODD = [
    "",
    " ",
    "\n",
    "\u200b",
    " leading",
    "trailing ",
    "two words",
    "[MASK]",
    "<s>",
    "naïve",
    "☃",
    "東京",
    "a\u0301",
    "\x00",
    "ﬁ",
]
WORDS = st.one_of(
    st.sampled_from([*ODD, "folding", "folds", "long.", "a", "A"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)


def _naive(tokenizer, words):
    """One call a word."""
    return [tokenizer(word, add_special_tokens=False)["input_ids"] for word in words]


@settings(max_examples=40, deadline=None)
@given(documents=st.lists(st.lists(WORDS, max_size=8), max_size=4))
def test_ids_are_those_of_one_call_a_word(tokenizer, documents):
    encoded = encode_words(tokenizer, documents)
    expected = [ids for words in documents for ids in _naive(tokenizer, words)]
    assert encoded.ids.tolist() == [i for ids in expected for i in ids]
    assert encoded.word_lengths.tolist() == [len(ids) for ids in expected]
    assert (encoded.ids.dtype, encoded.word_lengths.dtype) == (np.int32, np.int32)


@settings(max_examples=40, deadline=None)
@given(words=st.lists(WORDS, max_size=8))
def test_a_sentence_gives_the_ids_of_one_call_a_word(tokenizer, words):
    ids, word_of_wordpiece = encode_sentence(tokenizer, words)
    expected = _naive(tokenizer, words)
    assert ids == [i for ids in expected for i in ids]
    assert word_of_wordpiece == [word for word, ids in enumerate(expected) for _ in ids]


def test_documents_longer_than_one_tokenizer_input_are_joined_seamlessly(tokenizer):
    words = ["folding", "", "long", "a."] * 700
    one_round = _naive(tokenizer, words[:4])
    encoded = encode_words(tokenizer, [words, [], words[:5]])
    assert encoded.ids.tolist() == [i for ids in one_round * 701 for i in ids] + one_round[0]
    assert encoded.word_lengths.tolist() == [len(ids) for ids in one_round * 701] + [len(one_round[0])]


def test_more_inputs_than_one_call_takes_stay_in_order(tokenizer_of):
    tokenizer = tokenizer_of("bert")
    documents = [[letter] * (1 + number % 3) for number, letter in enumerate("abcdefghij" * 20)]
    assert encode_words(tokenizer, documents).ids.tolist() == [
        tokenizer.convert_tokens_to_ids(word) for words in documents for word in words
    ]


def test_nothing_gives_empty_arrays(tokenizer):
    for documents in ([], [[]], [[], []]):
        encoded = encode_words(tokenizer, documents)
        assert encoded.ids.shape == encoded.word_lengths.shape == (0,)
    assert encode_sentence(tokenizer, []) == ([], [])
    assert encode_texts(tokenizer, []) == []


def test_truncation_and_padding_left_behind_by_others_do_not_count(tokenizer_of):
    tokenizer = tokenizer_of("bert")
    words = ["folding", "long", "a", "b", "c"]
    expected = [i for ids in _naive(tokenizer, words) for i in ids]
    tokenizer(["a", "b c d"], padding="max_length", truncation=True, max_length=3)
    assert encode_words(tokenizer, [words]).ids.tolist() == expected
    tokenizer(["a", "b c d"], padding="max_length", truncation=True, max_length=3)
    assert encode_texts(tokenizer, ["folding long a b c"])[0].ids.tolist() == expected
    tokenizer(["a"], padding="max_length", max_length=50)
    assert encode_words(tokenizer, [words]).ids.tolist() == expected


def test_a_tokenizer_that_splits_special_tokens_does_so_in_words_too():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[", "]", "mask", "a"]
    tokenizer = BertTokenizer({piece: i for i, piece in enumerate(pieces)}, split_special_tokens=True)
    tokenizer("a", split_special_tokens=False)
    assert encode_words(tokenizer, [["[MASK]", "a"]]).ids.tolist() == [5, 7, 6, 8]


class _Reversing(BertTokenizer):
    """Does something of its own with texts before they are encoded."""

    def _encode_plus(self, text, *args, **kwargs):
        text = text[::-1] if isinstance(text, str) else [each[::-1] for each in text]
        return super()._encode_plus(text, *args, **kwargs)


def test_a_tokenizer_with_code_of_its_own_is_not_gone_around():
    tokenizer = _Reversing(
        {piece: i for i, piece in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ab", "ba"])}
    )
    assert encode_words(tokenizer, [["ab"]]).ids.tolist() == [6]
    assert encode_sentence(tokenizer, ["ab", "ba"]) == ([6, 5], [0, 1])
    assert encode_texts(tokenizer, ["ab"])[0].ids.tolist() == [6]


def test_texts_give_the_ids_and_characters_of_the_tokenizer_itself(tokenizer):
    texts = ["folding  long", "", "naïve 東京."]
    for text, encoded in zip(texts, encode_texts(tokenizer, texts), strict=True):
        direct = tokenizer(text, add_special_tokens=False, return_offsets_mapping=tokenizer.is_fast)
        assert encoded.ids.tolist() == direct["input_ids"]
        if tokenizer.is_fast:
            assert encoded.offsets.tolist() == [list(span) for span in direct["offset_mapping"]]
            assert encoded.offsets.shape == (len(encoded.ids), 2)
        else:
            assert encoded.offsets is None


def test_a_word_that_is_no_string_is_named(tokenizer_of):
    with pytest.raises(ValueError, match=r"got 3 \(int\) among the words"):
        encode_words(tokenizer_of("bert"), [["a", 3]])


def test_half_a_surrogate_pair_is_named(tokenizer_of):
    with pytest.raises(ValueError, match="holds half a surrogate pair"):
        encode_words(tokenizer_of("bert"), [["a", "b\ud800"]])
    with pytest.raises(ValueError, match="holds half a surrogate pair"):
        encode_texts(tokenizer_of("bert"), ["b\ud800"])


def test_offsets_are_inclusive_and_skip_words_without_wordpieces():
    assert word_offsets([1, 1, 3], 5, 2, none=(-1, -1)) == [(-1, -1), (2, 3), (-1, -1), (4, 4), (-1, -1)]
    assert word_offsets([], 1, 0, none=None) == [None]
