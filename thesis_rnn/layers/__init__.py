"""Keras layers of the thesis' networks. Each writes its forward pass in primitives; importing them registers them."""

from thesis_rnn.layers.adaptive_decay import AdaptiveDecay
from thesis_rnn.layers.constraints import NonPositive
from thesis_rnn.layers.convolution import Convolution
from thesis_rnn.layers.dense import Dense
from thesis_rnn.layers.dense_recurrence import DenseRecurrence
from thesis_rnn.layers.dropout import Dropout, StationaryDropout, make_dropout
from thesis_rnn.layers.gaps import Gaps
from thesis_rnn.layers.gru_d import GRUD
from thesis_rnn.layers.input_attention_lstm import InputAttentionLSTM
from thesis_rnn.layers.input_cell_attention import InputCellAttention
from thesis_rnn.layers.literal_convolution import LiteralConvolution
from thesis_rnn.layers.min_gru import MinGRU
from thesis_rnn.layers.pooling import LastStep, StepPooling, SumPooling
from thesis_rnn.layers.positions import Positions
from thesis_rnn.layers.reconstruction import Reconstruction
from thesis_rnn.layers.rlstm import RLSTM
from thesis_rnn.layers.self_attention import SelfAttention
from thesis_rnn.layers.variable_lstm import VariableLSTM
from thesis_rnn.layers.weighted_sum import WeightedSum
from thesis_rnn.layers.zero_logit import ZeroLogitCrossentropy
from thesis_rnn.support.checks import tell_in_public

__all__ = [
    "GRUD",
    "RLSTM",
    "AdaptiveDecay",
    "Convolution",
    "Dense",
    "DenseRecurrence",
    "Dropout",
    "Gaps",
    "InputAttentionLSTM",
    "InputCellAttention",
    "LastStep",
    "LiteralConvolution",
    "MinGRU",
    "NonPositive",
    "Positions",
    "Reconstruction",
    "SelfAttention",
    "StationaryDropout",
    "StepPooling",
    "SumPooling",
    "VariableLSTM",
    "WeightedSum",
    "ZeroLogitCrossentropy",
    "make_dropout",
]

tell_in_public(globals())
