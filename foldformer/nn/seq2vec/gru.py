"""A sequence encoder of gated recurrent units."""

from torch import nn

from foldformer.nn.seq2vec.recurrent import RecurrentSeq2VecEncoder
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder


@Seq2VecEncoder.register("gru")
class GruSeq2VecEncoder(RecurrentSeq2VecEncoder):
    """Give the final state of gated recurrent units."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        dropout: float = 0.0,
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
        module = nn.GRU(
            input_size,
            hidden_size,
            num_layers,
            bias=bias,
            batch_first=True,
            dropout=dropout,
            bidirectional=bidirectional,
        )
        super().__init__(module)
