"""R-LSTM (thesis, section 3.4), and Keras' own cells in its place."""

import keras

from thesis_rnn.architectures.plan import Plan, flat_steps
from thesis_rnn.layers import RLSTM, Dense, Dropout, make_dropout


def connect_rlstm(inputs, plan: Plan, stationary=False):
    """R-LSTM cells over a dense layer over every step."""
    return gated_read_out(dense_steps(inputs, plan, stationary), plan, stationary)


def connect_keras_cell(inputs, plan: Plan, kind: type, stationary=False):
    """The stack of R-LSTM around a recurrent layer of Keras, whose outputs are no positive ones."""
    features = dense_steps(inputs, plan, stationary)
    start = {
        "kernel_initializer": keras.initializers.GlorotUniform(plan.seed()),
        "recurrent_initializer": keras.initializers.Orthogonal(seed=plan.seed()),
    }
    hidden = kind(plan.sizes["cells"], name="cell", **start)(features)
    hidden = Dropout(plan.dropout, seed=plan.seed(), name="cell_dropout")(hidden)  # one vector a sequence: stationary
    return Dense(plan.classes, rectified=False, domain="real", seed=plan.seed(), name="logits")(hidden)


def dense_steps(inputs, plan: Plan, stationary: bool):
    """A dense layer over the pixels of every step: [batch, steps, neurons of in1]."""
    features = Dense(plan.sizes["in1"], domain=plan.domain, seed=plan.seed(), name="in1")(flat_steps(inputs))
    return make_dropout(plan.dropout, stationary, seed=plan.seed(), name="in1_dropout")(features)


def gated_read_out(features, plan: Plan, stationary: bool):
    """R-LSTM cells over the features of every step, and logits from the last."""
    hidden = RLSTM(plan.sizes["cells"], plan.dropout, stationary, seed=plan.seed(), name="cell")(features)
    return Dense(plan.classes, rectified=False, seed=plan.seed(), name="logits")(hidden)
