"""Every reader against what AllenNLP 2.10.1 made of the same file; see record_readers.py."""

import json
from pathlib import Path

import pytest

from foldformer.data import LabelField, MetadataField, SequenceLabelField, TextField
from foldformer.data.dataset_readers import DatasetReader
from foldformer.text import Token

HERE = Path(__file__).parent
RECORDS = json.loads((HERE / "recorded.json").read_text())


def name_of(record):
    options = [f"{key}={value}" for key, value in record["reader"].items() if isinstance(value, (str, bool, int))]
    return " ".join([record["path"], *options])


def token_record(token):
    return [token.text, token.text_id, token.type_id]


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return token_record(value) if isinstance(value, Token) else value


def field_record(field):
    if isinstance(field, TextField):
        return {"tokens": [token_record(token) for token in field.tokens]}
    if isinstance(field, SequenceLabelField):
        return {"labels": list(field.labels), "namespace": field._label_namespace}
    if isinstance(field, LabelField):
        return {"label": field.label, "namespace": field._label_namespace, "skip_indexing": field._skip_indexing}
    assert isinstance(field, MetadataField)
    return {"metadata": plain(field.metadata)}


@pytest.mark.parametrize("record", RECORDS, ids=name_of)
def test_instances_are_those_of_allennlp(record, request):
    config = json.dumps(record["reader"])
    if "SHARED" in config:
        config = config.replace("SHARED", str(request.getfixturevalue("shared_folder")))
    reader = DatasetReader.from_params(json.loads(config))
    instances = list(reader.read(HERE / "fixtures" / record["path"]))
    assert [{key: field_record(field) for key, field in each.fields.items()} for each in instances] == record[
        "instances"
    ]
    for instance in instances:
        for field in instance.fields.values():
            assert not isinstance(field, TextField) or field.token_indexers
