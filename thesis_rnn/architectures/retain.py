"""RETAIN (Choi et al., 2016): attention to steps and, at each step, to features, both read in reversed time."""

from keras import layers, ops

from thesis_rnn.architectures.plan import Plan, flat_steps
from thesis_rnn.layers import Dropout, WeightedSum


def connect_retain(inputs, plan: Plan):
    """v_t = E x_t; alpha = softmax over steps of w g_t; beta_t = tanh(U h_t); logits W sum_t alpha_t beta_t o v_t + b.

    g and h are the states of two GRUs that read v from the last step to the first. The logits are linear in x once the
    weights are given: x_td adds alpha_t W (beta_t o E_d) x_td, see the method ``contributions``.

    Args:
      inputs: [batch, steps, features], or images [batch, steps, rows, columns].
      plan: sizes "visit" (of v) and "units" (of each GRU).
    """
    values = layers.Dense(
        plan.sizes["visit"], use_bias=False, kernel_initializer=plan.xavier(), name="visit_embedding"
    )(flat_steps(inputs))
    values = Dropout(plan.dropout, seed=plan.seed(), name="visit_dropout")(values)
    steps_read, features_read = (_backwards(values, plan, f"{name}_cell") for name in ("steps", "features"))
    scores = layers.Dense(1, kernel_initializer=plan.xavier(), name="step_scores")(steps_read)
    beta = layers.Dense(plan.sizes["visit"], "tanh", kernel_initializer=plan.xavier(), name="feature_weights")
    context = WeightedSum(name="context")([scores, beta(features_read), values])
    return layers.Dense(plan.classes, kernel_initializer=plan.xavier(), name="logits")(context)


def _backwards(values, plan: Plan, name: str):
    """The states of a GRU that reads from the last step to the first, each at its own step."""
    states = layers.GRU(
        plan.sizes["units"],
        return_sequences=True,
        go_backwards=True,
        kernel_initializer=plan.xavier(),
        recurrent_initializer=plan.xavier(),
        name=name,
    )(values)
    return ops.flip(states, axis=1)
