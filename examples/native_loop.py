"""A classifier of an experiment file in a training loop of your own: schedule, progress bar, accuracy.

Run it: `python examples/native_loop.py NAME_OR_FOLDER`.
"""

import sys
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from tqdm.auto import tqdm
from transformers import get_scheduler

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


def train(model: Model, loader: DataLoader[Instance], num_epochs: int) -> None:
    """Train with a learning rate that falls to 0."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    num_steps = num_epochs * len(loader)
    schedule = get_scheduler("linear", optimizer, num_warmup_steps=0, num_training_steps=num_steps)
    progress_bar = tqdm(total=num_steps)
    model.train()
    for _ in range(num_epochs):
        for batch in loader:
            outputs = model(**batch)
            outputs.loss.backward()
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            progress_bar.update(1)
            progress_bar.set_postfix(loss=outputs.loss.item())
    progress_bar.close()


def evaluate(model: Model, loader: DataLoader[Instance]) -> float:
    """Return the accuracy."""
    model.eval()
    num_right = num_all = 0
    for batch in loader:
        with torch.no_grad():
            outputs = model(**batch)
        predictions = outputs.logits.argmax(dim=-1)
        num_right += int((predictions == batch["label"]).sum())
        num_all += len(predictions)
    return num_right / num_all


def main(model_name: str, num_epochs: int = 20) -> tuple[float, float]:
    """Train; gives the accuracy before and after."""
    torch.manual_seed(0)
    model, instances = make_parts(model_name)
    loader = DataLoader(instances, batch_size=2, shuffle=True, collate_fn=partial(collate, vocab=model.vocab))
    before = evaluate(model, loader)
    train(model, loader, num_epochs)
    return before, evaluate(model, loader)


if __name__ == "__main__":
    print("accuracy before and after:", *main(sys.argv[1]))
