"""Record which batches AllenNLP 2.10.1 makes with which seed.

    PYTHON_WITH_ALLENNLP tests/data/samplers/record_samplers.py

Writes `recorded.json`: the options of a data loader, the lengths of the instances (two fields each), the seed of
Python's `random`, and for each of two epochs the batches as lists of instance numbers.
"""

import json
import random
from pathlib import Path

from allennlp.common import Params
from allennlp.data import DataLoader, DatasetReader, Instance, Token, Vocabulary
from allennlp.data.fields import MetadataField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer

HERE = Path(__file__).parent
CHOOSER = random.Random(3)
LENGTHS = [[CHOOSER.randint(1, 30), CHOOSER.randint(1, 4)] for _ in range(23)]
BUCKET, TOKENS = {"type": "bucket", "batch_size": 4}, {"type": "max_tokens_sampler", "max_tokens": 60}
CASES = [
    {"batch_size": 5},
    {"batch_size": 5, "drop_last": True},
    {"batch_size": 5, "shuffle": True},
    {"batch_size": 5, "shuffle": True, "batches_per_epoch": 3},
    {"batch_size": 2, "shuffle": True, "max_instances_in_memory": 6},
    {"batch_size": 2, "shuffle": True, "max_instances_in_memory": 100},
    {"batch_size": 2, "max_instances_in_memory": 6, "drop_last": True},
    {"batch_sampler": BUCKET},
    {"batch_sampler": {**BUCKET, "drop_last": True, "padding_noise": 0.5}},
    {"batch_sampler": {**BUCKET, "shuffle": False}},
    {"batch_sampler": {**BUCKET, "sorting_keys": ["second", "first"], "padding_noise": 0.0}},
    {"batch_sampler": BUCKET, "max_instances_in_memory": 10},
    {"batch_sampler": TOKENS},
    {"batch_sampler": {**TOKENS, "sorting_keys": ["second"], "padding_noise": 0.0, "max_tokens": 9}},
    {"batch_sampler": TOKENS, "max_instances_in_memory": 10},
]


@DatasetReader.register("lengths")
class LengthsReader(DatasetReader):
    def _read(self, file_path):
        for number, (first, second) in enumerate(LENGTHS):
            yield Instance(
                {
                    "first": TextField([Token("a")] * first),
                    "second": TextField([Token("a")] * second),
                    "number": MetadataField([number]),
                }
            )

    def apply_token_indexers(self, instance):
        for name in ("first", "second"):
            instance[name].token_indexers = {"tokens": SingleIdTokenIndexer()}


def record(options, seed):
    loader = DataLoader.from_params(
        Params(json.loads(json.dumps({**options, "quiet": True}))), reader=LengthsReader(), data_path="any"
    )
    loader.index_with(Vocabulary())
    random.seed(seed)
    epochs = [[[number for (number,) in batch["number"]] for batch in loader] for _ in range(2)]
    return {"options": options, "lengths": LENGTHS, "seed": seed, "epochs": epochs}


if __name__ == "__main__":
    records = [record(options, seed) for options in CASES for seed in (1, 7)]
    lines = ",\n".join(json.dumps(each) for each in records)
    (HERE / "recorded.json").write_text(f"[\n{lines}\n]\n")
