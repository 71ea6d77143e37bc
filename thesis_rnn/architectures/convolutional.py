"""ConvDeep and Conv+Deep, ConvR-LSTM and Conv+R-LSTM: convolutions below a recurrence (thesis, sections 3.3.1, 3.4)."""

import keras

from thesis_rnn.architectures.dense import read_out
from thesis_rnn.architectures.gated import gated_read_out
from thesis_rnn.architectures.plan import Plan
from thesis_rnn.layers import Convolution, Dense, LiteralConvolution, SumPooling, make_dropout


def convolved_steps(inputs, plan: Plan, literal: bool, stationary: bool):
    """Two convolutions with sum pooling and a dense layer, over every step: [batch, steps, neurons of in1]."""
    kind = LiteralConvolution if literal else Convolution
    features = keras.layers.Reshape((*inputs.shape[1:], 1), name="pixels")(inputs)
    features = kind(plan.sizes["conv1"], size=5, domain="bounded", seed=plan.seed(), name="conv1")(features)
    features = SumPooling(name="pool1")(features)
    features = kind(plan.sizes["conv2"], size=3, seed=plan.seed(), name="conv2")(features)
    features = SumPooling(name="pool2")(features)
    features = keras.layers.Reshape((inputs.shape[1], -1), name="flat")(features)
    features = Dense(plan.sizes["in1"], seed=plan.seed(), name="in1")(features)
    return make_dropout(plan.dropout, stationary, seed=plan.seed(), name="in1_dropout")(features)


def connect_convdeep(inputs, plan: Plan, literal=False):
    """ConvDeep, with ``literal`` Conv+Deep: Deep's recurrence and output layer over convolved steps."""
    return read_out(convolved_steps(inputs, plan, literal, stationary=False), plan, stationary=False)


def connect_convrlstm(inputs, plan: Plan, stationary=False, literal=False):
    """ConvR-LSTM, with ``literal`` Conv+R-LSTM: R-LSTM cells over convolved steps."""
    return gated_read_out(convolved_steps(inputs, plan, literal, stationary), plan, stationary)
