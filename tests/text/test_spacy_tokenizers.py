"""Words and sentences as spaCy cuts them, and what is said where it is missing."""

import sys

import pytest

from foldformer.config import ConfigurationError
from foldformer.config.optional import MissingPackageError
from foldformer.text import LettersDigitsTokenizer, SpacyTokenizer, Tokenizer
from foldformer.text.tokenizers import SentenceSplitter, SpacySentenceSplitter
from foldformer.text.tokenizers.spacy_models import get_spacy_model


def texts(tokens):
    return [token.text for token in tokens]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    """A pipeline without weights: rules of English, sentences by punctuation, one name as an entity."""
    spacy = pytest.importorskip("spacy")
    language = spacy.blank("en")
    language.add_pipe("sentencizer")
    language.add_pipe("entity_ruler", name="ner").add_patterns([{"label": "GPE", "pattern": "Oslo"}])
    folder = tmp_path_factory.mktemp("spacy") / "en_rules"
    language.to_disk(folder)
    return str(folder)


def test_words_know_their_places_and_white_space_is_none(pipeline):
    text = "He  can't\n(see) Oslo."
    tokens = SpacyTokenizer(pipeline).tokenize(text)
    assert texts(tokens) == ["He", "ca", "n't", "(", "see", ")", "Oslo", "."]
    assert [text[token.idx : token.idx_end] for token in tokens] == texts(tokens)
    assert {token.ent_type_ for token in tokens} == {""}


def test_options_change_what_is_found(pipeline):
    assert SpacyTokenizer(pipeline, ner=True).tokenize("to Oslo")[1].ent_type_ == "GPE"
    assert texts(SpacyTokenizer(pipeline, split_on_spaces=True).tokenize("can't (see) it")) == ["can't", "(see)", "it"]
    framed = SpacyTokenizer(pipeline, start_tokens=["<s>", "<t>"], end_tokens=["</s>"])
    assert texts(framed.tokenize("a b")) == ["<s>", "<t>", "a", "b", "</s>"]
    assert type(SpacyTokenizer(pipeline, keep_spacy_tokens=True).tokenize("a")[0]).__module__ == "spacy.tokens.token"


def test_split_on_spaces_leaves_other_tokenizers_alone(pipeline):
    SpacyTokenizer(pipeline, split_on_spaces=True)
    assert len(SpacyTokenizer(pipeline).tokenize("can't")) == 2


def test_batches_give_what_single_texts_give(pipeline):
    tokenizer = Tokenizer.by_name("spacy")(pipeline, end_tokens=["!"])
    several = ["One. Two!", "", "can't"]
    assert tokenizer.batch_tokenize(several) == [tokenizer.tokenize(text) for text in several]
    assert Tokenizer.from_params(tokenizer.to_params()).tokenize("a b") == tokenizer.tokenize("a b")


def test_sentences_are_those_of_the_pipeline(pipeline):
    splitter = SentenceSplitter.from_params({"language": pipeline, "rule_based": True})
    assert isinstance(splitter, SpacySentenceSplitter)
    assert splitter.split_sentences("One. Two!  Three?") == ["One.", "Two!", "Three?"]
    assert splitter.batch_split_sentences(["One. Two!", "Three"]) == [["One.", "Two!"], ["Three"]]


def test_missing_pipeline_and_missing_spacy_say_what_to_run(monkeypatch):
    get_spacy_model.cache_clear()
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'foldformer\[spacy\]'"):
        SpacyTokenizer()
    monkeypatch.undo()
    pytest.importorskip("spacy")
    with pytest.raises(ConfigurationError, match="run: python -m spacy download xx_nothing_sm"):
        SpacyTokenizer("xx_nothing_sm")


def test_letters_and_digits_stand_together():
    tokens = LettersDigitsTokenizer().tokenize("Ça c'était 1234abc_é")
    assert texts(tokens) == ["Ça", "c", "'", "était", "1234", "abc", "_", "é"]
    assert [token.idx for token in tokens] == [0, 3, 4, 5, 11, 15, 18, 19]
