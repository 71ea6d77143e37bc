"""R-LSTM and its convolutional variants (thesis, section 3.4)."""

from thesis_rnn.architectures.convolutional import CONVOLUTIONS, convolved_steps
from thesis_rnn.architectures.dense import flat_steps
from thesis_rnn.architectures.table import ARCHITECTURES, Architecture, Plan
from thesis_rnn.layers import RLSTM, Dense, dropout


def connect_rlstm(inputs, plan: Plan, stationary=False):
    features = Dense(plan.sizes["in1"], domain="bounded", seed=plan.seed(), name="in1")(flat_steps(inputs))
    features = dropout(plan.dropout, stationary, seed=plan.seed(), name="in1_dropout")(features)
    return gated_read_out(features, plan, stationary)


def connect_convrlstm(inputs, plan: Plan, stationary=False, literal=False):
    return gated_read_out(convolved_steps(inputs, plan, literal, stationary), plan, stationary)


def gated_read_out(features, plan: Plan, stationary: bool):
    """R-LSTM cells over the features of every step, and logits from the last."""
    hidden = RLSTM(plan.sizes["cells"], plan.dropout, stationary, seed=plan.seed(), name="cell")(features)
    return Dense(plan.classes, rectified=False, seed=plan.seed(), name="logits")(hidden)


GATED = {"in1": 256, "cells": 72}
CONVGATED = CONVOLUTIONS | {"cells": 96}
STATIONARY = {"stationary": True}

ARCHITECTURES.add("rlstm", Architecture("R-LSTM", GATED, connect_rlstm, 145_701))
ARCHITECTURES.add("rlstm_sd", Architecture("R-LSTM-SD", GATED, connect_rlstm, 145_701, STATIONARY))
ARCHITECTURES.add("convrlstm", Architecture("ConvR-LSTM", CONVGATED, connect_convrlstm))
ARCHITECTURES.add("convrlstm_sd", Architecture("ConvR-LSTM-SD", CONVGATED, connect_convrlstm, 152_125, STATIONARY))
ARCHITECTURES.add(
    "conv_plus_rlstm_sd",
    Architecture("Conv+R-LSTM-SD", CONVGATED, connect_convrlstm, 175_741, STATIONARY | {"literal": True}),
)
