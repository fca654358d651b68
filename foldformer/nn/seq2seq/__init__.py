"""Encoders that turn a sequence of vectors into as many vectors."""

from foldformer.nn.seq2seq.augmented_lstm import (
    AugmentedLstmSeq2SeqEncoder,
    StackedAlternatingLstmSeq2SeqEncoder,
    StackedBidirectionalLstmSeq2SeqEncoder,
)
from foldformer.nn.seq2seq.compose import ComposeEncoder
from foldformer.nn.seq2seq.feedforward import FeedForwardEncoder
from foldformer.nn.seq2seq.pass_through import PassThroughEncoder
from foldformer.nn.seq2seq.pytorch_transformer import PytorchTransformer
from foldformer.nn.seq2seq.recurrent import GruSeq2SeqEncoder, LstmSeq2SeqEncoder, RnnSeq2SeqEncoder
from foldformer.nn.seq2seq.seq2seq_encoder import Seq2SeqEncoder

__all__ = [
    "AugmentedLstmSeq2SeqEncoder",
    "StackedAlternatingLstmSeq2SeqEncoder",
    "StackedBidirectionalLstmSeq2SeqEncoder",
    "ComposeEncoder",
    "FeedForwardEncoder",
    "GruSeq2SeqEncoder",
    "LstmSeq2SeqEncoder",
    "PassThroughEncoder",
    "PytorchTransformer",
    "RnnSeq2SeqEncoder",
    "Seq2SeqEncoder",
]
