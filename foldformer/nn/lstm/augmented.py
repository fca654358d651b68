"""One layer of long short-term memory, read forwards or backwards."""

import torch
from overrides import overrides
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from foldformer.nn.functions.sequences import get_dropout_mask
from foldformer.nn.initializers.structured import BlockOrthogonalInitializer

States = tuple[Tensor, Tensor]
"""Hidden and cell state. (1, batch, hidden size) each, or (batch, hidden size) within a layer"""


class AugmentedLSTMCell(nn.Module):
    """One step: the gates of an LSTM, and a gate that lets a projection of the input pass.

    Source: Zhang et al., Highway long short-term memory RNNs for distant speech recognition, 2016.

    Args:
        embed_dim: Width of the input.
        lstm_dim: Width of the state.
        use_highway: Let a projection of the input pass.
        use_bias: Learn biases of the input too.
    """

    def __init__(self, embed_dim: int, lstm_dim: int, use_highway: bool = True, use_bias: bool = True) -> None:
        super().__init__()
        self.embed_dim = embed_dim
        self.lstm_dim = lstm_dim
        self.use_highway = use_highway
        self.use_bias = use_bias
        num_gates = 5 if use_highway else 4
        self.input_linearity = nn.Linear(embed_dim, (num_gates + use_highway) * lstm_dim, bias=use_bias)
        self.state_linearity = nn.Linear(lstm_dim, num_gates * lstm_dim)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weights anew; the cell remembers at first."""
        BlockOrthogonalInitializer([self.lstm_dim, self.embed_dim])(self.input_linearity.weight)
        BlockOrthogonalInitializer([self.lstm_dim, self.lstm_dim])(self.state_linearity.weight)
        nn.init.zeros_(self.state_linearity.bias)
        nn.init.ones_(self.state_linearity.bias[self.lstm_dim : 2 * self.lstm_dim])

    @overrides(check_signature=False)
    def forward(self, x: Tensor, states: States, variational_dropout_mask: Tensor | None = None) -> States:
        """Take a step.

        Args:
            x: (batch, embed dim)
            states: Of the step before. (batch, lstm dim) each
            variational_dropout_mask: Times the hidden state, in training. (batch, lstm dim)

        Returns:
            Output, which is the new hidden state, and cell state. (batch, lstm dim) each
        """
        hidden, memory = states
        if variational_dropout_mask is not None and self.training:
            hidden = hidden * variational_dropout_mask
        from_input, from_state = self.input_linearity(x), self.state_linearity(hidden)
        num_gates = from_state.size(-1) // self.lstm_dim
        gates = (from_input[..., : from_state.size(-1)] + from_state).chunk(num_gates, dim=-1)
        memory = gates[0].sigmoid() * gates[2].tanh() + gates[1].sigmoid() * memory
        output = gates[3].sigmoid() * memory.tanh()
        if self.use_highway:
            output = torch.lerp(from_input[..., from_state.size(-1) :], output, gates[4].sigmoid())
        return output, memory


class AugmentedLstm(nn.Module):
    """Read sequences, step by step, in one direction.

    Args:
        input_size: Width of the input.
        hidden_size: Width of the state.
        go_forward: From the first position to the last; otherwise back.
        recurrent_dropout_probability: Dropout on the hidden state, the same at every step; fraction in [0, 1).
        use_highway: Let a projection of the input pass.
        use_input_projection_bias: Learn biases of the input too.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        go_forward: bool = True,
        recurrent_dropout_probability: float = 0.0,
        use_highway: bool = True,
        use_input_projection_bias: bool = True,
    ) -> None:
        super().__init__()
        self.input_size = self.embed_dim = input_size
        self.hidden_size = self.lstm_dim = hidden_size
        self.go_forward = go_forward
        self.recurrent_dropout_probability = recurrent_dropout_probability
        self.cell = AugmentedLSTMCell(input_size, hidden_size, use_highway, use_input_projection_bias)

    def forward(self, inputs: PackedSequence, states: States | None = None) -> tuple[PackedSequence, States]:
        """Read.

        Args:
            inputs: Packed sequences.
            states: To begin with; None: zeros. (1, batch, hidden size) each

        Returns:
            Outputs, packed, and the states after the last step. (1, batch, hidden size) each
        """
        padded, lengths = pad_packed_sequence(inputs, batch_first=True)
        zeros = padded.new_zeros(len(padded), self.hidden_size)
        hidden, memory = (zeros, zeros) if states is None else (states[0].squeeze(0), states[1].squeeze(0))
        dropout = None
        if self.recurrent_dropout_probability > 0:
            dropout = get_dropout_mask(self.recurrent_dropout_probability, zeros)
        places = range(padded.size(1))
        outputs = {}
        for place in places if self.go_forward else reversed(places):
            runs = (place < lengths).to(padded.device).unsqueeze(1)
            output, new_memory = self.cell(padded[:, place], (hidden, memory), dropout)
            hidden, memory = torch.where(runs, output, hidden), torch.where(runs, new_memory, memory)
            outputs[place] = output
        stacked = torch.stack([outputs[place] for place in places], dim=1)
        packed = pack_padded_sequence(stacked, lengths, batch_first=True, enforce_sorted=False)
        return packed, (hidden.unsqueeze(0), memory.unsqueeze(0))
