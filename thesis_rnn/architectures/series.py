"""A bare cell over a series, [batch, steps, features] -> logits: the models of Ismail et al. (2019), and their like.

A model is a cell and what is put around it: input-cell attention below, a read-out above. Kernels start Xavier-uniform
and biases from zero, as in the paper, but those of R-LSTM, which are the thesis'. Images are taken as series whose
features are a step's pixels.
"""

from collections.abc import Callable

import keras

from thesis_rnn.architectures.plan import Plan, flat_steps
from thesis_rnn.layers import RLSTM, Dense, Dropout, InputCellAttention, SelfAttention, StepPooling, make_dropout


def connect_series(
    inputs, plan: Plan, recur: Callable, read_out: Callable, attended: bool = False, stationary: bool = False
):
    """A cell over a series: dropout on the input, attention if asked for, the cell, and a read-out of logits.

    Args:
      inputs: [batch, steps, features], or images [batch, steps, rows, columns].
      plan: sizes "units" and, where there is attention, "attention_units" and "attention_hops".
      recur: maps features, a plan and ``attended`` to the cell's outputs: of every step, or of the last.
      read_out: maps those outputs and a plan to logits.
      attended: whether the cell looks at all inputs so far, by input-cell attention.
      stationary: whether one dropout mask serves all steps of a series.
    """
    features = make_dropout(plan.dropout, stationary, seed=plan.seed(), name="input_dropout")(flat_steps(inputs))
    if attended:
        features = InputCellAttention(
            plan.sizes["attention_units"],
            plan.sizes["attention_hops"],
            plan.attention_variant,
            window=plan.attention_window,
            last_steps=plan.attend_last_steps,
            domain=plan.domain,
            seed=plan.seed(),
            name="input_cell_attention",
        )(features)
    return read_out(recur(features, plan, attended), plan)


# ---- cells


def keras_cell(kind: type, every_step: bool = False, both_ways: bool = False) -> Callable:
    """The cell of a recurrent layer of Keras, and dropout on its outputs."""

    def recur(features, plan: Plan, attended: bool):
        layer = _keras_layer(kind, plan, "cell", return_sequences=every_step)
        if both_ways:
            backward = _keras_layer(kind, plan, "backward_cell", return_sequences=every_step, go_backwards=True)
            layer = keras.layers.Bidirectional(layer, backward_layer=backward, name="cells")
        return Dropout(plan.dropout, seed=plan.seed(), name="cell_dropout")(layer(features))

    return recur


def _keras_layer(kind: type, plan: Plan, name: str, **options) -> keras.layers.Layer:
    """A Keras recurrent layer that starts as the paper's LSTM does."""
    if kind is keras.layers.LSTM:
        options |= {"unit_forget_bias": False}
    return kind(
        plan.sizes["units"],
        kernel_initializer=plan.xavier(),
        recurrent_initializer=plan.xavier(),
        name=name,
        **options,
    )


def rlstm_cell(stationary: bool) -> Callable:
    """R-LSTM, which drops its own outputs."""

    def recur(features, plan: Plan, attended: bool):
        domain = "real" if attended else plan.domain
        return RLSTM(plan.sizes["units"], plan.dropout, stationary, domain=domain, seed=plan.seed(), name="cell")(
            features
        )

    return recur


def loop_cell(kind: type) -> Callable:
    """One of this package's loops, and dropout on its output."""

    def recur(features, plan: Plan, attended: bool):
        cell = kind(plan.sizes["units"], domain=plan.domain, seed=plan.seed(), name="cell")
        return Dropout(plan.dropout, seed=plan.seed(), name="cell_dropout")(cell(features))

    return recur


# ---- read-outs


def dense(outputs, plan: Plan):
    """A dense layer of Keras over the cell's last output."""
    return keras.layers.Dense(plan.classes, kernel_initializer=plan.xavier(), name="logits")(outputs)


def max_pooled(outputs, plan: Plan):
    """Logits of each unit's maximum over steps."""
    return dense(StepPooling("max", name="max_pooling")(outputs), plan)


def mean_pooled(outputs, plan: Plan):
    """Logits of each unit's mean over steps."""
    return dense(StepPooling("mean", name="mean_pooling")(outputs), plan)


def sum_pooled(outputs, plan: Plan):
    """Logits of each unit's sum over steps."""
    return dense(StepPooling("sum", name="sum_pooling")(outputs), plan)


def self_attended(outputs, plan: Plan):
    """Logits of the steps that self-attention looks at (Lin et al., 2017)."""
    units, hops = plan.sizes["attention_units"], plan.sizes["attention_hops"]
    return dense(SelfAttention(units, hops, seed=plan.seed(), name="self_attention")(outputs), plan)


def negative_bias_dense(outputs, plan: Plan):
    """The thesis' output layer."""
    return Dense(plan.classes, rectified=False, seed=plan.seed(), name="logits")(outputs)
