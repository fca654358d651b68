"""The parser from a file to its predictions, in words or in a sentence that spaCy cuts."""

import json
from pathlib import Path

import pytest
import torch

from foldformer.config import ConfigurationError, Params
from foldformer.data import Batch, DatasetReader
from foldformer.models import Model
from foldformer.text import Vocabulary
from foldformer.training import Predictor
from foldformer.training.predictors.hierplane import LINK_TO_POSITION, NODE_TYPE_TO_STYLE, hierplane_tree

CONFIG = json.loads(Path(__file__).with_name("recorded.json").read_text())["records"][3]["config"]
TREES = [
    [("The", "DET", 2, "det"), ("fox", "NOUN", 3, "nsubj"), ("sees", "VERB", 0, "root"), ("it", "PRON", 3, "obj")],
    [("Run", "VERB", 0, "root"), ("!", "PUNCT", 1, "punct")],
]


def conllu(trees):
    def row(place, word, tag, head, label):
        return "\t".join([str(place), word, "_", tag, "_", "_", str(head), label, "_", "_"]) + "\n"

    return "\n".join("".join(row(place, *word) for place, word in enumerate(tree, start=1)) for tree in trees) + "\n"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    file = tmp_path_factory.mktemp("trees") / "a.conllu"
    file.write_text(conllu(TREES))
    reader = DatasetReader.from_params({"type": "universal_dependencies", "dependencies": True})
    instances = list(reader.read(file))
    vocabulary = Vocabulary.from_instances(instances)
    torch.manual_seed(0)
    model = Model.from_params(Params(CONFIG), vocab=vocabulary)
    batch = Batch(instances)
    batch.index_instances(vocabulary)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(60):
        optimizer.zero_grad()
        model(**batch.as_tensor_dict())["loss"].backward()
        optimizer.step()
    model.get_metrics(reset=True)
    return model, reader, instances


def test_file_trains_and_words_are_parsed(trained):
    model, reader, instances = trained
    outputs = model.forward_on_instances(instances)
    for output, tree in zip(outputs, TREES, strict=True):
        assert output["predicted_heads"] == [head for _, _, head, _ in tree]
        assert output["predicted_dependencies"] == [label for *_, label in tree]
    assert model.get_metrics(reset=True)["LAS"] == 1.0
    predictor = Predictor.by_name(model.default_predictor)(model, reader)
    found = predictor.predict_json({"words": ["The", "fox", "sees", "it"], "pos": ["DET", "NOUN", "VERB", "PRON"]})
    assert found["words"] == ["The", "fox", "sees", "it"]
    assert found["predicted_heads"] == [2, 3, 0, 3]
    assert found["hierplane_tree"]["root"]["word"] == "sees"
    assert [child["word"] for child in found["hierplane_tree"]["root"]["children"]] == ["fox", "it"]


def test_sentence_is_cut_and_tagged_by_spacy(trained, tmp_path):
    spacy = pytest.importorskip("spacy")
    language = spacy.blank("en")
    tags = {"The": "DET", "fox": "NOUN", "sees": "VERB", "it": "PRON"}
    rules = language.add_pipe("attribute_ruler")
    for word, tag in tags.items():
        rules.add([[{"ORTH": word}]], {"POS": tag, "TAG": tag.lower()})
    language.to_disk(tmp_path / "en_rules")
    model, reader, _ = trained
    predictor = Predictor.by_name("biaffine_dependency_parser")(model, reader, language=str(tmp_path / "en_rules"))
    found = predictor.predict("The fox sees it")
    assert found["pos"] == list(tags.values())
    assert found["predicted_heads"] == [2, 3, 0, 3]
    reader = DatasetReader.from_params(
        {"type": "universal_dependencies", "dependencies": True, "use_language_specific_pos": True}
    )
    predictor = Predictor.by_name("biaffine_dependency_parser")(model, reader, language=str(tmp_path / "en_rules"))
    assert predictor.predict("The fox sees it")["pos"] == [tag.lower() for tag in tags.values()]


def test_parts_of_speech_that_are_too_few_are_refused(trained):
    model, reader, _ = trained
    predictor = Predictor.by_name("biaffine_dependency_parser")(model, reader)
    with pytest.raises(ConfigurationError, match="pos: got 1; expected 2, one for each word"):
        predictor.predict_json({"words": ["The", "fox"], "pos": ["DET"]})
    with pytest.raises(ConfigurationError, match="pos: got null; expected a list of words"):
        predictor.predict_json({"words": ["The", "fox"]})


def test_tree_is_drawn_for_hierplane():
    words, heads, labels, pos = ["It", "runs", "!"], [2, 0, 2], ["nsubj", "root", "punct"], ["PRON", "VERB", "PUNCT"]
    assert hierplane_tree(words, heads, labels, pos) == {
        "text": "It runs !",
        "root": {
            "word": "runs",
            "nodeType": "root",
            "attributes": ["VERB"],
            "link": "root",
            "spans": [{"start": 3, "end": 8}],
            "children": [
                {
                    "word": word,
                    "nodeType": label,
                    "attributes": [tag],
                    "link": label,
                    "spans": [{"start": start, "end": start + len(word) + 1}],
                }
                for word, label, tag, start in (("It", "nsubj", "PRON", 0), ("!", "punct", "PUNCT", 8))
            ],
        },
        "nodeTypeToStyle": NODE_TYPE_TO_STYLE,
        "linkToPosition": LINK_TO_POSITION,
    }
    assert NODE_TYPE_TO_STYLE["nsubj"] == ["color1"]
    assert LINK_TO_POSITION["dobj"] == "right"
    with pytest.raises(ValueError, match="0 is not in list"):
        hierplane_tree(["It"], [1], ["nsubj"], ["PRON"])
