"""The embedder as one module of a plain PyTorch model: tell the two senses of "bank" apart.

Run it with any model: `python examples/plain_pytorch.py NAME_OR_FOLDER`.
"""

import sys
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from embedders import TokenEmbedder
from foldformer.config import Params
from foldformer.data import Batch, Instance, TextField
from foldformer.text import Token, Vocabulary
from indexers import TokenIndexer

SENTENCES = [
    ("the bank lends money to small firms", 0),
    ("we sat on the bank and watched the river", 1),
    ("she paid the loan back to her bank", 0),
    ("the boat drifted towards the muddy bank", 1),
]


class SenseClassifier(nn.Module):
    """Classify the word "bank" from its contextual vector.

    Args:
        embedder: Any token embedder that gives one vector a word.
        num_senses: How many senses there are.
    """

    def __init__(self, embedder: TokenEmbedder, num_senses: int) -> None:
        super().__init__()
        self.embedder = embedder
        self.classify = nn.Linear(embedder.get_output_dim(), num_senses)

    def forward(self, positions: Tensor, **tensors: Tensor) -> Tensor:
        """Score the senses of the words at `positions`. (batch,) -> (batch, senses)"""
        words = self.embedder(**tensors)  # (batch, words, dim)
        logits: Tensor = self.classify(words[torch.arange(len(positions)), positions])
        return logits


def train(model_name: str, num_steps: int = 20) -> list[float]:
    """Train on all sentences at once and return the loss of every step."""
    torch.manual_seed(0)
    params = Params.from_file(Path(__file__).with_suffix(".jsonnet"), ext_vars={"MODEL_NAME": model_name})
    indexer = TokenIndexer.from_params(params.pop("indexer"))
    model = SenseClassifier(TokenEmbedder.from_params(params.pop("embedder")), num_senses=2)

    texts = [sentence.split() for sentence, _ in SENTENCES]
    batch = Batch(
        [Instance({"text": TextField([Token(word) for word in words], {"words": indexer})}) for words in texts]
    )
    batch.index_instances(Vocabulary())
    tensors = batch.as_tensor_dict()["text"]["words"]
    positions = torch.tensor([words.index("bank") for words in texts])
    senses = torch.tensor([sense for _, sense in SENTENCES])

    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(num_steps):
        loss = cross_entropy(model(positions, **tensors), senses)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


if __name__ == "__main__":
    all_losses = train(sys.argv[1])
    print(f"loss of the first step {all_losses[0]:.3f}, of the last {all_losses[-1]:.3f}")
