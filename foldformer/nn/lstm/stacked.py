"""Several layers of long short-term memory."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from foldformer.config import ConfigurationError
from foldformer.nn.layers import InputVariationalDropout
from foldformer.nn.lstm.augmented import AugmentedLstm, States


class StackedBidirectionalLstm(nn.Module):
    """Read sequences in both directions, layer by layer; a layer sees both directions of the one below.

    Args:
        input_size: Width of the input.
        hidden_size: Width of the state of each direction.
        num_layers: How many layers.
        recurrent_dropout_probability: Dropout on hidden states, the same at every step; fraction in [0, 1).
        layer_dropout_probability: Dropout between layers, the same at every step; fraction in [0, 1).
        use_highway: Let projections of the input pass.
    """

    bidirectional = True

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        recurrent_dropout_probability: float = 0.0,
        layer_dropout_probability: float = 0.0,
        use_highway: bool = True,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        for number in range(num_layers):
            width = input_size if number == 0 else 2 * hidden_size
            for name, go_forward in (("forward", True), ("backward", False)):
                layer = AugmentedLstm(width, hidden_size, go_forward, recurrent_dropout_probability, use_highway, False)
                self.add_module(f"{name}_layer_{number}", layer)
        self.layer_dropout = InputVariationalDropout(layer_dropout_probability)

    def forward(self, inputs: PackedSequence, initial_state: States | None = None) -> tuple[PackedSequence, States]:
        """Read.

        Args:
            inputs: Packed sequences.
            initial_state: To begin with, for each layer; None: zeros. (layers, batch, hidden size) each

        Returns:
            Outputs, packed, and the states after the last step. (2 * layers, batch, hidden size) each

        Raises:
            ConfigurationError: There are states for another number of layers.
        """
        finals: list[States] = []
        for number, state in enumerate(_by_layer(initial_state, self.num_layers)):
            runs = [getattr(self, f"{name}_layer_{number}")(inputs, state) for name in ("forward", "backward")]
            both, lengths = zip(*(pad_packed_sequence(run, batch_first=True) for run, _ in runs), strict=True)
            outputs: Tensor = torch.cat(both, dim=-1)
            if number < self.num_layers - 1:
                outputs = self.layer_dropout(outputs)
            inputs = pack_padded_sequence(outputs, lengths[0], batch_first=True, enforce_sorted=False)
            finals += [final for _, final in runs]
        return inputs, _together(finals)


class StackedAlternatingLstm(nn.Module):
    """Read sequences layer by layer, forwards, backwards, forwards, ...

    Args:
        input_size: Width of the input.
        hidden_size: Width of the state.
        num_layers: How many layers.
        recurrent_dropout_probability: Dropout on hidden states, the same at every step; fraction in [0, 1).
        use_highway: Let projections of the input pass.
        use_input_projection_bias: Learn biases of the input too.
    """

    bidirectional = False

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        recurrent_dropout_probability: float = 0.0,
        use_highway: bool = True,
        use_input_projection_bias: bool = True,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        for number in range(num_layers):
            layer = AugmentedLstm(
                hidden_size if number else input_size,
                hidden_size,
                number % 2 == 0,
                recurrent_dropout_probability,
                use_highway,
                use_input_projection_bias,
            )
            self.add_module(f"layer_{number}", layer)

    def forward(self, inputs: PackedSequence, initial_state: States | None = None) -> tuple[PackedSequence, States]:
        """Read.

        Args:
            inputs: Packed sequences.
            initial_state: To begin with, for each layer; None: zeros. (layers, batch, hidden size) each

        Returns:
            Outputs, packed, and the states after the last step. (layers, batch, hidden size) each

        Raises:
            ConfigurationError: There are states for another number of layers.
        """
        finals: list[States] = []
        for number, state in enumerate(_by_layer(initial_state, self.num_layers)):
            inputs, final = getattr(self, f"layer_{number}")(inputs, state)
            finals.append(final)
        return inputs, _together(finals)


def _by_layer(states: States | None, num_layers: int) -> list[States | None]:
    if states is None:
        return [None] * num_layers
    if len(states[0]) != num_layers:
        raise ConfigurationError(f"initial_state: got states for {len(states[0])} layers; expected {num_layers}")
    return [(states[0][number, None], states[1][number, None]) for number in range(num_layers)]


def _together(states: list[States]) -> States:
    hidden, memory = zip(*states, strict=True)
    return torch.cat(hidden), torch.cat(memory)
