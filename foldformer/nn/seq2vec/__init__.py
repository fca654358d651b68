"""Encoders that turn a sequence of vectors into one vector."""

from foldformer.nn.seq2vec.attention import AttentionPooler
from foldformer.nn.seq2vec.augmented_lstm import (
    AugmentedLstmSeq2VecEncoder,
    StackedAlternatingLstmSeq2VecEncoder,
    StackedBidirectionalLstmSeq2VecEncoder,
)
from foldformer.nn.seq2vec.bag_of_embeddings import BagOfEmbeddingsEncoder
from foldformer.nn.seq2vec.bert_pooler import BertPooler
from foldformer.nn.seq2vec.cls_pooler import ClsPooler
from foldformer.nn.seq2vec.cnn import CnnEncoder
from foldformer.nn.seq2vec.last import LastPooler
from foldformer.nn.seq2vec.max import MaxPooler
from foldformer.nn.seq2vec.mean import MeanPooler
from foldformer.nn.seq2vec.recurrent import GruSeq2VecEncoder, LstmSeq2VecEncoder, RnnSeq2VecEncoder
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder
from foldformer.nn.seq2vec.sum import SumPooler

__all__ = [
    "AugmentedLstmSeq2VecEncoder",
    "StackedAlternatingLstmSeq2VecEncoder",
    "StackedBidirectionalLstmSeq2VecEncoder",
    "AttentionPooler",
    "BagOfEmbeddingsEncoder",
    "BertPooler",
    "ClsPooler",
    "CnnEncoder",
    "GruSeq2VecEncoder",
    "LastPooler",
    "LstmSeq2VecEncoder",
    "MaxPooler",
    "MeanPooler",
    "RnnSeq2VecEncoder",
    "Seq2VecEncoder",
    "SumPooler",
]
