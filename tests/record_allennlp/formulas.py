"""Formulas of weights and inputs, and what is recorded of every module."""

import json
import random

import torch
from allennlp.common import Params
from allennlp.data import Vocabulary
from allennlp.models import Model
from allennlp.modules import FeedForward, Seq2SeqEncoder, Seq2VecEncoder, TextFieldEmbedder, TokenEmbedder
from allennlp.modules.conditional_random_field.conditional_random_field import allowed_transitions

BASES = {cls.__name__: cls for cls in (Seq2SeqEncoder, Seq2VecEncoder, TokenEmbedder, TextFieldEmbedder, Model)}
BASES["FeedForward"] = FeedForward
SCHEMES = {
    "BIO": ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"],
    "IOB1": ["O", "I-PER", "B-PER", "I-LOC", "B-LOC"],
    "BIOUL": ["O", "B-PER", "I-PER", "L-PER", "U-PER", "B-LOC", "I-LOC", "L-LOC", "U-LOC"],
    "BMES": ["B-PER", "M-PER", "E-PER", "S-PER", "B-LOC", "M-LOC", "E-LOC", "S-LOC"],
}
FIXED = ("_constraint_mask", "label_weights", "position_ids")


def wave(*shape, start=0):
    """Fixed numbers that look random: cos(1.3 i)."""
    count = torch.Size(shape).numel()
    return torch.cos(1.3 * torch.arange(start, start + count, dtype=torch.float64)).float().view(*shape)


def fill(module):
    """Set the weights to 0.4 sin(0.37 i), counting through all of them in the order of their names."""
    start = 0
    for name, values in sorted(module.state_dict().items()):
        if not name.endswith(FIXED):
            numbers = torch.arange(start, start + values.numel(), dtype=torch.float64)
            values.copy_((0.4 * torch.sin(0.37 * numbers)).view_as(values))
            start += values.numel()
    return module.eval()


def mask_of(lengths, size):
    return torch.arange(size).unsqueeze(0) < torch.tensor(lengths).unsqueeze(1)


def plain(value):
    if isinstance(value, torch.Tensor):
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def shapes(module):
    return {name: list(values.shape) for name, values in sorted(module.state_dict().items())}


def gradient_norms(module, loss):
    module.zero_grad()
    loss.backward()
    found = {name: each.grad.norm().item() for name, each in module.named_parameters() if each.grad is not None}
    return dict(sorted(found.items()))


def build(base, config, **extras):
    """Build from a copy, since AllenNLP takes its parameters apart."""
    return base.from_params(Params(json.loads(json.dumps(config))), **extras)


def vocabulary(labels=("pos", "neg", "none"), extra=()):
    words = [f"w{number}" for number in range(8)]
    return {"tokens": words, "token_characters": list("abcdef"), "labels": list(labels), **dict(extra)}


def make_vocabulary(tokens):
    return Vocabulary(tokens_to_add=tokens)


def random_tags(scheme, rows, positions, seed):
    """Sequences that the scheme allows, by a walk along allowed transitions."""
    labels = SCHEMES[scheme]
    allowed = set(allowed_transitions(scheme, dict(enumerate(labels))))
    chooser, start, end = random.Random(seed), len(labels), len(labels) + 1
    sequences = []
    while len(sequences) < rows:
        tags = []
        for _ in range(positions):
            before = tags[-1] if tags else start
            tags.append(chooser.choice([tag for tag in range(len(labels)) if (before, tag) in allowed]))
        if (tags[-1], end) in allowed:
            sequences.append(tags)
    return torch.tensor(sequences)


def one_hot(tags, classes):
    return torch.nn.functional.one_hot(tags, classes).float()
