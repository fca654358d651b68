"""The recurrent Seq2Vec encoders: what they share, and long short-term memory, gated units and plain ones."""

from typing import ClassVar

from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne, Fraction
from foldformer.nn.rnn import (
    RecurrentNetwork,
    RnnNonlinearity,
    RnnState,
    check_batch_first,
    is_bidirectional,
    last_layer_state,
    run_rnn,
)
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder


class RecurrentSeq2VecEncoder(Seq2VecEncoder):
    """Read the sequence with one of torch's recurrent networks and give its last layer's final state.

    Two directions stand side by side: the forward one after the last real position, the backward one after the first.
    An empty sequence gives zeros.
    """

    def __init__(self, module: RecurrentNetwork) -> None:
        """Build around a network.

        Args:
            module: torch's LSTM, GRU or RNN, batch first, or what takes and gives packed sequences as these do.

        Raises:
            ConfigurationError: The first dimension of what the network takes is not the batch.
        """
        super().__init__()
        check_batch_first(module)
        self._module = module

    @overrides
    def get_input_dim(self) -> int:
        return self._module.input_size

    @overrides
    def get_output_dim(self) -> int:
        return self._module.hidden_size * (2 if is_bidirectional(self._module) else 1)

    @overrides
    def forward(self, tokens: Tensor, mask: Tensor | None = None, hidden_state: RnnState | None = None) -> Tensor:
        """Encode one batch.

        Args:
            tokens: Vectors. (batch, positions, input_dim)
            mask: True where real; None: everywhere. (batch, positions)
            hidden_state: State to begin with; None: zeros. (layers * directions, batch, hidden_size)

        Returns:
            (batch, output_dim)
        """
        return last_layer_state(self._module, run_rnn(self._module, tokens, mask, hidden_state))


class GatedSeq2VecEncoder(RecurrentSeq2VecEncoder):
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
    ) -> None:
        """Build with random weights.

        Args:
            input_size: Width of the vectors that come in.
            hidden_size: Width of the state, of each direction.
            num_layers: How many layers, one on top of the other.
            bias: Learn biases.
            dropout: Dropout between layers; fraction in [0, 1).
            bidirectional: Read backwards too.
        """
        super().__init__(self.network(input_size, hidden_size, num_layers, bias, True, dropout, bidirectional))


@Seq2VecEncoder.register("lstm")
class LstmSeq2VecEncoder(GatedSeq2VecEncoder):
    """Give the final state of long short-term memory."""

    network = nn.LSTM


@Seq2VecEncoder.register("gru")
class GruSeq2VecEncoder(GatedSeq2VecEncoder):
    """Give the final state of gated recurrent units."""

    network = nn.GRU


@Seq2VecEncoder.register("rnn")
class RnnSeq2VecEncoder(RecurrentSeq2VecEncoder):
    """Give the final state of plain recurrent units."""

    def __init__(
        self,
        input_size: AtLeastOne,
        hidden_size: AtLeastOne,
        num_layers: AtLeastOne = 1,
        nonlinearity: RnnNonlinearity = "tanh",
        bias: bool = True,
        dropout: Fraction = 0.0,
        bidirectional: bool = False,
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
        """
        super().__init__(nn.RNN(input_size, hidden_size, num_layers, nonlinearity, bias, True, dropout, bidirectional))
