"""One layer of long short-term memory whose hidden state is a projection of its output."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from foldformer.nn.functions.sequences import get_dropout_mask, get_mask_from_sequence_lengths
from foldformer.nn.initializers.structured import BlockOrthogonalInitializer
from foldformer.nn.lstm.augmented import States


class LstmCellWithProjection(nn.Module):
    """Read sequences in one direction: `c = i m + f c'`, `h = P (o tanh c)`, with `c` and `h` cut off at bounds.

    `i`, `f` and `o` are sigmoids, and `m` a tanh, of linear functions of the input and of the `h` before.

    Source: Sak et al., Long short-term memory recurrent neural network architectures for large scale acoustic modeling,
    2014; without peepholes.

    Args:
        input_size: Width of the input.
        hidden_size: Width of the projected state.
        cell_size: Width of the memory cell.
        go_forward: From the first position to the last; otherwise back.
        recurrent_dropout_probability: Dropout on hidden states, the same at every step; fraction in [0, 1).
        memory_cell_clip_value: Bound on `c`; None or 0: none.
        state_projection_clip_value: Bound on `h`; None or 0: none.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        cell_size: int,
        go_forward: bool = True,
        recurrent_dropout_probability: float = 0.0,
        memory_cell_clip_value: float | None = None,
        state_projection_clip_value: float | None = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.cell_size = cell_size
        self.go_forward = go_forward
        self.recurrent_dropout_probability = recurrent_dropout_probability
        self.memory_cell_clip_value = memory_cell_clip_value
        self.state_projection_clip_value = state_projection_clip_value
        self.input_linearity = nn.Linear(input_size, 4 * cell_size, bias=False)
        self.state_linearity = nn.Linear(hidden_size, 4 * cell_size)
        self.state_projection = nn.Linear(cell_size, hidden_size, bias=False)
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draw the weights of the gates anew; the cell remembers at first."""
        BlockOrthogonalInitializer([self.cell_size, self.input_size])(self.input_linearity.weight)
        BlockOrthogonalInitializer([self.cell_size, self.hidden_size])(self.state_linearity.weight)
        nn.init.zeros_(self.state_linearity.bias)
        nn.init.ones_(self.state_linearity.bias[self.cell_size : 2 * self.cell_size])

    def forward(
        self, inputs: Tensor, batch_lengths: Sequence[int] | Tensor, initial_state: States | None = None
    ) -> tuple[Tensor, States]:
        """Read.

        Args:
            inputs: The longest sequence first. (batch, positions, input_size)
            batch_lengths: Real positions of each sequence.
            initial_state: Hidden state and memory to begin with; None: zeros.
                (1, batch, hidden_size) and (1, batch, cell_size)

        Returns:
            Hidden states, zero where padded, (batch, positions, hidden_size); and hidden state and memory after the
            last step, as `initial_state`.

        Raises:
            ValueError: The sequences are not in the order of their lengths.
        """
        lengths = torch.as_tensor(batch_lengths)
        if (lengths.diff() > 0).any():
            raise ValueError(f"batch_lengths: got {lengths.tolist()}; expected the longest sequence first")
        is_real = get_mask_from_sequence_lengths(lengths, inputs.size(1)).t()
        sizes = is_real.sum(1).tolist()
        # Real positions alone, step by step: the rows that still run are the first ones of the batch.
        is_real = is_real.to(inputs.device)
        steps = self.input_linearity(inputs.transpose(0, 1)[is_real]).split(sizes)
        outputs, states = self._run(steps, self._first_states(inputs, initial_state))
        hidden = inputs.new_zeros(inputs.size(1), inputs.size(0), self.hidden_size)
        hidden[is_real] = torch.cat(outputs) if outputs else hidden[is_real]
        return hidden.transpose(0, 1), (states[0].unsqueeze(0), states[1].unsqueeze(0))

    def _first_states(self, inputs: Tensor, initial_state: States | None) -> States:
        if initial_state is not None:
            return initial_state[0].squeeze(0), initial_state[1].squeeze(0)
        rows = len(inputs)
        return inputs.new_zeros(rows, self.hidden_size), inputs.new_zeros(rows, self.cell_size)

    def _run(self, steps: Sequence[Tensor], states: States) -> tuple[list[Tensor], States]:
        """Take the steps of one direction; returns hidden states in the order of positions, and the last states."""
        hidden, memory = states
        dropout = None
        if self.recurrent_dropout_probability > 0 and self.training:
            dropout = get_dropout_mask(self.recurrent_dropout_probability, hidden)
        outputs = []
        for from_input in _in_order(steps, self.go_forward):
            rows = len(from_input)
            output, new_memory = self._step(from_input, hidden[:rows], memory[:rows])
            if dropout is not None:
                output = output * dropout[:rows]
            hidden, memory = _first_rows_replaced(hidden, output), _first_rows_replaced(memory, new_memory)
            outputs.append(output)
        return outputs if self.go_forward else outputs[::-1], (hidden, memory)

    def _step(self, from_input: Tensor, hidden: Tensor, memory: Tensor) -> States:
        entering, forget, candidate, leaving = (from_input + self.state_linearity(hidden)).chunk(4, dim=-1)
        memory = entering.sigmoid() * candidate.tanh() + forget.sigmoid() * memory
        memory = _bounded(memory, self.memory_cell_clip_value)
        output = self.state_projection(leaving.sigmoid() * memory.tanh())
        return _bounded(output, self.state_projection_clip_value), memory


def _in_order(steps: Sequence[Tensor], go_forward: bool) -> Iterable[Tensor]:
    return (step for step in (steps if go_forward else reversed(steps)) if len(step))


def _bounded(values: Tensor, bound: float | None) -> Tensor:
    return values.clamp(-bound, bound) if bound else values


def _first_rows_replaced(values: Tensor, first: Tensor) -> Tensor:
    return first if len(first) == len(values) else torch.cat([first, values[len(first) :]])
