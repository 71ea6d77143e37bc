"""Shallow, Deep and DeepV2: dense layers around a dense recurrence (thesis, sections 3.2.1 and 3.3.1)."""

import keras

from thesis_rnn.architectures.table import ARCHITECTURES, Architecture, Plan
from thesis_rnn.layers import Dense, DenseRecurrence, dropout


def flat_steps(inputs):
    """[batch, steps, rows, columns] -> [batch, steps, rows * columns]."""
    return keras.layers.Reshape((inputs.shape[1], -1), name="pixels")(inputs)


def connect_shallow(inputs, plan: Plan):
    hidden = DenseRecurrence(
        plan.sizes["hidden"],
        plan.sizes["recur"],
        plan.dropout,
        drop_all=False,
        domain="bounded",
        seed=plan.seed(),
        name="cell",
    )(flat_steps(inputs))
    return Dense(plan.classes, rectified=False, seed=plan.seed(), name="logits")(hidden)


def connect_deep(inputs, plan: Plan, input_layers=("in1",), stationary=False):
    features = flat_steps(inputs)
    for index, name in enumerate(input_layers):
        domain = "bounded" if index == 0 else "positive"
        features = Dense(plan.sizes[name], domain=domain, seed=plan.seed(), name=name)(features)
        features = dropout(plan.dropout, stationary, seed=plan.seed(), name=f"{name}_dropout")(features)
    return read_out(features, plan, stationary)


def read_out(features, plan: Plan, stationary: bool):
    """From the features of every step to the logits, by the recurrence and the output layer that Deep has."""
    hidden = DenseRecurrence(
        plan.sizes["hidden"], plan.sizes["recur"], plan.dropout, stationary, seed=plan.seed(), name="cell"
    )(features)
    output = Dense(plan.sizes["out1"], seed=plan.seed(), name="out1")(hidden)
    return Dense(plan.classes, rectified=False, seed=plan.seed(), name="logits")(output)


DEEP = {"in1": 256, "hidden": 128, "recur": 256, "out1": 32}

ARCHITECTURES.add("shallow", Architecture("Shallow", {"hidden": 256, "recur": 256}, connect_shallow, 184_330))
ARCHITECTURES.add("deep", Architecture("Deep", DEEP, connect_deep, 153_578))
ARCHITECTURES.add("deep_sd", Architecture("Deep-SD", DEEP, connect_deep, 153_578, {"stationary": True}))
ARCHITECTURES.add(
    "deep_v2",
    Architecture("DeepV2", DEEP | {"in1": 128, "in2": 256}, connect_deep, 161_386, {"input_layers": ("in1", "in2")}),
)
