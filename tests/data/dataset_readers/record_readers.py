"""Record what the readers of AllenNLP 2.10.1 make of the files in `fixtures/`.

    PYTHONPATH=FOLDER_OF_ALLENNLP_MODELS PYTHON_WITH_ALLENNLP tests/data/dataset_readers/record_readers.py SHARED

SHARED is the folder of real data beside the checkout; its tiny models are named `SHARED/...` in the records.
Writes `recorded.json`: reader, path, and the fields of every instance.
"""

import json
import sys
from pathlib import Path

import allennlp_models.classification.dataset_readers.boolq
import allennlp_models.classification.dataset_readers.stanford_sentiment_tree_bank
import allennlp_models.pair_classification.dataset_readers.snli
import allennlp_models.pair_classification.dataset_readers.transformer_superglue_rte
import allennlp_models.tagging.dataset_readers.ontonotes_ner  # noqa: F401
from allennlp.common import Params
from allennlp.data import DatasetReader
from allennlp.data.fields import LabelField, MetadataField, SequenceLabelField, TextField

HERE = Path(__file__).parent
WORDS = {"type": "whitespace"}
BERT, ROBERTA = "SHARED/parity/models/bert", "SHARED/parity/models/roberta"


def wordpieces(model, add_special_tokens=False):
    return {"type": "pretrained_transformer", "model_name": model, "add_special_tokens": add_special_tokens}


CASES = [
    ({"type": "text_classification_json", "tokenizer": WORDS}, "classification.jsonl"),
    ({"type": "text_classification_json", "tokenizer": WORDS, "max_sequence_length": 3}, "classification.jsonl"),
    ({"type": "text_classification_json", "tokenizer": WORDS, "max_instances": 2}, "classification.jsonl"),
    (
        {"type": "text_classification_json", "tokenizer": WORDS, "text_key": "review", "label_key": "stars"},
        "classification_numbers.jsonl",
    ),
    (
        {
            "type": "text_classification_json",
            "tokenizer": WORDS,
            "text_key": "review",
            "label_key": "stars",
            "skip_label_indexing": True,
        },
        "classification_numbers.jsonl",
    ),
    ({"type": "text_classification_json", "tokenizer": wordpieces(BERT, True)}, "classification.jsonl"),
    ({"type": "sequence_tagging"}, "sequence_tagging.txt"),
    (
        {"type": "sequence_tagging", "word_tag_delimiter": "|", "token_delimiter": "\t"},
        "sequence_tagging_tabs.txt",
    ),
    ({"type": "conll2003"}, "conll2003.txt"),
    ({"type": "conll2003", "tag_label": "pos", "label_namespace": "pos_labels"}, "conll2003.txt"),
    ({"type": "conll2003", "tag_label": "chunk", "convert_to_coding_scheme": "BIOUL"}, "conll2003.txt"),
    ({"type": "conll2003", "coding_scheme": "BIOUL", "feature_labels": ["pos", "chunk", "ner"]}, "conll2003.txt"),
    ({"type": "snli", "tokenizer": WORDS}, "snli.jsonl"),
    ({"type": "snli", "tokenizer": WORDS, "combine_input_fields": True, "collapse_labels": True}, "snli.jsonl"),
    ({"type": "snli", "tokenizer": wordpieces(BERT)}, "mnli.jsonl"),
    ({"type": "snli", "tokenizer": wordpieces(ROBERTA), "combine_input_fields": False}, "mnli.jsonl"),
    ({"type": "boolq"}, "boolq.jsonl"),
    ({"type": "boolq"}, "boolq_unlabelled.jsonl"),
    ({"type": "boolq", "tokenizer": wordpieces(ROBERTA, True)}, "boolq.jsonl"),
    *(
        ({"type": "sst_tokens", "granularity": granularity, "use_subtrees": use_subtrees}, "sst.txt")
        for granularity in ("5-class", "3-class", "2-class")
        for use_subtrees in (False, True)
    ),
    ({"type": "sst_tokens", "use_subtrees": True, "tokenizer": wordpieces(BERT, True)}, "sst.txt"),
    ({"type": "transformer_superglue_rte", "transformer_model_name": ROBERTA}, "rte.jsonl"),
    ({"type": "transformer_superglue_rte", "transformer_model_name": BERT}, "rte_unlabelled.jsonl"),
    ({"type": "ontonotes_ner", "domain_identifier": "bc"}, "ontonotes/train"),
    ({"type": "ontonotes_ner", "domain_identifier": "nw"}, "ontonotes/train"),
    ({"type": "ontonotes_ner", "domain_identifier": "nw", "coding_scheme": "BIOUL"}, "ontonotes/train"),
]


def token_record(token):
    return [token.text, token.text_id, token.type_id]


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return token_record(value) if hasattr(value, "text_id") else value


def field_record(field):
    if isinstance(field, TextField):
        return {"tokens": [token_record(token) for token in field.tokens]}
    if isinstance(field, SequenceLabelField):
        return {"labels": list(field.labels), "namespace": field._label_namespace}
    if isinstance(field, LabelField):
        return {"label": field.label, "namespace": field._label_namespace, "skip_indexing": field._skip_indexing}
    assert isinstance(field, MetadataField)
    return {"metadata": plain(field.metadata)}


def record(config, name, shared):
    reader = DatasetReader.from_params(Params(json.loads(json.dumps(config).replace("SHARED", shared))))
    instances = list(reader.read(str(HERE / "fixtures" / name)))
    return {
        "reader": config,
        "path": name,
        "instances": [{key: field_record(field) for key, field in each.fields.items()} for each in instances],
    }


if __name__ == "__main__":
    records = [record(config, name, sys.argv[1]) for config, name in CASES]
    lines = ",\n".join(json.dumps(each, sort_keys=True) for each in records)
    (HERE / "recorded.json").write_text(f"[\n{lines}\n]\n")
