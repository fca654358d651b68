"""Models of semantic roles, their scores, and their reader, against AllenNLP's."""

import io
import json
import re
from pathlib import Path

import pytest
import torch

from foldformer.config import ConfigurationError, Params
from foldformer.data import DatasetReader
from foldformer.data.semantic_roles import Ontonotes
from foldformer.data.semantic_roles.reader import wordpiece_tags, wordpiece_verb_indices
from foldformer.models import Model
from foldformer.models.metrics import Metric
from foldformer.models.semantic_roles.conll_tags import (
    convert_bio_tags_to_conll_format,
    write_bio_formatted_tags_to_file,
)
from foldformer.text import Vocabulary
from foldformer.text.archives import FileContentError

RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text())
READING = RECORDED["reading"]
PARSED = READING["sentences"][0]["parse_tree"]


def built(record, **changes):
    vocabulary = Vocabulary(tokens_to_add=RECORDED["vocabulary"])
    return Model.from_params(Params({**record["config"], **changes}), vocab=vocabulary)


def inputs(record, rows=slice(None)):
    ids, verbs, tags = (torch.tensor(record["rows"][name])[rows] for name in ("ids", "verbs", "tags"))
    of_bert = record["config"]["type"] == "srl_bert"
    text = {"token_ids": ids, "mask": ids > 0} if of_bert else {"tokens": ids}
    metadata = [RECORDED["metadata"][row] for row in range(3)][rows] if isinstance(rows, slice) else None
    return {"tokens": {"tokens": text}, "verb_indicator": verbs, "tags": tags, "metadata": metadata}


@pytest.mark.parametrize("record", RECORDED["models"], ids=lambda record: "-".join(record["config"]))
def test_model_gives_what_allennlp_gives(record, recorded):
    model = recorded.fill(built(record))
    recorded.check_state(model, record["shapes"])
    output = model(**inputs(record))
    recorded.check_equal(output["loss"].item(), record["loss"])
    recorded.check_equal(output["logits"], record["logits"])
    recorded.check_gradients(model, output["loss"], record["gradients"])
    readable = model.make_output_human_readable(dict(output))
    assert {name: readable[name] for name in record["readable"]} == record["readable"]
    recorded.check_equal(model.get_metrics(reset=True), record["metrics"])


def test_options_give_different_numbers():
    for kind in ("srl", "srl_bert"):
        records = [each for each in RECORDED["models"] if each["config"]["type"] == kind]
        assert len({json.dumps([each["loss"], each["metrics"]]) for each in records}) == len(records)
    assert RECORDED["models"][0]["metrics"]["f1-measure-overall"] > 0


@pytest.mark.parametrize("record", [RECORDED["models"][0], RECORDED["models"][3]], ids=["srl", "srl_bert"])
def test_padding_changes_nothing_and_dropout_drops_in_training(record, recorded):
    model = recorded.fill(built(record))
    whole, first_two = model(**inputs(record)), model(**inputs(record, slice(1, 3)))
    assert torch.allclose(first_two["logits"][0, :3], whole["logits"][1, :3], atol=1e-6)
    dropping = built(record, embedding_dropout=0.5).train()
    assert dropping(**inputs(record))["loss"].item() != dropping(**inputs(record))["loss"].item()
    assert all(value == 0.0 for value in dropping.get_metrics().values())  # nothing is counted in training


def test_scores_may_be_left_out():
    record = RECORDED["models"][0]
    model = built(record, srl_eval_path=None).eval()
    model(**inputs(record))
    assert model.get_metrics() == {}
    assert built(record).get_viterbi_pairwise_potentials().isinf().sum().item() == 3 * 5


def test_encoder_of_another_width_is_refused():
    record = RECORDED["models"][0]
    with pytest.raises(ConfigurationError, match="encoder: takes vectors of 6; expected 7, the width that text_field_"):
        built(record, binary_feature_dim=3)


@pytest.mark.parametrize("record", RECORDED["scorer"], ids=lambda record: "-".join(record["ignored"]) or "all")
def test_arguments_are_counted_as_the_script_of_conll_counts_them(record, recorded):
    verbs, sentences, predicted, gold = zip(*record["batch"], strict=True)
    conll = [[convert_bio_tags_to_conll_format(tags) for tags in rows] for rows in (predicted, gold)]
    assert conll[0] == record["conll"]
    scorer = Metric.by_name("srl_eval")(ignore_classes=record["ignored"])
    scorer(verbs[:9], sentences[:9], conll[0][:9], conll[1][:9])
    scorer(verbs[9:], sentences[9:], conll[0][9:], conll[1][9:])
    recorded.check_equal(scorer.get_metric(reset=True), record["metrics"])
    assert scorer.get_metric()["f1-measure-overall"] == 0.0


def test_arguments_are_written_for_the_script():
    predicted, gold = io.StringIO(), io.StringIO()
    tags = ["B-A0", "B-V", "O"], ["B-A0", "I-A0", "O"]
    write_bio_formatted_tags_to_file(predicted, gold, 1, ["It", "runs", "."], *tags)
    assert predicted.getvalue().split("\n") == [
        f"{'-':<15}{'(A0*)':>15}", f"{'runs':<15}{'(V*)':>15}", f"{'-':<15}{'*':>15}", "", ""
    ]  # fmt: skip
    assert gold.getvalue().split() == ["-", "(A0*", "runs", "*)", "-", "*"]


@pytest.fixture
def folder(tmp_path):
    file = tmp_path / "data/bc/x.gold_conll"
    file.parent.mkdir(parents=True)
    file.write_text(READING["conll"])
    bert = tmp_path / "bert-uncased"
    bert.mkdir()
    (bert / "vocab.txt").write_text("\n".join(READING["wordpieces"]))
    (bert / "config.json").write_text(
        json.dumps({"model_type": "bert", **RECORDED["models"][3]["config"]["bert_model"]})
    )
    (bert / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer"}))
    return tmp_path


def test_sentences_of_ontonotes_are_read_as_allennlp_reads_them(folder):
    sentences = list(Ontonotes().dataset_iterator(folder / "data"))
    for found, expected in zip(sentences, READING["sentences"], strict=True):
        for name in set(expected) - {"parse_tree", "coref_spans", "srl_frames"}:
            assert getattr(found, name) == expected[name], name
        assert sorted(found.coref_spans) == [(cluster, tuple(span)) for cluster, span in expected["coref_spans"]]
        assert found.srl_frames == [(verb, tags) for verb, tags in expected["srl_frames"]]
    (path,) = Ontonotes.dataset_path_iterator(folder / "data")
    assert [len(each) for each in Ontonotes().dataset_document_iterator(path)] == [2]
    assert sentences[1].parse_tree is None
    brackets = [re.sub(r"\s*([()])\s*", r"\1", each) for each in (sentences[0]._parse_tree, PARSED)]
    assert brackets[0] == brackets[1]


def test_tree_is_one_of_nltk(folder):
    nltk = pytest.importorskip("nltk")
    sentence = next(Ontonotes().dataset_iterator(folder / "data"))
    assert sentence.parse_tree == nltk.Tree.fromstring(PARSED)


@pytest.mark.parametrize("kind", ["words", "wordpieces"])
def test_verbs_become_instances_as_in_allennlp(folder, kind):
    config = {"type": "srl", "bert_model_name": str(folder / "bert-uncased") if kind == "wordpieces" else None}
    instances = list(DatasetReader.from_params(config).read(folder / "data"))
    for instance, expected in zip(instances, READING["instances"][kind], strict=True):
        assert [token.text for token in instance["tokens"].tokens] == expected["tokens"]
        assert [token.text_id for token in instance["tokens"].tokens] == expected["ids"]
        assert instance["verb_indicator"].labels == expected["verb_indicator"]
        assert instance["tags"].labels == expected["tags"]
        assert dict(instance["metadata"].metadata) == expected["metadata"]


def test_only_a_domain_is_read_and_faults_have_their_place(folder):
    of_domain = {"type": "srl", "domain_identifier": "nw"}
    with pytest.raises(FileNotFoundError, match=r"with 1 \*gold_conll files below it; expected .* with a folder nw in"):
        list(DatasetReader.from_params(of_domain).read(folder / "data"))
    bad = folder / "data/bc/x.gold_conll"
    bad.write_text("a 0 0 word X * - - - - * 2)\n")
    with pytest.raises(FileContentError, match=r'x.gold_conll:1: got "2\)"; expected no end of a mention of cluster 2'):
        list(DatasetReader.from_params({"type": "srl"}).read(folder / "data"))
    bad.write_text("a 0 0\n")
    with pytest.raises(FileContentError, match=r"x.gold_conll:1: got 3 columns; expected at least 12"):
        list(DatasetReader.from_params({"type": "srl"}).read(folder / "data"))


def test_word_without_wordpieces_has_no_tag():
    assert wordpiece_tags(["B-V", "O", "I-A0"], [2, 2, 4]) == ["O", "B-V", "I-V", "I-A0", "I-A0", "O"]
    assert wordpiece_verb_indices([1, 0, 0], [2, 2, 3]) == [0, 1, 1, 0, 0]
