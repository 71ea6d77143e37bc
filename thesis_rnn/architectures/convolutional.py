"""ConvDeep and Conv+Deep: convolutions below Deep's recurrence (thesis, sections 3.3.1 and 3.4.3)."""

import keras

from thesis_rnn.architectures.dense import DEEP, read_out
from thesis_rnn.architectures.table import ARCHITECTURES, Architecture, Plan
from thesis_rnn.layers import Convolution, Dense, LiteralConvolution, SumPooling, dropout


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
    return dropout(plan.dropout, stationary, seed=plan.seed(), name="in1_dropout")(features)


def connect_convdeep(inputs, plan: Plan, literal=False):
    return read_out(convolved_steps(inputs, plan, literal, stationary=False), plan, stationary=False)


CONVOLUTIONS = {"conv1": 24, "conv2": 32, "in1": 128}
CONVDEEP = DEEP | CONVOLUTIONS

ARCHITECTURES.add("convdeep", Architecture("ConvDeep", CONVDEEP, connect_convdeep, 151_802))
ARCHITECTURES.add("conv_plus_deep", Architecture("Conv+Deep", CONVDEEP, connect_convdeep, 175_418, {"literal": True}))
