"""Long short-term memory with highways and with dropout that stays the same over a sequence."""

from foldformer.nn.lstm.augmented import AugmentedLstm, AugmentedLSTMCell
from foldformer.nn.lstm.stacked import StackedAlternatingLstm, StackedBidirectionalLstm

__all__ = ["AugmentedLSTMCell", "AugmentedLstm", "StackedAlternatingLstm", "StackedBidirectionalLstm"]
