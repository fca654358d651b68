"""Readers over genuine Hugging Face datasets: the same rows in every form give the same instances."""

import datasets
import pytest
from transformers import AutoTokenizer

from foldformer.config import ConfigurationError
from foldformer.data import DatasetReader
from foldformer.text import PretrainedTransformerTokenizer
from foldformer.text.archives import FileContentError

# datasets 5.2 leaves the CSV files open that it streams
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
TEXTS = ["a fine film", "dull from the beginning", "the quick jokes land"]
LABELS = ["pos", "neg", "pos"]
WORDS = [["John", "sees", "Rome"], ["nothing"]]
TAGS = [["B-PER", "O", "B-LOC"], ["O"]]


@pytest.fixture(autouse=True)
def no_progress(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()


@pytest.fixture
def reviews():
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])})
    rows = {"text": TEXTS, "label": [("neg", "pos").index(label) for label in LABELS]}
    return datasets.Dataset.from_dict(rows, features=features)


def reader(name="datasets_classification", **options):
    return DatasetReader.by_name(name)(**options)


def pairs(instances):
    return [(" ".join(t.text for t in each["tokens"].tokens), each["label"].label) for each in instances]


def test_saved_folders_give_texts_and_the_names_of_labels(reviews, tmp_path):
    reviews.save_to_disk(tmp_path / "one")
    assert pairs(reader().read(tmp_path / "one")) == list(zip(TEXTS, LABELS, strict=True))
    datasets.DatasetDict({"train": reviews, "dev": reviews.select([1])}).save_to_disk(tmp_path / "splits")
    assert pairs(reader(split="dev").read(tmp_path / "splits")) == [(TEXTS[1], "neg")]
    with pytest.raises(ConfigurationError, match=r'split: got "def"; expected "train" or "dev".*did you mean "dev"'):
        list(reader(split="def").read(tmp_path / "splits"))


def test_files_give_the_same(reviews, tmp_path):
    reviews.to_parquet(tmp_path / "rows.parquet")
    named = datasets.Dataset.from_dict({"review": TEXTS, "stars": LABELS})
    named.to_csv(tmp_path / "rows.csv")
    named.to_csv(tmp_path / "rows.tsv", sep="\t")
    named.save_to_disk(tmp_path / "saved")
    expected = list(zip(TEXTS, LABELS, strict=True))
    assert pairs(reader().read(tmp_path / "rows.parquet")) == expected
    by_name = reader(text_column="review", label_column="stars")
    for file in ("rows.csv", "rows.tsv", "saved/data-00000-of-00001.arrow"):
        assert pairs(by_name.read(tmp_path / file)) == expected, file
    assert pairs(by_name.read([tmp_path / "rows.csv", tmp_path / "rows.tsv"])) == expected * 2


def test_pairs_have_a_field_each(tmp_path):
    datasets.Dataset.from_dict({"a": TEXTS, "b": TEXTS[::-1], "label": LABELS}).save_to_disk(tmp_path / "pairs")
    found = list(reader(text_column="a", second_text_column="b").read(tmp_path / "pairs"))
    assert [[t.text for t in each["hypothesis"].tokens] for each in found] == [text.split() for text in TEXTS[::-1]]
    assert [[t.text for t in each["premise"].tokens] for each in found] == [text.split() for text in TEXTS]


def test_pairs_for_a_transformer_are_one_text(tmp_path, tiny_bert_folder):
    datasets.Dataset.from_dict({"a": TEXTS[:1], "b": TEXTS[1:2]}).save_to_disk(tmp_path / "pairs")
    columns = {"text_column": "a", "second_text_column": "b", "label_column": None}
    tokenizer = PretrainedTransformerTokenizer(tiny_bert_folder, add_special_tokens=False)
    [found] = reader(tokenizer=tokenizer, **columns).read(tmp_path / "pairs")
    expected = AutoTokenizer.from_pretrained(tiny_bert_folder)(TEXTS[0], TEXTS[1], return_token_type_ids=True)
    assert [token.text_id for token in found["tokens"].tokens] == expected["input_ids"]
    assert [token.type_id for token in found["tokens"].tokens] == expected["token_type_ids"]
    with pytest.raises(ConfigurationError, match=r"tokenizer\.add_special_tokens: got true; expected false"):
        reader(tokenizer=PretrainedTransformerTokenizer(tiny_bert_folder), **columns)


def test_tags_are_read_by_name(tmp_path):
    names = ["O", "B-PER", "B-LOC"]
    features = datasets.Features(
        {
            "tokens": datasets.List(datasets.Value("string")),
            "ner_tags": datasets.List(datasets.ClassLabel(names=names)),
        }
    )
    rows = {"tokens": WORDS, "ner_tags": [[names.index(tag) for tag in tags] for tags in TAGS]}
    datasets.Dataset.from_dict(rows, features=features).save_to_disk(tmp_path / "tags")
    found = list(reader("datasets_tagging").read(tmp_path / "tags"))
    assert [each["metadata"].metadata["words"] for each in found] == WORDS
    assert [list(each["tags"].labels) for each in found] == TAGS


def test_bad_data_is_named(reviews, tmp_path):
    reviews.save_to_disk(tmp_path / "one")
    message = 'got the columns "text" and "label"; expected one named "txt"; did you mean "text"'
    with pytest.raises(FileContentError, match=message):
        list(reader(text_column="txt").read(tmp_path / "one"))
    with pytest.raises(FileNotFoundError, match=r"lost\.csv: there is no such file"):
        list(reader().read(tmp_path / "lost.csv"))
    datasets.Dataset.from_dict({"text": ["a", None], "label": ["x", "y"]}).save_to_disk(tmp_path / "hole")
    with pytest.raises(FileContentError, match="row 1: text: got None; expected a text"):
        list(reader().read(tmp_path / "hole"))
