"""What a user gets wrong in a data file, and the file and line that the error names."""

import json
import re

import pytest

from foldformer.config import ConfigurationError
from foldformer.data.dataset_readers import (
    BoolQDatasetReader,
    Conll2003DatasetReader,
    OntonotesNamedEntityRecognition,
    SequenceTaggingDatasetReader,
    SnliReader,
    StanfordSentimentTreeBankDatasetReader,
    TextClassificationJsonReader,
    UniversalDependenciesDatasetReader,
)
from foldformer.text import PretrainedTransformerTokenizer
from foldformer.text.archives import FileContentError

GOOD = '{"text": "good", "label": "pos"}\n'


def fails(reader, path, message, labels_required=False):
    reader.labels_required = labels_required
    with pytest.raises(FileContentError, match=re.escape(path.name) + message):
        list(reader.read(path))


@pytest.mark.parametrize("text", ["", "\n\n \n"])
@pytest.mark.parametrize(
    "make",
    [
        BoolQDatasetReader,
        Conll2003DatasetReader,
        SequenceTaggingDatasetReader,
        SnliReader,
        StanfordSentimentTreeBankDatasetReader,
        TextClassificationJsonReader,
        UniversalDependenciesDatasetReader,
    ],
)
def test_empty_file_is_an_error(write, make, text):
    fails(make(), write("data.txt", text), ": got no instances; expected at least one; the file is empty")


def test_reading_none_of_a_file_is_no_error(write):
    assert list(TextClassificationJsonReader(max_instances=0).read(write("data.jsonl", GOOD))) == []


def test_negative_max_instances_is_refused():
    with pytest.raises(ConfigurationError, match="max_instances: got -1"):
        TextClassificationJsonReader(max_instances=-1)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "a" "label": "b"}', r":2: got no JSON \(Expecting ',' delimiter at column 14\)"),
        ("plain words", r":2: got no JSON"),
        ("[1, 2]", r":2: got a JSON list; .*jq -c '\.\[\]'"),
        ('{"txt": "a", "label": "b"}', r':2: got the keys "txt" and "label"; expected "text"; did you mean'),
        ('{"text": 5, "label": "b"}', r":2: text: got 5; expected a string"),
        ('{"text": "\\ud83d", "label": "b"}', r":2: text: got half a surrogate pair at character 1"),
        ("[" * 100_000, r":2: got JSON that cannot be read"),
        ('{"text": "a", "label": ' + "9" * 5000 + "}", r":2: got JSON that cannot be read"),
        ('{"text": "a", "label": ["b"]}', r":2: label: got \['b'\]; expected one label"),
    ],
)
def test_bad_json_line_is_shown(write, line, message):
    fails(TextClassificationJsonReader(), write("train.jsonl", f"{GOOD}{line}\n"), message)


def test_undecodable_line_is_shown(write):
    path = write("train.jsonl", GOOD.encode() + '{"text": "schön", "label": "x"}'.encode("latin-1"))
    fails(TextClassificationJsonReader(), path, ":2: got byte 0xf6 .* expected UTF-8")


@pytest.mark.parametrize(("label", "shown"), [('"pos"', "pos"), ("1.5", "1.5"), ("Infinity", "inf"), ("NaN", "nan")])
def test_label_that_is_no_index_is_shown(write, label, shown):
    reader = TextClassificationJsonReader(skip_label_indexing=True)
    path = write("train.jsonl", f'{{"text": "good", "label": {label}}}\n')
    fails(reader, path, f':1: label: got "{shown}"; expected an integer')


@pytest.mark.parametrize("missing", ['{"text": "a"}', '{"text": "a", "label": null}'])
def test_missing_label_among_labels_is_shown(write, missing):
    path = write("train.jsonl", f"{GOOD}\n{missing}\n")
    fails(TextClassificationJsonReader(), path, r":3: got no label, but .*train\.jsonl:1 has one")


def test_file_without_labels_reads_only_where_none_are_required(write):
    path = write("test.jsonl", '{"text": "a"}\n{"text": "b"}\n')
    assert ["label" in instance for instance in TextClassificationJsonReader().read(path)] == [False, False]
    fails(TextClassificationJsonReader(), path, ":1: got no label; expected one on every line", labels_required=True)


def test_files_by_name_are_refused(write):
    path = write("train.jsonl", GOOD)
    with pytest.raises(ConfigurationError, match='got files by name \\("one"\\)'):
        list(TextClassificationJsonReader().read({"one": path}))


def test_sentence_splitting_is_refused():
    with pytest.raises(ConfigurationError, match="segment_sentences: got true"):
        TextClassificationJsonReader(segment_sentences=True)


@pytest.mark.parametrize("pair", ["dog", "dog###", "dog/NN"])
def test_word_without_tag_is_shown(write, pair):
    path = write("train.txt", f"a###B\nThe###DT {pair}\n")
    fails(SequenceTaggingDatasetReader(), path, f':2: got "{pair}", which has no tag; expected word###tag')


def test_wrong_number_of_columns_is_shown(write):
    path = write("eng.train", "a DT I-NP O\n\nb DT O\n")
    fails(Conll2003DatasetReader(), path, r':3: got 3 columns \("b DT O"\); expected 4')


def test_tag_of_another_scheme_is_shown(write):
    path = write("eng.train", "a DT O O\n\nb DT O S-PER\n")
    reader = Conll2003DatasetReader(convert_to_coding_scheme="BIOUL")
    fails(reader, path, ':3: in the sentence from here on: got the tag "S-PER" at word 1; expected IOB1')


def test_feature_labels_that_were_not_given_are_named():
    with pytest.raises(ConfigurationError, match=r'feature_labels: got "pos".*no pos_tags'):
        Conll2003DatasetReader(feature_labels=["pos"]).text_to_instance([])


def test_contradicting_schemes_are_refused():
    with pytest.raises(ConfigurationError, match='coding_scheme: got "IOB1"'):
        Conll2003DatasetReader(coding_scheme="IOB1", convert_to_coding_scheme="BIOUL")


@pytest.mark.parametrize("number", ["x", "", "1-", "1.2.3"])
def test_conllu_id_that_is_none_is_shown(write, number):
    row = "\t".join([number, "Go", *["_"] * 8])
    fails(UniversalDependenciesDatasetReader(), write("en.conllu", f"{row}\n"), f':1: got the id "{number}"; expected')


def test_pair_without_agreement_is_no_pair_with_a_label(write):
    pair = {"sentence1": "a", "sentence2": "b"}
    lines = [json.dumps({**pair, "gold_label": "-"}), json.dumps(pair)]
    (instance,) = SnliReader().read(write("test.jsonl", "\n".join(lines)))
    assert "label" not in instance


def test_word_that_begins_like_a_mark_between_documents_is_a_word(write):
    path = write("eng.train", "-DOCSTART- -X- -X- O\n\n-DOCSTART-x NN I-NP O\n")
    (instance,) = Conll2003DatasetReader().read(path)
    assert [token.text for token in instance["tokens"]] == ["-DOCSTART-x"]


def test_wrong_number_of_conllu_columns_is_shown(write):
    path = write("en.conllu", "# text = Go\n1 Go go VERB\n")
    fails(UniversalDependenciesDatasetReader(), path, ":2: got 1 columns between tabs; expected the 10")


def test_conllu_without_tags_reads_only_where_none_are_required(write):
    row = "\t".join(["1", "Go", *["_"] * 8])
    path = write("en.conllu", f"# text = Go\n{row}\n")
    assert "tags" not in next(UniversalDependenciesDatasetReader().read(path))
    fails(UniversalDependenciesDatasetReader(), path, ":2: got no tag; expected one", labels_required=True)


def test_unknown_entailment_label_is_shown(write):
    path = write("snli.jsonl", '{"gold_label": "entailed", "sentence1": "a", "sentence2": "b"}\n')
    fails(SnliReader(), path, ':1: gold_label: got "entailed"; .*did you mean "entailment"')
    with pytest.raises(ValueError, match='label: got "entailed"'):
        SnliReader().text_to_instance("a", "b", "entailed")


def test_tokenizer_that_adds_special_tokens_to_each_sentence_is_refused(shared_folder):
    tokenizer = PretrainedTransformerTokenizer(str(shared_folder / "parity/models/bert"))
    with pytest.raises(ConfigurationError, match=r"tokenizer\.add_special_tokens: got true; expected false"):
        SnliReader(tokenizer)


def test_answer_that_is_neither_true_nor_false_is_shown(write):
    path = write("boolq.jsonl", '{"passage": "a", "question": "b", "label": "yes"}\n')
    fails(BoolQDatasetReader(), path, ":1: label: got 'yes'; expected true or false")


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ("(3 (2 a) (2 b)", "got 1 brackets that are never closed"),
        ("(3 a))", r'got "\)" outside the tree in column 6'),
        ("(3 a) b", 'got "b" outside the tree in column 7'),
        ("(3 a) (2 b)", "got a second tree in column 7"),
        ("a b", 'got "a" outside the tree in column 1'),
        ("((2 a) (2 b))", r"got no label behind the \( in column 1"),
        ("(3 (2 a) (2))", 'got a node "2" without words'),
        ("(3 (5 a))", 'got the sentiment "5"; expected 0, 1, 2, 3 or 4'),
    ],
)
def test_wrong_tree_is_shown(write, tree, message):
    path = write("train.txt", f"(1 fine)\n{tree}\n")
    fails(StanfordSentimentTreeBankDatasetReader(use_subtrees=True), path, f":2: {message}")


def test_wrong_granularity_is_refused():
    with pytest.raises(ConfigurationError, match='granularity: got "4-class"; expected "5-class"'):
        StanfordSentimentTreeBankDatasetReader(granularity="4-class")


def test_wrong_sentiment_is_refused():
    with pytest.raises(ValueError, match="sentiment: got 'good'"):
        StanfordSentimentTreeBankDatasetReader().text_to_instance(["a"], "good")


def test_string_without_tokenizer_is_refused():
    with pytest.raises(ValueError, match="got a string"):
        StanfordSentimentTreeBankDatasetReader().text_to_instance("a film")


def test_testaments_are_refused():
    with pytest.raises(ConfigurationError, match='domain_identifier: got "pt"'):
        OntonotesNamedEntityRecognition(domain_identifier="pt")


def test_folder_without_annotations_is_named(tmp_path, fixtures):
    with pytest.raises(FileNotFoundError, match=r"with 0 \*gold_conll files below"):
        list(OntonotesNamedEntityRecognition().read(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"with 3 \*gold_conll files below.*a folder tc in their path"):
        list(OntonotesNamedEntityRecognition(domain_identifier="tc").read(fixtures / "ontonotes"))


def test_wrong_number_of_ontonotes_columns_is_shown(write):
    path = write("a.gold_conll", "#begin document\nnw/a 0 0 Word NN\n")
    fails(OntonotesNamedEntityRecognition(), path, ":2: got 5 columns; expected at least 12")
