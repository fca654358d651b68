"""A sequence encoder of plain recurrent units."""

from torch import nn

from foldformer.nn.rnn import RnnNonlinearity
from foldformer.nn.seq2seq.recurrent import RecurrentSeq2SeqEncoder
from foldformer.nn.seq2seq.seq2seq_encoder import Seq2SeqEncoder


@Seq2SeqEncoder.register("rnn")
class RnnSeq2SeqEncoder(RecurrentSeq2SeqEncoder):
    """Give the outputs of plain recurrent units, position by position."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: RnnNonlinearity = "tanh",
        bias: bool = True,
        dropout: float = 0.0,
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
        module = nn.RNN(
            input_size,
            hidden_size,
            num_layers,
            nonlinearity=nonlinearity,
            bias=bias,
            batch_first=True,
            dropout=dropout,
            bidirectional=bidirectional,
        )
        super().__init__(module, stateful=stateful)
