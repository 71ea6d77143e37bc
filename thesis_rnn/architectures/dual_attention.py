"""DA-RNN's two stages of attention (Qin et al., 2017): to features at each step, and to steps."""

from keras import layers, ops

from thesis_rnn.architectures.plan import Plan
from thesis_rnn.layers import Dropout, InputAttentionLSTM, WeightedSum


def connect_dual_attention(inputs, plan: Plan):
    """h_t of an LSTM with attention to features; c = sum_t beta_t h_t; logits W [h_T, c] + b.

    beta is the softmax over steps of v . tanh(U h_t + V h_T). The paper's decoder reads earlier targets, which a class
    does not have, so it takes one step here, whose state is h_T.

    Args:
      inputs: [batch, steps, features].
      plan: size "units".
    """
    units = plan.sizes["units"]
    seen = Dropout(plan.dropout, seed=plan.seed(), name="input_dropout")(inputs)
    cell = InputAttentionLSTM(units, return_sequences=True, domain=plan.domain, seed=plan.seed(), name="cell")
    states = cell(seen)
    last = states[:, -1]  # also of a padded series: masked steps repeat the state
    keys = layers.Dense(units, use_bias=False, kernel_initializer=plan.xavier(), name="keys")(states)
    query = layers.Dense(units, kernel_initializer=plan.xavier(), name="query")(last)
    together = layers.Activation("tanh", name="keys_and_query")(keys + ops.expand_dims(query, 1))
    scores = layers.Dense(1, use_bias=False, kernel_initializer=plan.xavier(), name="step_scores")(together)
    context = WeightedSum(name="context")([scores, states])
    both = layers.Concatenate(name="last_and_context")([last, context])
    return layers.Dense(plan.classes, kernel_initializer=plan.xavier(), name="logits")(both)
