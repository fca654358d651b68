"""The shared half of the recurrent Seq2Vec encoders."""

from overrides import overrides
from torch import Tensor, nn

from foldformer.nn.rnn import RnnState, last_layer_state, run_rnn
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder


class RecurrentSeq2VecEncoder(Seq2VecEncoder):
    """Read the sequence with one of torch's recurrent networks and give its last layer's final state.

    Two directions stand side by side: the forward one after the last real position, the backward one after the first.
    An empty sequence gives zeros.
    """

    def __init__(self, module: nn.RNNBase) -> None:
        """Build around a network.

        Args:
            module: torch's LSTM, GRU or RNN, batch first.
        """
        super().__init__()
        self._module = module

    @overrides
    def get_input_dim(self) -> int:
        return self._module.input_size

    @overrides
    def get_output_dim(self) -> int:
        return self._module.hidden_size * (2 if self._module.bidirectional else 1)

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
