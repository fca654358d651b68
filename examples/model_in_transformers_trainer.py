"""A classifier of an experiment file inside `transformers.Trainer`, which knows nothing of experiment files.

Its outputs are a dictionary with `loss` and `logits`, which is what that trainer asks of a model.
Run it: `python examples/model_in_transformers_trainer.py NAME_OR_FOLDER`. Needs `pip install accelerate`.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from transformers import Trainer, TrainingArguments

from foldformer.config import Params
from foldformer.data import Batch, DatasetReader, Instance
from foldformer.models import Model
from foldformer.text import Vocabulary

REVIEWS = [("a warm and generous film", "good"), ("dull and long", "bad"), ("the jokes land", "good"), ("lazy", "bad")]
CONFIG = Path(__file__).parents[1] / "training_configs" / "text_classification.jsonnet"


def make_parts(model_name: str) -> tuple[Model, list[Instance]]:
    """Build the model of the experiment file, and instances."""
    config = Params.from_file(CONFIG, ext_vars={"MODEL_NAME": model_name, "DATA": ""})
    reader = DatasetReader.from_params(config["dataset_reader"])
    instances = [reader.text_to_instance(text, label) for text, label in REVIEWS]
    for instance in instances:
        reader.apply_token_indexers(instance)
    vocab = Vocabulary.from_instances(instances)
    return Model.from_params(config["model"], vocab=vocab), instances


def collate(instances: list[Instance], vocab: Vocabulary) -> dict[str, Any]:
    """Make the tensors that the model takes."""
    batch = Batch(instances)
    batch.index_instances(vocab)
    return batch.as_tensor_dict()


def main(model_name: str, folder: Path) -> tuple[float, float]:
    """Train; gives the loss before and after."""
    model, instances = make_parts(model_name)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            str(folder),
            num_train_epochs=30,
            per_device_train_batch_size=2,
            learning_rate=3e-3,
            label_names=["label"],
            remove_unused_columns=False,
            report_to="none",
            save_strategy="no",
            use_cpu=True,
        ),
        train_dataset=instances,
        eval_dataset=instances,
        data_collator=lambda chosen: collate(chosen, model.vocab),
    )
    before = trainer.evaluate()["eval_loss"]
    trainer.train()
    return before, trainer.evaluate()["eval_loss"]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        print("loss before and after:", *main(sys.argv[1], Path(temporary)))
