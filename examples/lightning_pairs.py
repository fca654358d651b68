"""Fine-tune a transformer on pairs of sentences in Lightning, then use it frozen as a feature extractor.

Run it with any model: `python examples/lightning_pairs.py NAME_OR_FOLDER`. Needs `pip install 'foldformer[train]'`.
"""

import sys
import tempfile
from pathlib import Path

import lightning
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader
from torchmetrics.classification import MulticlassAccuracy
from transformers import AutoTokenizer, get_linear_schedule_with_warmup

from embedders import PretrainedTransformerEmbedder

LABELS = ["entailment", "neutral", "contradiction"]
PAIRS = [
    ("the quick brown fox jumps over the lazy dog", "a fox jumps", "entailment"),
    ("the quick brown fox jumps over the lazy dog", "the dog is brown", "neutral"),
    ("the quick brown fox jumps over the lazy dog", "nothing moves", "contradiction"),
    ("the bank lends money and the river has a bank as well " * 20, "there are two banks", "entailment"),
    ("a river runs by the bank", "the bank lends money", "neutral"),
    ("a river runs by the bank", "there is no river", "contradiction"),
]
Tensors = dict[str, Tensor]


class PairClassifier(lightning.LightningModule):
    """Classify a pair by the vector of its first special token.

    Pairs that are longer than the transformer's positions are folded.

    Args:
        model_name: Folder or name of the transformer.
        max_length: Longest segment, special tokens included.
        num_steps: Steps of the whole training, for the learning rate.
    """

    def __init__(self, model_name: str, max_length: int = 64, num_steps: int = 100) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.num_steps = num_steps
        self.tokenizer = AutoTokenizer.from_pretrained(model_name)
        self.embedder = PretrainedTransformerEmbedder(model_name, max_length=max_length)
        self.classify = nn.Linear(self.embedder.get_output_dim(), len(LABELS))
        self.accuracy = MulticlassAccuracy(len(LABELS), average="micro")

    def collate(self, pairs: list[tuple[str, str, str]]) -> tuple[Tensors, Tensor]:
        """Tokenize and pad, truncating nothing."""
        premises, hypotheses, labels = zip(*pairs, strict=True)
        batch = self.tokenizer(
            list(premises), list(hypotheses), padding=True, truncation=False, return_tensors="pt", verbose=False
        )
        return dict(batch), torch.tensor([LABELS.index(label) for label in labels])

    def features(self, tensors: Tensors) -> Tensor:
        """Embed pairs. (batch, dim)"""
        h: Tensor = self.embedder(**tensors)
        return h[:, 0]

    def forward(self, tensors: Tensors) -> Tensor:
        """Score the labels. (batch, labels)"""
        logits: Tensor = self.classify(self.features(tensors))
        return logits

    def attentions(self, tensors: Tensors) -> tuple[Tensor, ...] | None:
        """Return who attends to whom, layer by layer. (segments, heads, width, width)"""
        return self.embedder.segment_outputs(**tensors, output_attentions=True).attentions

    def training_step(self, batch: tuple[Tensors, Tensor], _index: int) -> Tensor:
        """Return the loss of one batch."""
        tensors, labels = batch
        loss = cross_entropy(self(tensors), labels)
        self.log("loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch: tuple[Tensors, Tensor], _index: int) -> None:
        """Count what is right."""
        tensors, labels = batch
        self.accuracy(self(tensors), labels)
        self.log("accuracy", self.accuracy, prog_bar=True)

    def configure_optimizers(self) -> dict[str, object]:
        """Warm up, then let the learning rate fall to 0."""
        optimizer = torch.optim.AdamW([p for p in self.parameters() if p.requires_grad], lr=2e-3)
        schedule = get_linear_schedule_with_warmup(optimizer, self.num_steps // 10, self.num_steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class OnFrozenFeatures(lightning.LightningModule):
    """Train a linear layer on the features of a model that was trained before.

    Args:
        checkpoint: Of a `PairClassifier`.
        num_labels: How many labels there are.
    """

    def __init__(self, checkpoint: Path, num_labels: int) -> None:
        super().__init__()
        self.extractor = PairClassifier.load_from_checkpoint(checkpoint)
        self.extractor.freeze()  # no gradients, and no dropout: Lightning leaves what is in evaluation mode there
        self.classify = nn.Linear(self.extractor.embedder.get_output_dim(), num_labels)

    def training_step(self, batch: tuple[Tensors, Tensor], _index: int) -> Tensor:
        """Return the loss of one batch."""
        tensors, labels = batch
        loss = cross_entropy(self.classify(self.extractor.features(tensors)), labels)
        self.log("loss", loss)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Train the linear layer alone."""
        return torch.optim.AdamW(self.classify.parameters(), lr=1e-2)


def trainer_for(num_epochs: int) -> lightning.Trainer:
    """Make a trainer that keeps to itself."""
    return lightning.Trainer(
        max_epochs=num_epochs, accelerator="cpu", logger=False, log_every_n_steps=1,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip


def fine_tune(model_name: str, folder: Path, num_epochs: int = 40) -> tuple[PairClassifier, float]:
    """Train everything; return the model, which is saved, and its accuracy."""
    lightning.seed_everything(0, verbose=False)
    model = PairClassifier(model_name, num_steps=num_epochs)
    loader = DataLoader(PAIRS, batch_size=len(PAIRS), collate_fn=model.collate)
    trainer = trainer_for(num_epochs)
    trainer.fit(model, loader, loader)
    trainer.save_checkpoint(folder / "pairs.ckpt")
    return model, float(trainer.callback_metrics["accuracy"])


def train_on_features(checkpoint: Path, num_epochs: int = 20) -> tuple[OnFrozenFeatures, float]:
    """Tell pairs that follow from others apart, on frozen features; return the model and its last loss."""
    model = OnFrozenFeatures(checkpoint, num_labels=len(LABELS))
    loader = DataLoader(PAIRS, batch_size=len(PAIRS), collate_fn=model.extractor.collate)
    trainer = trainer_for(num_epochs)
    trainer.fit(model, loader)
    return model, float(trainer.callback_metrics["loss"])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        print("accuracy of the fine-tuned model:", fine_tune(sys.argv[1], Path(temporary))[1])
        print("loss on its frozen features:", train_on_features(Path(temporary) / "pairs.ckpt")[1])
