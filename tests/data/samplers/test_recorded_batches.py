"""With the same seed, the same batches as in AllenNLP 2.10.1; see record_samplers.py."""

import json
import random
from pathlib import Path

import pytest

from foldformer.data import DataLoader, DatasetReader, Instance, MetadataField, TextField, TokenIndexer
from foldformer.text import Token, Vocabulary

RECORDS = json.loads((Path(__file__).parent / "recorded.json").read_text())


class LengthsReader(DatasetReader):
    def __init__(self, lengths):
        super().__init__()
        self.lengths = lengths

    def _read(self, file_path):
        for number, (first, second) in enumerate(self.lengths):
            yield Instance(
                {
                    "first": TextField([Token("a")] * first),
                    "second": TextField([Token("a")] * second),
                    "number": MetadataField([number]),
                }
            )

    def apply_token_indexers(self, instance):
        for name in ("first", "second"):
            instance[name].token_indexers = {"tokens": TokenIndexer.by_name("single_id")()}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record['options']} seed {record['seed']}")
def test_batches_are_those_of_allennlp(record):
    loader = DataLoader.from_params(record["options"], reader=LengthsReader(record["lengths"]), data_path="any")
    loader.index_with(Vocabulary())
    random.seed(record["seed"])
    assert [[[number for (number,) in batch["number"]] for batch in loader] for _ in range(2)] == record["epochs"]
