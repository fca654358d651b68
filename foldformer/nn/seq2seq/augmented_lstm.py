"""Seq2Seq encoders with highways between the layers of long short-term memory."""

from foldformer.config import AtLeastOne, Fraction
from foldformer.nn.lstm import AugmentedLstm, StackedAlternatingLstm, StackedBidirectionalLstm
from foldformer.nn.seq2seq.recurrent import RecurrentSeq2SeqEncoder
from foldformer.nn.seq2seq.seq2seq_encoder import Seq2SeqEncoder


@Seq2SeqEncoder.register("augmented_lstm")
class AugmentedLstmSeq2SeqEncoder(RecurrentSeq2SeqEncoder):
    """Give the outputs of one layer, position by position.

    Args:
        input_size: Width of the vectors that come in.
        hidden_size: Width of the state.
        go_forward: Read from the first position to the last; otherwise back.
        recurrent_dropout_probability: Dropout on the state, the same at every step; fraction in [0, 1).
        use_highway: Let a projection of the input pass.
        use_input_projection_bias: Learn biases of the input too.
        stateful: Begin each batch with the states that the rows of the last one ended with.
    """

    def __init__(
        self,
        input_size: AtLeastOne,
        hidden_size: AtLeastOne,
        go_forward: bool = True,
        recurrent_dropout_probability: Fraction = 0.0,
        use_highway: bool = True,
        use_input_projection_bias: bool = True,
        stateful: bool = False,
    ) -> None:
        rest = (recurrent_dropout_probability, use_highway, use_input_projection_bias)
        super().__init__(AugmentedLstm(input_size, hidden_size, go_forward, *rest), stateful)


@Seq2SeqEncoder.register("alternating_lstm")
class StackedAlternatingLstmSeq2SeqEncoder(RecurrentSeq2SeqEncoder):
    """Give the outputs of layers that read forwards and backwards in turn, position by position.

    Args:
        input_size: Width of the vectors that come in.
        hidden_size: Width of the state.
        num_layers: How many layers.
        recurrent_dropout_probability: Dropout on the state, the same at every step; fraction in [0, 1).
        use_highway: Let projections of the input pass.
        use_input_projection_bias: Learn biases of the input too.
        stateful: Begin each batch with the states that the rows of the last one ended with.
    """

    def __init__(
        self,
        input_size: AtLeastOne,
        hidden_size: AtLeastOne,
        num_layers: AtLeastOne,
        recurrent_dropout_probability: Fraction = 0.0,
        use_highway: bool = True,
        use_input_projection_bias: bool = True,
        stateful: bool = False,
    ) -> None:
        rest = (recurrent_dropout_probability, use_highway, use_input_projection_bias)
        super().__init__(StackedAlternatingLstm(input_size, hidden_size, num_layers, *rest), stateful)


@Seq2SeqEncoder.register("stacked_bidirectional_lstm")
class StackedBidirectionalLstmSeq2SeqEncoder(RecurrentSeq2SeqEncoder):
    """Give the outputs of layers that read in both directions, position by position.

    Args:
        input_size: Width of the vectors that come in.
        hidden_size: Width of the state of each direction.
        num_layers: How many layers.
        recurrent_dropout_probability: Dropout on the state, the same at every step; fraction in [0, 1).
        layer_dropout_probability: Dropout between layers, the same at every step; fraction in [0, 1).
        use_highway: Let projections of the input pass.
        stateful: Begin each batch with the states that the rows of the last one ended with.
    """

    def __init__(
        self,
        input_size: AtLeastOne,
        hidden_size: AtLeastOne,
        num_layers: AtLeastOne,
        recurrent_dropout_probability: Fraction = 0.0,
        layer_dropout_probability: Fraction = 0.0,
        use_highway: bool = True,
        stateful: bool = False,
    ) -> None:
        rest = (recurrent_dropout_probability, layer_dropout_probability, use_highway)
        super().__init__(StackedBidirectionalLstm(input_size, hidden_size, num_layers, *rest), stateful)
