"""A feed-forward network at each position."""

from overrides import overrides
from torch import Tensor

from foldformer.nn.feedforward import FeedForward
from foldformer.nn.masks import zero_where_padded
from foldformer.nn.seq2seq.seq2seq_encoder import Seq2SeqEncoder


@Seq2SeqEncoder.register("feedforward")
class FeedForwardEncoder(Seq2SeqEncoder):
    """Apply one feed-forward network to every vector; zero where padded."""

    def __init__(self, feedforward: FeedForward) -> None:
        """Build.

        Args:
            feedforward: The network.
        """
        super().__init__()
        self._feedforward = feedforward

    @overrides
    def get_input_dim(self) -> int:
        return self._feedforward.get_input_dim()

    @overrides
    def get_output_dim(self) -> int:
        return self._feedforward.get_output_dim()

    @overrides
    def is_bidirectional(self) -> bool:
        return False

    @overrides
    def forward(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        outputs: Tensor = self._feedforward(inputs)
        return zero_where_padded(outputs, mask)
