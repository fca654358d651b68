"""A tagger of an experiment file inside a Lightning module of your own.

Run it: `python examples/model_in_lightning.py NAME_OR_FOLDER WIDTH`. Needs `pip install 'foldformer[train]'`.
"""

import sys
from functools import partial
from pathlib import Path
from typing import Any

import lightning
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from foldformer.config import Params
from foldformer.data import Batch, DatasetReader, Instance
from foldformer.models import Model
from foldformer.text import Token, Vocabulary

SENTENCES = [
    [("The", "DET"), ("fox", "NOUN"), ("jumps", "VERB")],
    [("A", "DET"), ("dog", "NOUN"), ("stops", "VERB"), (".", "PUNCT")],
]
CONFIG = Path(__file__).parents[1] / "training_configs" / "pos_tagging.jsonnet"


class Tagger(lightning.LightningModule):
    """Train a model with a loop that you control.

    Args:
        model: Gives `loss` where there are labels.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:  # noqa: ARG002
        """Compute the loss."""
        loss: Tensor = self.model(**batch)["loss"]
        return loss

    def on_train_epoch_end(self) -> None:
        """Read the metrics that the model has counted."""
        self.log_dict(self.model.get_metrics(reset=True))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Train everything alike."""
        return torch.optim.AdamW(self.parameters(), lr=1e-3)


def make_parts(model_name: str, width: int) -> tuple[Model, list[Instance]]:
    """Build the model of the experiment file, and instances."""
    variables = {"MODEL_NAME": model_name, "MODEL_DIM": str(width), "DATA": ""}
    config = Params.from_file(CONFIG, ext_vars=variables)
    reader = DatasetReader.from_params(config["dataset_reader"])
    instances = [
        reader.text_to_instance([Token(word) for word, _ in pairs], [tag for _, tag in pairs]) for pairs in SENTENCES
    ]
    for instance in instances:
        reader.apply_token_indexers(instance)
    vocab = Vocabulary.from_instances(instances)
    return Model.from_params(config["model"], vocab=vocab), instances


def collate(instances: list[Instance], vocab: Vocabulary) -> dict[str, Any]:
    """Make the tensors that the model takes."""
    batch = Batch(instances)
    batch.index_instances(vocab)
    return batch.as_tensor_dict()


def main(model_name: str, width: int) -> float:
    """Train; gives the accuracy of the last epoch."""
    lightning.seed_everything(0)
    model, instances = make_parts(model_name, width)
    loader = DataLoader(instances, batch_size=2, collate_fn=partial(collate, vocab=model.vocab))
    trainer = lightning.Trainer(
        max_epochs=30, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False
    )
    trainer.fit(Tagger(model), loader)
    return float(trainer.callback_metrics["accuracy"])


if __name__ == "__main__":
    print("accuracy:", main(sys.argv[1], int(sys.argv[2])))
