"""Semantic roles from a file to predictions, of words or of a sentence that spaCy cuts."""

import pytest
import torch

from foldformer.config import ConfigurationError, Params
from foldformer.data import Batch, DatasetReader
from foldformer.models import Model
from foldformer.text import Vocabulary
from foldformer.training import Predictor
from foldformer.training.predictors import SemanticRoleLabelerPredictor

ROWS = [("The", "(A0*"), ("fox", "*)"), ("sees", "(V*)"), ("it", "(A1*)")]
CONLL = "\n".join(f"d 0 {i} {word} X * - - - - * {role} -" for i, (word, role) in enumerate(ROWS)) + "\n"
WORDS = [word for word, _ in ROWS]
POS = ["DET", "NOUN", "VERB", "PRON"]
FOUND = {
    "words": WORDS,
    "verbs": [
        {"verb": "sees", "description": "[A0: The fox] [V: sees] [A1: it]", "tags": ["B-A0", "I-A0", "B-V", "B-A1"]}
    ],
}
CONFIG = {
    "type": "srl",
    "text_field_embedder": {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}},
    "encoder": {"type": "lstm", "input_size": 6, "hidden_size": 5, "bidirectional": True},
    "binary_feature_dim": 2,
}


def fitted(reader, config, file, lr=0.05):
    instances = list(reader.read(file))
    vocabulary = Vocabulary.from_instances(instances)
    torch.manual_seed(0)
    model = Model.from_params(Params(config), vocab=vocabulary)
    batch = Batch(instances)
    batch.index_instances(vocabulary)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(60):
        optimizer.zero_grad()
        model(**batch.as_tensor_dict())["loss"].backward()
        optimizer.step()
    model.eval()
    model(**batch.as_tensor_dict())
    assert model.get_metrics(reset=True)["f1-measure-overall"] == pytest.approx(1.0)
    return model


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    file = tmp_path_factory.mktemp("roles") / "a.gold_conll"
    file.write_text(CONLL)
    reader = DatasetReader.from_params({"type": "srl"})
    return fitted(reader, CONFIG, file), reader


def test_file_trains_and_words_are_labelled(trained):
    model, reader = trained
    predictor = Predictor.by_name(model.default_predictor)(model, reader, "en_any")
    assert predictor.predict_json({"words": WORDS, "pos": POS}) == FOUND
    several = predictor.predict_batch_json([{"words": WORDS, "pos": POS}, {"words": ["Tea"], "pos": ["NOUN"]}])
    assert several == [FOUND, {"words": ["Tea"], "verbs": []}]
    assert (
        predictor.predict_instances(predictor.tokens_to_instances(predictor._tokens({"words": WORDS, "pos": POS})))
        == FOUND
    )
    with pytest.raises(ConfigurationError, match="pos: got 4; expected 1, one for each word"):
        predictor.predict_json({"words": ["Tea"], "pos": POS})


@pytest.mark.parametrize(("language", "verbs"), [("en_x", 1), ("de_x", 0)])
def test_auxiliaries_are_verbs_in_english(trained, language, verbs):
    predictor = SemanticRoleLabelerPredictor(*trained, language)
    assert len(predictor.predict_json({"words": ["can"], "pos": ["AUX"]})["verbs"]) == verbs


def test_sentence_is_cut_and_tagged_by_spacy(trained, tmp_path):
    spacy = pytest.importorskip("spacy")
    language = spacy.blank("en")
    rules = language.add_pipe("attribute_ruler")
    for word, tag in zip(WORDS, POS, strict=True):
        rules.add([[{"ORTH": word}]], {"POS": tag})
    language.to_disk(tmp_path / "en_rules")
    predictor = SemanticRoleLabelerPredictor(*trained, str(tmp_path / "en_rules"))
    assert predictor.predict("The fox sees it") == FOUND
    assert predictor.predict_tokenized(WORDS) == FOUND
    assert predictor.predict("The fox") == {"words": ["The", "fox"], "verbs": []}


def test_bert_learns_and_labels_words(tiny_bert_folder, tmp_path):
    (tmp_path / "a.gold_conll").write_text(CONLL)
    reader = DatasetReader.from_params({"type": "srl", "bert_model_name": tiny_bert_folder})
    model = fitted(reader, {"type": "srl_bert", "bert_model": tiny_bert_folder}, tmp_path / "a.gold_conll", lr=0.005)
    predictor = Predictor.by_name(model.default_predictor)(model, reader, "en_any")
    assert predictor.predict_json({"words": WORDS, "pos": POS}) == FOUND


def test_frame_is_written_with_brackets():
    write = SemanticRoleLabelerPredictor.make_srl_string
    tags = ["O", "I-A0", "I-A0", "B-V", "B-A1", "O"]
    assert write(["a", "b", "c", "d", "e", "]"], tags) == "a [b c] [V: d] [A1: e] ]"
