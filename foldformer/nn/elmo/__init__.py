"""ELMo: words from their characters, and their context from two stacks of long short-term memory."""

from foldformer.nn.elmo.bidirectional import ElmoLstm
from foldformer.nn.elmo.character_encoder import ElmoCharacterEncoder
from foldformer.nn.elmo.characters import ELMoCharacterMapper, batch_to_ids
from foldformer.nn.elmo.language_model import ElmoBiLm
from foldformer.nn.elmo.lstm_cell import LstmCellWithProjection
from foldformer.nn.elmo.options import ElmoOptions

__all__ = [
    "ELMoCharacterMapper",
    "ElmoBiLm",
    "ElmoCharacterEncoder",
    "ElmoLstm",
    "ElmoOptions",
    "LstmCellWithProjection",
    "batch_to_ids",
]
