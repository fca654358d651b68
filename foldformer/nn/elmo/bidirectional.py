"""The recurrent half of an ELMo: two stacks of long short-term memory, one in each direction."""

import os

import torch
from torch import Tensor, nn

from foldformer.config import ConfigurationError
from foldformer.nn.elmo.lstm_cell import LstmCellWithProjection
from foldformer.nn.elmo.weights import cell_name, lstm_shapes, put, read_weights, torch_gates
from foldformer.nn.functions.sequences import sort_batch_by_length
from foldformer.nn.lstm.augmented import States
from foldformer.nn.rnn import RnnMemory


class ElmoLstm(nn.Module):
    """Read sequences in both directions, which never see each other; from the second layer on, output adds to input.

    Rows begin with the states that the rows of the last batch ended with, in training and out of it, as the model was
    trained. So a batch that comes a second time gets other vectors than at first.
    `reset_states` begins anew; `stateful = False` forgets always.

    Args:
        input_size: Width of the input.
        hidden_size: Width of the state of each direction.
        cell_size: Width of a memory cell.
        num_layers: How many layers.
        requires_grad: Train the weights that `load_weights` reads.
        recurrent_dropout_probability: Dropout on hidden states, the same at every step; fraction in [0, 1).
        memory_cell_clip_value: Bound on memory cells; None or 0: none.
        state_projection_clip_value: Bound on hidden states; None or 0: none.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        cell_size: int,
        num_layers: int,
        requires_grad: bool = False,
        recurrent_dropout_probability: float = 0.0,
        memory_cell_clip_value: float | None = None,
        state_projection_clip_value: float | None = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.cell_size = cell_size
        self.num_layers = num_layers
        self.requires_grad = requires_grad
        self.stateful = True
        self._memory = RnnMemory()
        clips = (memory_cell_clip_value, state_projection_clip_value)
        for number in range(num_layers):
            width = hidden_size if number else input_size
            for name, go_forward in (("forward", True), ("backward", False)):
                layer = LstmCellWithProjection(
                    width, hidden_size, cell_size, go_forward, recurrent_dropout_probability, *clips
                )
                self.add_module(f"{name}_layer_{number}", layer)

    @property
    def forward_layers(self) -> list[LstmCellWithProjection]:
        """The layers that read forwards."""
        return [getattr(self, f"forward_layer_{number}") for number in range(self.num_layers)]

    @property
    def backward_layers(self) -> list[LstmCellWithProjection]:
        """The layers that read backwards."""
        return [getattr(self, f"backward_layer_{number}") for number in range(self.num_layers)]

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """Read.

        Args:
            inputs: (batch, positions, input_size)
            mask: True where real, from the first position on. (batch, positions)

        Returns:
            Hidden states of each layer, forwards and backwards side by side, zero where padded.
            (layers, batch, positions, 2 * hidden_size)
        """
        ordered, lengths, back, order = sort_batch_by_length(inputs, mask.sum(dim=1))
        states = self._memory.recall(len(inputs)) if self.stateful else None
        first = None if states is None else (states[0].index_select(1, order), states[1].index_select(1, order))
        outputs, last = self._lstm_forward(ordered, lengths.cpu(), first)
        if self.stateful:
            self._memory.remember([state.index_select(1, back) for state in last], mask)
        return outputs.index_select(1, back)

    def reset_states(self, mask: Tensor | None = None) -> None:
        """Forget the last batch.

        Args:
            mask: True for the rows to forget; None: all. (batch,)

        Raises:
            ValueError: `mask` has another size than the remembered batch.
        """
        self._memory.forget(mask)

    def _lstm_forward(self, inputs: Tensor, lengths: Tensor, initial_state: States | None) -> tuple[Tensor, States]:
        """Read sequences in the order of their lengths, the longest first."""
        if initial_state is not None and len(initial_state[0]) != self.num_layers:
            raise ConfigurationError(
                f"initial_state: got states for {len(initial_state[0])} layers; expected {self.num_layers}"
            )
        currents = [inputs, inputs]
        outputs, finals = [], []
        for number, layers in enumerate(zip(self.forward_layers, self.backward_layers, strict=True)):
            firsts = self._by_direction(initial_state, number)
            runs = [layer(each, lengths, first) for layer, each, first in zip(layers, currents, firsts, strict=True)]
            before = currents if number else [0.0, 0.0]
            currents = [run + added for (run, _), added in zip(runs, before, strict=True)]
            outputs.append(torch.cat(currents, dim=-1))
            finals.append([torch.cat(pair, dim=-1) for pair in zip(*(final for _, final in runs), strict=True)])
        hidden, memory = zip(*finals, strict=True)
        return torch.stack(outputs), (torch.cat(hidden), torch.cat(memory))

    def _by_direction(self, states: States | None, layer: int) -> list[States | None]:
        if states is None:
            return [None, None]
        hidden, memory = states[0][layer, None].chunk(2, dim=-1), states[1][layer, None].chunk(2, dim=-1)
        return [(hidden[0], memory[0]), (hidden[1], memory[1])]

    def load_weights(self, weight_file: str | os.PathLike[str]) -> None:
        """Read the weights of all layers.

        Args:
            weight_file: An HDF5 file: path or URL.

        Raises:
            ConfigurationError: There is no such file, or its weights are of other widths.
        """
        shapes = lstm_shapes(self.input_size, self.hidden_size, self.cell_size, self.num_layers)
        stored = read_weights(weight_file, shapes)
        self.requires_grad_(self.requires_grad)
        for direction, layers in enumerate((self.forward_layers, self.backward_layers)):
            for number, layer in enumerate(layers):
                name = cell_name(direction, number)
                gates, bias = torch_gates(stored[f"{name}/W_0"].t()), torch_gates(stored[f"{name}/B"])
                bias[self.cell_size : 2 * self.cell_size] += 1  # TensorFlow adds it to the forget gate at every step
                parameters = {
                    "input_linearity.weight": gates[:, : layer.input_size],
                    "state_linearity.weight": gates[:, layer.input_size :],
                    "state_linearity.bias": bias,
                    "state_projection.weight": stored[f"{name}/W_P_0"].t(),
                }
                put(parameters, layer)
