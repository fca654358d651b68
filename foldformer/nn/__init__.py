"""Modules that know tensors only: sequence encoders, poolers, the CRF, feed-forward networks, initializers."""

from foldformer.nn.activation import Activation
from foldformer.nn.crf import ConditionalRandomField, allowed_transitions
from foldformer.nn.feedforward import FeedForward
from foldformer.nn.initializers import Initializer, InitializerApplicator
from foldformer.nn.losses import sequence_cross_entropy_with_logits
from foldformer.nn.regularizers import Regularizer, RegularizerApplicator
from foldformer.nn.seq2seq import Seq2SeqEncoder
from foldformer.nn.seq2vec import Seq2VecEncoder
from foldformer.nn.text_field import get_text_field_mask, get_token_ids_from_text_field_tensors
from foldformer.nn.time_distributed import TimeDistributed

__all__ = [
    "Activation",
    "ConditionalRandomField",
    "FeedForward",
    "Initializer",
    "InitializerApplicator",
    "Regularizer",
    "RegularizerApplicator",
    "Seq2SeqEncoder",
    "Seq2VecEncoder",
    "TimeDistributed",
    "allowed_transitions",
    "get_text_field_mask",
    "get_token_ids_from_text_field_tensors",
    "sequence_cross_entropy_with_logits",
]
