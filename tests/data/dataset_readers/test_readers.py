"""What the readers do beyond AllenNLP's, and what files it cannot be asked about."""

import gzip
import pickle
import shutil
import zipfile

import pytest

from foldformer.config import ConfigurationError
from foldformer.data import Batch, Instance, MultiLabelField, TextField
from foldformer.data.dataset_readers import (
    BoolQDatasetReader,
    Conll2003DatasetReader,
    DatasetReader,
    OntonotesNamedEntityRecognition,
    ShardedDatasetReader,
    StanfordSentimentTreeBankDatasetReader,
    TextClassificationJsonReader,
    TransformerSuperGlueRteReader,
    UniversalDependenciesDatasetReader,
    to_bioul,
)
from foldformer.text import Vocabulary, WhitespaceTokenizer
from foldformer.text.archives import FileContentError

NAMES = {
    "boolq",
    "conll2003",
    "ontonotes_ner",
    "sequence_tagging",
    "sharded",
    "snli",
    "sst_tokens",
    "text_classification_json",
    "transformer_superglue_rte",
    "universal_dependencies",
}


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FOLDFORMER_CACHE", str(tmp_path / "cache"))


def words(instance):
    return [token.text for token in instance["tokens"].tokens]


def test_every_reader_is_registered():
    assert set(DatasetReader.list_available()) >= NAMES


def test_conllu_words_and_universal_tags(fixtures):
    instances = list(UniversalDependenciesDatasetReader().read(fixtures / "ud.conllu"))
    assert [words(each) for each in instances] == [["I", "do", "n't", "know", "."], ["Tea", "helps"], ["Go", "!"]]
    assert instances[0]["tags"].labels == ["PRON", "AUX", "PART", "VERB", "PUNCT"]
    assert instances[0]["metadata"]["words"] == ["I", "do", "n't", "know", "."]


def test_conllu_tags_of_the_treebank(fixtures):
    reader = UniversalDependenciesDatasetReader(use_language_specific_pos=True, label_namespace="xpos_tags")
    tags = next(reader.read(fixtures / "ud.conllu"))["tags"]
    assert tags.labels == ["PRP", "VBP", "RB", "VB", "."]
    assert tags._label_namespace == "xpos_tags"


def test_conllu_heads_and_their_labels(fixtures):
    instance = next(UniversalDependenciesDatasetReader(dependencies=True).read(fixtures / "ud.conllu"))
    assert [token.text for token in instance["words"].tokens] == ["I", "do", "n't", "know", "."]
    assert instance["pos_tags"].labels == ["PRON", "AUX", "PART", "VERB", "PUNCT"]
    rows = [line.split("\t") for line in (fixtures / "ud.conllu").read_text().splitlines() if "\t" in line]
    rows = [row for row in rows if row[0].isdecimal()][:5]
    assert instance["head_tags"].labels == [row[7] for row in rows]
    assert instance["head_indices"].labels == [int(row[6]) for row in rows]
    assert instance["metadata"].metadata == {"words": [row[1] for row in rows], "pos": instance["pos_tags"].labels}


def test_conllu_of_words_typed_by_a_user():
    reader = UniversalDependenciesDatasetReader(dependencies=True, tokenizer=WhitespaceTokenizer())
    instance = reader.text_to_instance(["Tea", "helps"], ["NOUN", "VERB"])
    assert instance["words"].tokens[1].idx == 4
    assert "head_tags" not in instance


def test_conllu_head_that_is_no_number_is_named(tmp_path):
    (tmp_path / "bad.conllu").write_text("1\tTea\t_\tNOUN\t_\t_\t_\t_\t_\t_\n")
    with pytest.raises(FileContentError, match='got the head "_" of "Tea"'):
        list(UniversalDependenciesDatasetReader(dependencies=True).read(tmp_path / "bad.conllu"))
    with pytest.raises(ConfigurationError, match='unit: got "document" with dependencies'):
        UniversalDependenciesDatasetReader(unit="document", dependencies=True)
    with pytest.raises(ConfigurationError, match="tokenizer: got one without dependencies"):
        UniversalDependenciesDatasetReader(tokenizer=WhitespaceTokenizer())


def test_conllu_by_document(fixtures):
    instances = list(UniversalDependenciesDatasetReader(unit="document").read(fixtures / "ud.conllu"))
    assert [words(each) for each in instances] == [["I", "do", "n't", "know", ".", "Tea", "helps"], ["Go", "!"]]
    assert instances[1]["tags"].labels == ["VERB", "PUNCT"]


def test_document_ends_with_its_file(tmp_path):
    for name in ("a.conllu", "b.conllu"):
        (tmp_path / name).write_text("\t".join(["1", name, "_", "X", *["_"] * 6]) + "\n")
    instances = list(UniversalDependenciesDatasetReader(unit="document").read(tmp_path / "*.conllu"))
    assert [words(each) for each in instances] == [["a.conllu"], ["b.conllu"]]


def test_sentence_ends_with_its_file(tmp_path):
    (tmp_path / "a.txt").write_text("one DT O O")
    (tmp_path / "b.txt").write_text("two DT O O")
    read = Conll2003DatasetReader().read([tmp_path / "a.txt", tmp_path / "b.txt"])
    assert [words(each) for each in read] == [["one"], ["two"]]


def test_real_treebank_has_every_word_and_tag(shared_folder):
    path = shared_folder / "data/ud_english_ewt/en_ewt-ud-dev.conllu"
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line[:1].isdigit()]
    expected = [(row[1], row[3]) for row in rows if row[0].isdigit()]
    for unit, number in (("sentence", 2001), ("document", 318)):
        instances = list(UniversalDependenciesDatasetReader(unit=unit).read(path))
        pairs = [
            pair for each in instances for pair in zip(each["metadata"]["words"], each["tags"].labels, strict=True)
        ]
        assert len(instances) == number
        assert pairs == expected


def test_ontonotes_skips_testaments_and_other_files(fixtures):
    read = OntonotesNamedEntityRecognition().read(fixtures / "ontonotes" / "train")
    assert [words(each)[0] for each in read] == ["Hello", "Mara", "Nobody", "Two"]


def test_ontonotes_below_a_folder_of_the_testaments_name_are_read(fixtures, tmp_path):
    shutil.copytree(fixtures / "ontonotes", tmp_path / "pt" / "ontonotes")
    read = OntonotesNamedEntityRecognition().read(tmp_path / "pt" / "ontonotes")
    assert [words(each)[0] for each in read] == ["Hello", "Mara", "Nobody", "Two"]


def test_ontonotes_in_an_archive(fixtures, tmp_path):
    with zipfile.ZipFile(tmp_path / "ontonotes.zip", "w") as archive:
        for path in (fixtures / "ontonotes").rglob("*conll"):
            archive.write(path, path.relative_to(fixtures))
    read = OntonotesNamedEntityRecognition(domain_identifier="bc").read(f"{tmp_path}/ontonotes.zip!ontonotes/train")
    assert [words(each) for each in read] == [["Hello", "Oslo"]]


def test_many_files_compressed_or_not_are_read_in_order(tmp_path):
    for name in ("b", "a"):
        (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(f'{{"text": "{name}"}}\n'.encode()))
    (tmp_path / "c.json").write_text('{"text": "c"}\n')
    reader = TextClassificationJsonReader()
    assert [words(each) for each in reader.read(f"{tmp_path}/*.gz")] == [["a"], ["b"]]
    assert [words(each) for each in reader.read([tmp_path / "c.json", f"{tmp_path}/a*"])] == [["c"], ["a"]]


def test_sharded_reader_gives_the_files_of_an_archive_to_another_reader(tmp_path):
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        archive.writestr("2.jsonl", '{"text": "second"}\n{"text": "third"}\n')
        archive.writestr("1.jsonl", '{"text": "first"}\n')
    reader = ShardedDatasetReader(TextClassificationJsonReader(), max_instances=2)
    assert [words(each) for each in reader.read(tmp_path / "data.zip")] == [["first"], ["second"]]


def test_long_passage_and_question_are_cut_as_published():
    instance = BoolQDatasetReader().text_to_instance("p " * 500, "q " * 100)
    assert words(instance) == ["p"] * 448 + ["q"] * 60


@pytest.mark.parametrize(("num_wordpieces", "num_segments"), [(512, 1), (513, 2)])
def test_superglue_indexer_folds_beyond_512_wordpieces(shared_folder, num_wordpieces, num_segments):
    reader = TransformerSuperGlueRteReader(str(shared_folder / "parity/models/bert"))
    num_others = len(words(reader.text_to_instance(0, None, "", "a")))
    instance = reader.text_to_instance(0, None, "a " * (num_wordpieces - num_others), "a")
    reader.apply_token_indexers(instance)
    instance.index_fields(Vocabulary())
    tensors = instance.as_tensor_dict()["tokens"]["tokens"]
    assert tensors["mask"].shape == (num_wordpieces,)
    assert tensors["token_ids"].shape == (num_wordpieces + 2 * (num_segments - 1),)


def test_words_of_a_tree_are_split_anew_by_a_tokenizer(fixtures):
    reader = StanfordSentimentTreeBankDatasetReader(tokenizer=WhitespaceTokenizer())
    assert words(reader.text_to_instance("a whole string")) == ["a", "whole", "string"]


def test_deep_tree_is_read(write):
    depth = 20_000  # deeper than Python's recursion limit
    path = write("train.txt", "(1 " * depth + "word" + ")" * depth + "\n")
    assert words(next(StanfordSentimentTreeBankDatasetReader().read(path))) == ["word"]


@pytest.mark.parametrize(
    ("encoding", "tags", "expected"),
    [
        ("IOB1", "I-A I-A B-A O I-A I-B", "B-A L-A U-A O U-A U-B"),
        ("BIO", "B-A I-A I-A B-A O B-B", "B-A I-A L-A U-A O U-B"),
        ("BIO", "B I I O B", "B I L O U"),
        ("IOB1", "", ""),
    ],
)
def test_recoding_marks_where_spans_begin_and_end(encoding, tags, expected):
    assert to_bioul(tags.split(), encoding) == expected.split()


@pytest.mark.parametrize("tags", ["I-A", "B-A O I-A", "B-A I-B"])
def test_span_without_beginning_is_refused_in_bio(tags):
    with pytest.raises(ValueError, match=r'got the tag "I-.*a span begins with "B-'):
        to_bioul(tags.split(), "BIO")


def test_reader_and_its_instances_travel_between_processes(fixtures):
    reader = pickle.loads(pickle.dumps(TextClassificationJsonReader()))
    instances = pickle.loads(pickle.dumps(list(reader._read(fixtures / "classification.jsonl"))))
    assert [words(each) for each in instances][1] == ["two", "hours", "of", "noise"]


def test_instances_become_tensors(fixtures):
    instances = list(TextClassificationJsonReader().read(fixtures / "classification.jsonl"))
    vocab = Vocabulary.from_instances(instances)
    batch = Batch(instances)
    batch.index_instances(vocab)
    tensors = batch.as_tensor_dict()
    assert tensors["label"].tolist() == [0, 1, 0]
    assert tensors["tokens"]["tokens"]["tokens"].shape == (3, 6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We PRP B-NP O\npaid VBD B-VP O\n20\u00a0000 CD B-NP O\n\n", ["We", "paid", "20\u00a0000"]),
        ("a DT B-NP O\n\u00a0 SYM I-NP O\n\n", ["a", "\u00a0"]),
        ("New York\tNNP\tB-NP\tB-LOC\nis\tVBZ\tB-VP\tO\n\n", ["New York", "is"]),
        ("a  DT\tB-NP  O\nb\u2003c DT B-NP O\n \t\n", ["a", "b\u2003c"]),
    ],
)
def test_columns_end_at_blanks_and_tabs_only(text, expected, tmp_path):
    (tmp_path / "a.conll").write_text(text)
    (sentence,) = Conll2003DatasetReader().read(tmp_path / "a.conll")
    assert words(sentence) == expected


def test_words_of_ontonotes_hold_other_spaces_than_blanks(tmp_path):
    line = "bc/a 0 0 20\u00a0000 CD * - - - - (CARDINAL) -\n"
    (tmp_path / "a.gold_conll").write_text(line + "\t".join(["bc/a", "0", "1", "x y", *line.split(" ")[4:]]) + "\n")
    (sentence,) = OntonotesNamedEntityRecognition().read(tmp_path / "a.gold_conll")
    assert words(sentence) == ["20\u00a0000", "x y"]


def test_tagged_words_end_at_blanks_and_tabs_only(tmp_path):
    (tmp_path / "a.txt").write_text("20\u00a0000###NUM yen###NOUN\t.###PUNCT\n")
    (sentence,) = DatasetReader.by_name("sequence_tagging")().read(tmp_path / "a.txt")
    assert words(sentence) == ["20\u00a0000", "yen", "."]


@pytest.mark.parametrize(("place", "named"), [((), {"lazy": True}), ((True,), {}), ((), {"cache_directory": "cache"})])
def test_arguments_of_allennlp_1_are_ignored_with_a_warning(place, named, tmp_path, caplog):
    class Letters(DatasetReader):
        def __init__(self):
            super().__init__(*place, **named)

        def _read(self, file_path):
            yield from ("a", "b")

    with caplog.at_level("WARNING"):
        assert list(Letters().read("anything")) == ["a", "b"]
    (record,) = caplog.records
    assert f"{next(iter(named), 'lazy')} is ignored" in record.getMessage()


class TwoLabels(TextClassificationJsonReader):
    """Written for AllenNLP: it uses what the reader kept, not what it published."""

    def text_to_instance(self, text, label=None):
        assert not self._segment_sentences
        tokens = self._truncate(self._tokenizer.tokenize(text))
        return Instance({"tokens": TextField(tokens, self._token_indexers), "labels": MultiLabelField([label])})


@pytest.mark.parametrize(("longest", "kept"), [(None, ["a", "fine", "film"]), (2, ["a", "fine"])])
def test_subclass_finds_what_allennlps_reader_keeps(longest, kept):
    instance = TwoLabels(max_sequence_length=longest).text_to_instance("a fine film", "good")
    assert [token.text for token in instance["tokens"]] == kept
