"""The indexer of ELMo, against AllenNLP's."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from foldformer.config import ConfigurationError, Params
from foldformer.data import Batch, Instance, TextField
from foldformer.nn.elmo import batch_to_ids
from foldformer.text import Token, Vocabulary
from indexers import ELMoTokenCharactersIndexer, TokenIndexer

RECORD = json.loads((Path(__file__).parents[1] / "nn/elmo/recorded.json").read_text())["indexer"]


def indexed(indexer, words):
    return indexer.tokens_to_indices([Token(word) for word in words], Vocabulary())


def test_indices_and_padding_are_those_of_allennlp():
    indexer = TokenIndexer.from_params(Params({"type": "elmo_characters", **RECORD["config"]}))
    found = indexed(indexer, RECORD["words"])
    assert found == RECORD["indexed"]
    few = {"elmo_tokens": found["elmo_tokens"][:2]}
    assert indexer.get_padding_lengths(few) == RECORD["lengths"]
    padded = indexer.as_padded_tensor_dict(few, RECORD["lengths"])
    assert {name: values.tolist() for name, values in padded.items()} == RECORD["padded"]


def test_fields_of_several_lengths_give_what_batch_to_ids_gives():
    indexers = {"elmo": ELMoTokenCharactersIndexer()}
    sentences = [["The", "fox"], ["a"], []]
    batch = Batch([Instance({"text": TextField([Token(word) for word in each], indexers)}) for each in sentences])
    batch.index_instances(Vocabulary())
    found = batch.as_tensor_dict()["text"]["elmo"]["elmo_tokens"]
    assert found.tolist() == batch_to_ids(sentences).tolist()


def test_nothing_is_counted():
    counter = defaultdict(lambda: defaultdict(int))
    ELMoTokenCharactersIndexer().count_vocab_items(Token("fox"), counter)
    assert not counter
    assert ELMoTokenCharactersIndexer().get_empty_token_list() == {"elmo_tokens": []}


def test_indexers_are_equal_where_their_parameters_are():
    config = {"type": "elmo_characters", "namespace": "n", "tokens_to_add": {"a": 1}, "token_min_padding_length": 2}
    indexer = TokenIndexer.from_params(Params(dict(config)))
    assert indexer.to_params().as_dict(quiet=True) == config
    assert indexer == TokenIndexer.from_params(indexer.to_params())
    for key in ("namespace", "tokens_to_add", "token_min_padding_length"):
        rest = {name: value for name, value in config.items() if name != key}
        assert indexer != TokenIndexer.from_params(Params(rest))


def test_what_cannot_be_is_refused():
    with pytest.raises(ConfigurationError, match=r"tokens_to_add\.a: got -1"):
        TokenIndexer.from_params(Params({"type": "elmo_characters", "tokens_to_add": {"a": -1}}))
    with pytest.raises(ValueError, match="a token without text"):
        ELMoTokenCharactersIndexer().tokens_to_indices([Token(text_id=3)], Vocabulary())
