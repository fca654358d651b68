"""The model of coreference against AllenNLP's, from a file of its reader to its predictions."""

import json
from pathlib import Path

import pytest
import torch

from foldformer.config import Params
from foldformer.data import Batch, DatasetReader
from foldformer.models import Model
from foldformer.text import Vocabulary
from foldformer.text.archives import FileContentError
from foldformer.training import Predictor

RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text())
ROWS = [
    ("The", "(0"), ("fox", "0)|(1)"), ("sees", "-"), ("it", "(0)"), None,
    ("It", "(1)"), ("runs", "-"), None, "#end document", "#begin document", ("Tea", "(7)"), None, "#end document",
]  # fmt: skip


def as_spans(clusters):
    return [[tuple(mention) for mention in cluster] for cluster in clusters]


def conll(rows):
    lines = []
    for row in rows:
        word = isinstance(row, tuple)
        lines.append(" ".join(["doc", "0", "0", row[0], *["-"] * 7, row[1]]) if word else row or "")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("record", RECORDED["records"], ids=lambda record: str(record["config"]["max_antecedents"]))
def test_model_gives_what_allennlp_gives(record, recorded):
    batch = RECORDED["batch"]
    vocabulary = Vocabulary(tokens_to_add={"tokens": RECORDED["tokens"]})
    model = recorded.fill(Model.from_params(Params(record["config"]), vocab=vocabulary))
    recorded.check_state(model, record["shapes"])
    metadata = [{"clusters": as_spans(each), "original_text": []} for each in batch["clusters"]]
    text = {"tokens": {"tokens": torch.tensor(batch["words"])}}
    output = model(text, torch.tensor(batch["spans"]), torch.tensor(batch["labels"]), metadata)
    recorded.check_equal(output["loss"].item(), record["loss"])
    recorded.check_equal(output["top_spans"], record["top_spans"])
    recorded.check_equal(output["predicted_antecedents"], record["antecedents"])
    recorded.check_gradients(model, output["loss"], record["gradients"])
    readable = model.make_output_human_readable(dict(output))
    assert readable["clusters"] == [as_spans(each) for each in record["clusters"]]
    recorded.check_equal(model.get_metrics(reset=True), record["metrics"])


@pytest.fixture
def reader():
    return DatasetReader.from_params({"type": "coref", "max_span_width": 3})


def test_file_becomes_documents_with_clusters(reader, tmp_path):
    (tmp_path / "a.conll").write_text("#begin document\n" + conll(ROWS))
    first, second = reader.read(tmp_path / "a.conll")
    assert [token.text for token in first["text"].tokens] == ["The", "fox", "sees", "it", "It", "runs"]
    assert first["metadata"]["clusters"] == [[(0, 1), (3, 3)], [(1, 1), (4, 4)]]
    assert second["metadata"]["clusters"] == [[(0, 0)]]
    without = DatasetReader.from_params({"type": "coref", "max_span_width": 3, "remove_singleton_clusters": True})
    assert list(without.read(tmp_path / "a.conll"))[1]["metadata"]["clusters"] == []


def test_mention_that_ends_before_it_begins_is_named(reader, tmp_path):
    (tmp_path / "bad.conll").write_text(conll([("a", "3)"), None]))
    with pytest.raises(FileContentError, match=r'bad.conll:1: got "3\)"; expected no end of a mention of cluster 3'):
        list(reader.read(tmp_path / "bad.conll"))
    (tmp_path / "bad.conll").write_text("a b c\n")
    with pytest.raises(FileContentError, match="got 3 columns; expected at least 12"):
        list(reader.read(tmp_path / "bad.conll"))


def test_file_trains_and_sentences_of_words_are_resolved(reader, tmp_path):
    (tmp_path / "a.conll").write_text(conll(ROWS))
    instances = list(reader.read(tmp_path / "a.conll"))
    vocabulary = Vocabulary.from_instances(instances)
    torch.manual_seed(0)
    model = Model.from_params(Params({**RECORDED["records"][0]["config"], "lexical_dropout": 0.0}), vocab=vocabulary)
    batch = Batch(instances)
    batch.index_instances(vocabulary)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(60):
        optimizer.zero_grad()
        model(**batch.as_tensor_dict())["loss"].backward()
        optimizer.step()
    model.get_metrics(reset=True)
    predictor = Predictor.by_name(model.default_predictor)(model, reader)
    found = predictor.predict_json({"sentences": [["The", "fox", "sees", "it"], ["It", "runs"]]})
    assert sorted(map(sorted, found["clusters"])) == [[[0, 1], [3, 3]], [[1, 1], [4, 4]]]
    assert found["document"] == ["The", "fox", "sees", "it", "It", "runs"]
