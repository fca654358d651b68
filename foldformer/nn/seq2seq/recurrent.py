"""The recurrent Seq2Seq encoders: what they share, and long short-term memory, gated units and plain ones."""

from typing import ClassVar

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne, Fraction
from foldformer.nn.rnn import (
    RecurrentNetwork,
    RnnMemory,
    RnnNonlinearity,
    RnnState,
    check_batch_first,
    is_bidirectional,
    run_rnn,
)
from foldformer.nn.seq2seq.seq2seq_encoder import Seq2SeqEncoder


class RecurrentSeq2SeqEncoder(Seq2SeqEncoder):
    """Read the sequence with one of torch's recurrent networks and give its output at every position."""

    def __init__(self, module: RecurrentNetwork, stateful: bool = False) -> None:
        """Build around a network.

        Args:
            module: torch's LSTM, GRU or RNN, batch first, or what takes and gives packed sequences as these do.
            stateful: Begin each batch with the states that the rows of the last one ended with.

        Raises:
            ConfigurationError: The first dimension of what the network takes is not the batch.
        """
        super().__init__()
        check_batch_first(module)
        self._module = module
        self.stateful = stateful
        self._memory = RnnMemory()

    @overrides
    def get_input_dim(self) -> int:
        return self._module.input_size

    @overrides
    def get_output_dim(self) -> int:
        return self._module.hidden_size * (2 if is_bidirectional(self._module) else 1)

    @overrides
    def is_bidirectional(self) -> bool:
        return is_bidirectional(self._module)

    @overrides
    def forward(self, inputs: Tensor, mask: Tensor | None = None, hidden_state: RnnState | None = None) -> Tensor:
        """Encode one batch.

        Args:
            inputs: Vectors. (batch, positions, input_dim)
            mask: True where real; None: everywhere. (batch, positions)
            hidden_state: State to begin with; None: zeros. (layers * directions, batch, hidden_size)

        Returns:
            Vectors; zero where padded. (batch, positions, output_dim)

        Raises:
            ValueError: A stateful encoder was given a state, which it has of its own.
        """
        if not self.stateful:
            return run_rnn(self._module, inputs, mask, hidden_state).vectors
        if hidden_state is not None:
            raise ValueError("hidden_state: got one; expected none, for a stateful encoder begins with its own")
        if mask is None:
            mask = torch.ones(inputs.shape[:2], dtype=torch.bool, device=inputs.device)
        output = run_rnn(self._module, inputs, mask, self._memory.recall(inputs.size(0)))
        self._memory.remember(output.states, mask)
        return output.vectors

    def reset_states(self, mask: Tensor | None = None) -> None:
        """Forget what a stateful encoder remembers.

        Args:
            mask: True for the rows to forget; None: all. (batch,)

        Raises:
            ValueError: `mask` has another size than the remembered batch.
        """
        self._memory.forget(mask)


class GatedSeq2SeqEncoder(RecurrentSeq2SeqEncoder):
    """What `lstm` and `gru` share: all but the network."""

    network: ClassVar[type[nn.LSTM] | type[nn.GRU]]

    def __init__(
        self,
        input_size: AtLeastOne,
        hidden_size: AtLeastOne,
        num_layers: AtLeastOne = 1,
        bias: bool = True,
        dropout: Fraction = 0.0,
        bidirectional: bool = False,
        stateful: bool = False,
    ) -> None:
        """Build with random weights.

        Args:
            input_size: Width of the vectors that come in.
            hidden_size: Width of the state, of each direction.
            num_layers: How many layers, one on top of the other.
            bias: Learn biases.
            dropout: Dropout between layers; fraction in [0, 1).
            bidirectional: Read backwards too.
            stateful: Begin each batch with the states that the rows of the last one ended with.
        """
        module = self.network(input_size, hidden_size, num_layers, bias, True, dropout, bidirectional)
        super().__init__(module, stateful=stateful)


@Seq2SeqEncoder.register("lstm")
class LstmSeq2SeqEncoder(GatedSeq2SeqEncoder):
    """Give the outputs of long short-term memory, position by position."""

    network = nn.LSTM


@Seq2SeqEncoder.register("gru")
class GruSeq2SeqEncoder(GatedSeq2SeqEncoder):
    """Give the outputs of gated recurrent units, position by position."""

    network = nn.GRU


@Seq2SeqEncoder.register("rnn")
class RnnSeq2SeqEncoder(RecurrentSeq2SeqEncoder):
    """Give the outputs of plain recurrent units, position by position."""

    def __init__(
        self,
        input_size: AtLeastOne,
        hidden_size: AtLeastOne,
        num_layers: AtLeastOne = 1,
        nonlinearity: RnnNonlinearity = "tanh",
        bias: bool = True,
        dropout: Fraction = 0.0,
        bidirectional: bool = False,
        stateful: bool = False,
    ) -> None:
        """Build with random weights.

        Args:
            input_size: Width of the vectors that come in.
            hidden_size: Width of the state, of each direction.
            num_layers: How many layers, one on top of the other.
            nonlinearity: Applied at every step.
            bias: Learn biases.
            dropout: Dropout between layers; fraction in [0, 1).
            bidirectional: Read backwards too.
            stateful: Begin each batch with the states that the rows of the last one ended with.
        """
        module = nn.RNN(input_size, hidden_size, num_layers, nonlinearity, bias, True, dropout, bidirectional)
        super().__init__(module, stateful=stateful)
