"""The embedder in a Lightning module: trained, saved, reloaded, and frozen as a feature extractor.

Run it with any model: `python examples/lightning_features.py NAME_OR_FOLDER`. Needs `pip install 'foldformer[train]'`.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import lightning
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader

from embedders import TokenEmbedder
from foldformer.config import Params
from foldformer.data import Batch, Instance, TextField
from foldformer.text import Tokenizer, Vocabulary
from indexers import TokenIndexer

REVIEWS = [
    ("a warm and generous film that never stops moving", 1),
    ("dull from the beginning and longer than the river", 0),
    ("the quick jokes land and the end is a delight", 1),
    ("two lazy hours of nothing", 0),
]
CONFIG = Path(__file__).with_suffix(".jsonnet")


class ReviewClassifier(lightning.LightningModule):
    """Classify a text by the mean of its wordpiece vectors.

    Args:
        model_name: Folder or name of the transformer.
        overrides: Patches of the experiment file, by dotted path.
    """

    def __init__(self, model_name: str, overrides: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.save_hyperparameters()
        params = Params.from_file(CONFIG, overrides or {}, ext_vars={"MODEL_NAME": model_name})
        self.tokenizer = Tokenizer.from_params(params.pop("tokenizer"))
        self.indexer = TokenIndexer.from_params(params.pop("indexer"))
        self.embedder = TokenEmbedder.from_params(params.pop("embedder"))
        self.classify = nn.Linear(self.embedder.get_output_dim(), 2)

    def collate(self, reviews: list[tuple[str, int]]) -> tuple[dict[str, Tensor], Tensor]:
        """Tokenize, index and pad."""
        fields = [TextField(self.tokenizer.tokenize(text), {"pieces": self.indexer}) for text, _ in reviews]
        batch = Batch([Instance({"text": field}) for field in fields])
        batch.index_instances(Vocabulary())
        return batch.as_tensor_dict()["text"]["pieces"], torch.tensor([label for _, label in reviews])

    def features(self, tensors: dict[str, Tensor]) -> Tensor:
        """Embed texts. (batch, dim)"""
        mask = tensors["mask"].unsqueeze(-1)
        return (self.embedder(**tensors) * mask).sum(1) / mask.sum(1)

    def training_step(self, batch: tuple[dict[str, Tensor], Tensor], _index: int) -> Tensor:
        """Return the loss of one batch."""
        tensors, labels = batch
        loss = cross_entropy(self.classify(self.features(tensors)), labels)
        self.log("loss", loss)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Train whatever is not frozen."""
        return torch.optim.AdamW([p for p in self.parameters() if p.requires_grad], lr=1e-3)


def train(model: ReviewClassifier, folder: Path, num_epochs: int) -> float:
    """Train on the reviews and return the last loss."""
    loader = DataLoader(REVIEWS, batch_size=4, collate_fn=model.collate)
    trainer = lightning.Trainer(
        max_epochs=num_epochs, accelerator="cpu", default_root_dir=folder, logger=False, log_every_n_steps=1,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(model, loader)
    trainer.save_checkpoint(folder / "trained.ckpt")
    return float(trainer.callback_metrics["loss"])


def reload_frozen(checkpoint: Path) -> ReviewClassifier:
    """Load a checkpoint with its transformer frozen: no gradients, no dropout, and no graph while it runs."""
    return ReviewClassifier.load_from_checkpoint(
        checkpoint, overrides={"embedder.train_parameters": False}, weights_only=False
    )


def main(model_name: str, folder: Path) -> tuple[float, float]:
    """Train everything, then only what stands on the frozen features; return both losses."""
    lightning.seed_everything(0, verbose=False)
    loss = train(ReviewClassifier(model_name), folder, num_epochs=5)
    frozen = reload_frozen(folder / "trained.ckpt")
    return loss, train(frozen, folder, num_epochs=20)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        print(
            "loss after training {:.3f}, after more on frozen features {:.3f}".format(
                *main(sys.argv[1], Path(temporary))
            )
        )
