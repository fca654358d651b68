from collections import defaultdict

import pytest
import torch

from foldformer.config import ConfigurationError, Params
from foldformer.text import CharacterTokenizer, Token, Vocabulary
from indexers import SingleIdTokenIndexer, TokenCharactersIndexer, TokenIndexer


def _tokens(*texts):
    return [Token(text) for text in texts]


def _counted(indexer, tokens):
    counter = defaultdict(lambda: defaultdict(int))
    for token in tokens:
        indexer.count_vocab_items(token, counter)
    return {namespace: dict(counts) for namespace, counts in counter.items()}


def test_words_are_looked_up_between_start_and_end():
    vocab = Vocabulary({"words": {"the": 3, "<s>": 2, "</s>": 1}})
    indexer = SingleIdTokenIndexer("words", lowercase_tokens=True, start_tokens=["<S>"], end_tokens=["</S>"])
    indexed = indexer.tokens_to_indices(_tokens("The", "unseen"), vocab)
    assert indexed == {"tokens": [3, 2, 1, 4]}
    assert _counted(indexer, _tokens("The", "the")) == {"words": {"the": 2}}
    assert [token.text for token in indexer.indices_to_tokens({"tokens": [2, 1]}, vocab)] == ["the", "@@UNKNOWN@@"]


def test_case_counts_unless_lowered():
    vocab = Vocabulary({"tokens": {"The": 1}})
    assert SingleIdTokenIndexer().tokens_to_indices(_tokens("The", "the"), vocab) == {"tokens": [2, 1]}


def test_other_features_are_looked_up_with_a_default_for_tokens_without():
    indexer = SingleIdTokenIndexer("ner_tags", feature_name="ent_type_", default_value="NONE")
    tokens = [Token("a", ent_type_="PER"), Token("b")]
    assert _counted(indexer, tokens) == {"ner_tags": {"PER": 1, "NONE": 1}}
    assert indexer.tokens_to_indices(tokens, Vocabulary(_counted(indexer, tokens))) == {"tokens": [0, 1]}


def test_ids_are_taken_as_they_are_without_a_namespace():
    indexer = SingleIdTokenIndexer(None, feature_name="text_id")
    tokens = [Token(text_id=7), Token(text_id=0)]
    assert indexer.tokens_to_indices(tokens, Vocabulary()) == {"tokens": [7, 0]}
    assert indexer.indices_to_tokens({"tokens": [7, 0]}, Vocabulary()) == tokens
    assert _counted(indexer, tokens) == {}


def test_a_token_without_the_feature_is_refused():
    with pytest.raises(ValueError, match=r'the token "a" without pos_.*default_value'):
        SingleIdTokenIndexer(feature_name="pos_").tokens_to_indices(_tokens("a"), Vocabulary())


def test_a_feature_that_tokens_do_not_have_is_refused():
    with pytest.raises(ConfigurationError, match=r'feature_name: got "pos".*did you mean "pos_"'):
        SingleIdTokenIndexer(feature_name="pos").tokens_to_indices(_tokens("a"), Vocabulary())


def test_single_ids_pad_with_zero():
    indexer = SingleIdTokenIndexer(token_min_padding_length=3)
    assert indexer.get_padding_lengths({"tokens": [4]}) == {"tokens": 3}
    assert indexer.as_padded_tensor_dict({"tokens": [4]}, {"tokens": 3})["tokens"].tolist() == [4, 0, 0]
    assert indexer.get_empty_token_list() == {"tokens": []}


def test_characters_are_looked_up_word_by_word():
    vocab = Vocabulary({"token_characters": {"a": 3, "b": 2}})
    indexer = TokenCharactersIndexer(start_tokens=["b"], end_tokens=["aa"], min_padding_length=1)
    assert indexer.tokens_to_indices(_tokens("abz", ""), vocab) == {"token_characters": [[3], [2, 3, 1], [], [2, 2]]}
    assert _counted(indexer, _tokens("ab", "b")) == {"token_characters": {"a": 1, "b": 2}}


def test_bytes_need_no_vocabulary():
    indexer = TokenCharactersIndexer(character_tokenizer=CharacterTokenizer(byte_encoding="utf-8"))
    assert indexer.tokens_to_indices(_tokens("añ"), Vocabulary()) == {"token_characters": [[98, 196, 178]]}
    assert _counted(indexer, _tokens("añ")) == {}


def test_characters_pad_in_both_directions():
    indexer = TokenCharactersIndexer(min_padding_length=4, token_min_padding_length=3)
    indexed = {"token_characters": [[5, 6], [7]]}
    lengths = indexer.get_padding_lengths(indexed)
    assert lengths == {"token_characters": 3, "num_token_characters": 4}
    padded = indexer.as_padded_tensor_dict(indexed, lengths)["token_characters"]
    assert padded.tolist() == [[5, 6, 0, 0], [7, 0, 0, 0], [0, 0, 0, 0]]
    assert padded.dtype == torch.int64
    cut = indexer.as_padded_tensor_dict(indexed, {"token_characters": 1, "num_token_characters": 1})
    assert cut["token_characters"].tolist() == [[5]]


def test_an_empty_text_keeps_both_dimensions():
    indexer = TokenCharactersIndexer()
    empty = indexer.get_empty_token_list()
    assert indexer.get_padding_lengths(empty) == {"token_characters": 0, "num_token_characters": 0}
    padded = indexer.as_padded_tensor_dict(empty, {"token_characters": 0, "num_token_characters": 3})
    assert padded["token_characters"].shape == (0, 3)
    padded = indexer.as_padded_tensor_dict(empty, {"token_characters": 2, "num_token_characters": 0})
    assert padded["token_characters"].shape == (2, 0)


def test_characters_of_a_token_without_text_are_refused():
    with pytest.raises(ConfigurationError, match="text_id 7"):
        TokenCharactersIndexer().tokens_to_indices([Token(text_id=7)], Vocabulary())


def test_to_params_and_back_gives_an_equal_indexer():
    for indexer in (
        SingleIdTokenIndexer("words", True, ["<s>"], ["</s>"], "pos_", "NONE", 3),
        SingleIdTokenIndexer(None, feature_name="text_id"),
        TokenCharactersIndexer("chars", CharacterTokenizer("utf-8", True, [1], [2]), ["<s>"], ["</s>"], 3, 4),
    ):
        assert TokenIndexer.from_params(indexer.to_params()) == indexer


def test_files_build_them():
    assert TokenIndexer.from_params(Params({"namespace": "words"})) == SingleIdTokenIndexer("words")
    params = {"type": "characters", "character_tokenizer": {"byte_encoding": "utf-8"}, "min_padding_length": 3}
    expected = TokenCharactersIndexer(character_tokenizer=CharacterTokenizer("utf-8"), min_padding_length=3)
    assert TokenIndexer.from_params(Params(params)) == expected
