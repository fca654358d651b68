"""No encoder at all."""

from overrides import overrides
from torch import Tensor

from foldformer.config import AtLeastOne
from foldformer.nn.masks import zero_where_padded
from foldformer.nn.seq2seq.seq2seq_encoder import Seq2SeqEncoder


@Seq2SeqEncoder.register("pass_through")
class PassThroughEncoder(Seq2SeqEncoder):
    """Hand the vectors on as they are; zero where padded."""

    def __init__(self, input_dim: AtLeastOne) -> None:
        """Build.

        Args:
            input_dim: Width of the vectors, in and out.
        """
        super().__init__()
        self._input_dim = input_dim

    @overrides
    def get_input_dim(self) -> int:
        return self._input_dim

    @overrides
    def get_output_dim(self) -> int:
        return self._input_dim

    @overrides
    def is_bidirectional(self) -> bool:
        return False

    @overrides
    def forward(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        return zero_where_padded(inputs, mask)
