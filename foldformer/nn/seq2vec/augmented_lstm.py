"""Seq2Vec encoders with highways between the layers of long short-term memory."""

from foldformer.config import AtLeastOne, Fraction
from foldformer.nn.lstm import AugmentedLstm, StackedAlternatingLstm, StackedBidirectionalLstm
from foldformer.nn.seq2vec.recurrent import RecurrentSeq2VecEncoder
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder


@Seq2VecEncoder.register("augmented_lstm")
class AugmentedLstmSeq2VecEncoder(RecurrentSeq2VecEncoder):
    """Give the final state of one layer.

    Args:
        input_size: Width of the vectors that come in.
        hidden_size: Width of the state.
        go_forward: Read from the first position to the last; otherwise back.
        recurrent_dropout_probability: Dropout on the state, the same at every step; fraction in [0, 1).
        use_highway: Let a projection of the input pass.
        use_input_projection_bias: Learn biases of the input too.
    """

    def __init__(
        self,
        input_size: AtLeastOne,
        hidden_size: AtLeastOne,
        go_forward: bool = True,
        recurrent_dropout_probability: Fraction = 0.0,
        use_highway: bool = True,
        use_input_projection_bias: bool = True,
    ) -> None:
        rest = (recurrent_dropout_probability, use_highway, use_input_projection_bias)
        super().__init__(AugmentedLstm(input_size, hidden_size, go_forward, *rest))


@Seq2VecEncoder.register("alternating_lstm")
class StackedAlternatingLstmSeq2VecEncoder(RecurrentSeq2VecEncoder):
    """Give the final state of layers that read forwards and backwards in turn.

    Args:
        input_size: Width of the vectors that come in.
        hidden_size: Width of the state.
        num_layers: How many layers.
        recurrent_dropout_probability: Dropout on the state, the same at every step; fraction in [0, 1).
        use_highway: Let projections of the input pass.
        use_input_projection_bias: Learn biases of the input too.
    """

    def __init__(
        self,
        input_size: AtLeastOne,
        hidden_size: AtLeastOne,
        num_layers: AtLeastOne,
        recurrent_dropout_probability: Fraction = 0.0,
        use_highway: bool = True,
        use_input_projection_bias: bool = True,
    ) -> None:
        rest = (recurrent_dropout_probability, use_highway, use_input_projection_bias)
        super().__init__(StackedAlternatingLstm(input_size, hidden_size, num_layers, *rest))


@Seq2VecEncoder.register("stacked_bidirectional_lstm")
class StackedBidirectionalLstmSeq2VecEncoder(RecurrentSeq2VecEncoder):
    """Give the final states of layers that read in both directions.

    Args:
        input_size: Width of the vectors that come in.
        hidden_size: Width of the state of each direction.
        num_layers: How many layers.
        recurrent_dropout_probability: Dropout on the state, the same at every step; fraction in [0, 1).
        layer_dropout_probability: Dropout between layers, the same at every step; fraction in [0, 1).
        use_highway: Let projections of the input pass.
    """

    def __init__(
        self,
        input_size: AtLeastOne,
        hidden_size: AtLeastOne,
        num_layers: AtLeastOne,
        recurrent_dropout_probability: Fraction = 0.0,
        layer_dropout_probability: Fraction = 0.0,
        use_highway: bool = True,
    ) -> None:
        rest = (recurrent_dropout_probability, layer_dropout_probability, use_highway)
        super().__init__(StackedBidirectionalLstm(input_size, hidden_size, num_layers, *rest))
