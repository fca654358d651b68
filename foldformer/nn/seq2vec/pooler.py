"""The shared half of the encoders that keep the width of their input."""

from overrides import overrides

from foldformer.config import AtLeastOne
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder


class Pooler(Seq2VecEncoder):
    """Know one width, of input and output."""

    def __init__(self, embedding_dim: AtLeastOne) -> None:
        """Build.

        Args:
            embedding_dim: Width of the vectors, in and out.
        """
        super().__init__()
        self._embedding_dim = embedding_dim

    @overrides
    def get_input_dim(self) -> int:
        return self._embedding_dim

    @overrides
    def get_output_dim(self) -> int:
        return self._embedding_dim
