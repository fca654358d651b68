"""The shared half of the recurrent Seq2Seq encoders."""

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.nn.rnn import RnnMemory, RnnState, run_rnn
from foldformer.nn.seq2seq.seq2seq_encoder import Seq2SeqEncoder


class RecurrentSeq2SeqEncoder(Seq2SeqEncoder):
    """Read the sequence with one of torch's recurrent networks and give its output at every position."""

    def __init__(self, module: nn.RNNBase, stateful: bool = False) -> None:
        """Build around a network.

        Args:
            module: torch's LSTM, GRU or RNN, batch first.
            stateful: Begin each batch with the states that the rows of the last one ended with.
        """
        super().__init__()
        self._module = module
        self.stateful = stateful
        self._memory = RnnMemory()

    @overrides
    def get_input_dim(self) -> int:
        return self._module.input_size

    @overrides
    def get_output_dim(self) -> int:
        return self._module.hidden_size * (2 if self._module.bidirectional else 1)

    @overrides
    def is_bidirectional(self) -> bool:
        return self._module.bidirectional

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
