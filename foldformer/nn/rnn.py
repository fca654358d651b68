"""Run torch's recurrent networks over padded batches: any row order, empty rows, optional memory between batches."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from foldformer.config import ConfigurationError
from foldformer.nn.masks import has_holes, left_align, reorder, sequence_lengths

RnnState = Tensor | tuple[Tensor, ...]
"""Hidden state; for LSTMs hidden and cell state. (layers * directions, batch, hidden_size) each"""


class RecurrentNetwork(Protocol):
    """torch's LSTM, GRU or RNN, batch first, or a network that takes and gives packed sequences as these do."""

    input_size: int
    hidden_size: int

    def __call__(self, packed: Any, state: Any = None, /) -> Any:
        """Run over packed sequences; gives outputs, packed, and states."""


def is_bidirectional(module: RecurrentNetwork) -> bool:
    """Whether a network reads in both directions."""
    return bool(getattr(module, "bidirectional", False))


def check_batch_first(module: RecurrentNetwork) -> None:
    """Make sure that the first dimension of what a network takes is the batch.

    Raises:
        ConfigurationError: It is not.
    """
    if not getattr(module, "batch_first", True):
        raise ConfigurationError(f"{type(module).__name__}: got batch_first=False; expected True")


class RnnOutput(NamedTuple):
    """What a recurrent network gives for a batch."""

    vectors: Tensor
    """Zero where padded. (batch, positions, directions * hidden_size)"""
    states: tuple[Tensor, ...]
    """After the last real position; zero in empty rows. (layers * directions, batch, hidden_size) each"""


def run_rnn(module: RecurrentNetwork, inputs: Tensor, mask: Tensor | None, state: RnnState | None = None) -> RnnOutput:
    """Run a batch-first recurrent network over the real positions of each row, and over nothing else.

    Args:
        module: The network.
        inputs: (batch, positions, input_size)
        mask: True where real; None: everywhere. Holes are stepped over. (batch, positions)
        state: State to begin with; None: zeros.

    Returns:
        Vectors and states, in the order of `inputs`.
    """
    mask = torch.ones(inputs.shape[:2], dtype=torch.bool, device=inputs.device) if mask is None else mask.bool()
    length = inputs.size(1)
    order = left_align(mask) if has_holes(mask) else None
    if order is not None:
        inputs = reorder(inputs, order)
    lengths = sequence_lengths(mask)
    if not lengths.all():
        # torch packs no empty rows: they take one step over zeros, whose outcome is thrown away. So the weights get
        # their (zero) gradients even from a batch of nothing but empty rows.
        inputs = nn.functional.pad(inputs.masked_fill((lengths == 0).view(-1, 1, 1), 0.0), (0, 0, 0, int(length == 0)))
    packed = pack_padded_sequence(inputs, lengths.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False)
    run, states = module(packed, state)
    vectors, _ = pad_packed_sequence(run, batch_first=True, total_length=inputs.size(1))
    vectors = vectors[:, :length]
    if order is not None:
        vectors = torch.zeros_like(vectors).scatter(1, order.unsqueeze(-1).expand_as(vectors), vectors)
    is_empty = (lengths == 0).view(1, -1, 1)
    states = states if isinstance(states, tuple) else (states,)
    return RnnOutput(
        vectors.masked_fill(is_empty.view(-1, 1, 1), 0.0), tuple(each.masked_fill(is_empty, 0.0) for each in states)
    )


def last_layer_state(module: RecurrentNetwork, output: RnnOutput) -> Tensor:
    """Take the last layer's hidden state, forward and backward side by side.

    Returns:
        (batch, directions * hidden_size)
    """
    directions = 2 if is_bidirectional(module) else 1
    return output.states[0][-directions:].transpose(0, 1).flatten(1)


class RnnMemory:
    """Keep the states of a batch's rows for the next batch, which goes on with the same texts."""

    def __init__(self) -> None:
        self.states: tuple[Tensor, ...] | None = None

    def recall(self, batch_size: int) -> RnnState | None:
        """Give the states that the first rows ended with; zeros for rows that were never there.

        Args:
            batch_size: How many rows.
        """
        if self.states is None:
            return None
        grown = tuple(_grown_to(state, batch_size)[:, :batch_size] for state in self.states)
        return grown[0].contiguous() if len(grown) == 1 else tuple(state.contiguous() for state in grown)

    def remember(self, states: Sequence[Tensor], mask: Tensor) -> None:
        """Store the states of the rows that were not empty; the others keep what they had.

        Args:
            states: As `run_rnn` gives them.
            mask: True where real. (batch, positions)
        """
        batch_size = mask.size(0)
        ran = mask.bool().any(dim=1).view(1, -1, 1)
        before = self.states or tuple(torch.zeros_like(state) for state in states)
        after = []
        for old, new in zip(before, states, strict=True):
            grown = _grown_to(old, batch_size)
            kept = torch.where(ran, new, grown[:, :batch_size])
            after.append(torch.cat([kept, grown[:, batch_size:]], dim=1).detach())
        self.states = tuple(after)

    def forget(self, rows: Tensor | None = None) -> None:
        """Begin anew.

        Args:
            rows: True for the rows to forget; None: all. (batch,)

        Raises:
            ValueError: `rows` has another size than the remembered batch.
        """
        if rows is None or self.states is None:
            self.states = None
            return
        size = self.states[0].size(1)
        if rows.numel() != size:
            raise ValueError(f"reset_states: got a mask of {rows.numel()} rows; expected {size}, the remembered batch")
        self.states = tuple(state.masked_fill(rows.bool().view(1, -1, 1), 0.0) for state in self.states)


def memories_of(model: nn.Module) -> list[RnnMemory]:
    """Everything in a model that is kept from batch to batch."""
    return [each for module in model.modules() for each in vars(module).values() if isinstance(each, RnnMemory)]


RnnNonlinearity = Literal["tanh", "relu"]


def _grown_to(state: Tensor, batch_size: int) -> Tensor:
    missing = batch_size - state.size(1)
    return nn.functional.pad(state, (0, 0, 0, missing)) if missing > 0 else state
