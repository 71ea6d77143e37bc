"""Shallow, Deep and DeepV2: dense layers around a dense recurrence (thesis, sections 3.2.1 and 3.3.1).

All take images and, each step as it is, series.
"""

from thesis_rnn.architectures.plan import Plan, flat_steps
from thesis_rnn.layers import Dense, DenseRecurrence, make_dropout


def connect_shallow(inputs, plan: Plan):
    """Shallow: the dense recurrence reads the input itself, and the logits are read from it."""
    hidden = DenseRecurrence(
        plan.sizes["hidden"],
        plan.sizes["recur"],
        plan.dropout,
        drop_all=False,
        domain=plan.domain,
        seed=plan.seed(),
        name="cell",
    )(flat_steps(inputs))
    return Dense(plan.classes, rectified=False, seed=plan.seed(), name="logits")(hidden)


def connect_deep(inputs, plan: Plan, input_layers=("in1",), stationary=False):
    """Deep and DeepV2: dense layers over every step, the dense recurrence, and an output layer.

    ``input_layers`` are the sizes' names of the layers before the recurrence.
    """
    features = flat_steps(inputs)
    for index, name in enumerate(input_layers):
        domain = plan.domain if index == 0 else "positive"
        features = Dense(plan.sizes[name], domain=domain, seed=plan.seed(), name=name)(features)
        features = make_dropout(plan.dropout, stationary, seed=plan.seed(), name=f"{name}_dropout")(features)
    return read_out(features, plan, stationary)


def read_out(features, plan: Plan, stationary: bool):
    """From the features of every step to the logits, by the recurrence and the output layer that Deep has."""
    hidden = DenseRecurrence(
        plan.sizes["hidden"], plan.sizes["recur"], plan.dropout, stationary, seed=plan.seed(), name="cell"
    )(features)
    output = Dense(plan.sizes["out1"], seed=plan.seed(), name="out1")(hidden)
    return Dense(plan.classes, rectified=False, seed=plan.seed(), name="logits")(output)
