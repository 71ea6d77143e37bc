"""IMV-LSTM (Guo et al., 2019): a hidden state for each variable, attention to its steps, and attention to variables."""

from keras import layers, ops

from thesis_rnn.architectures.plan import Plan
from thesis_rnn.layers import Dropout, LastStep, VariableLSTM, WeightedSum


def connect_imv_lstm(inputs, plan: Plan, shared_gates: bool = False):
    """h^n_t of each variable n; g^n = sum_t alpha^n_t h^n_t; logits sum_n beta_n (W^n [g^n, h^n_T]) + b.

    alpha^n is a softmax over steps, beta over variables, of tanh networks of one layer. The logits of each variable are
    averaged, as the published code does, where the paper has a mixture of densities. Step t of variable n adds
    beta_n W^n [alpha^n_t h^n_t, h^n_T if t = T]: see the method ``contributions``.

    Args:
      inputs: [batch, steps, features], of which each is a variable.
      plan: size "units", of each variable.
      shared_gates: gates see all variables (IMV-Full), not their own alone (IMV-Tensor).
    """
    seen = Dropout(plan.dropout, seed=plan.seed(), name="input_dropout")(inputs)
    cell = VariableLSTM(plan.sizes["units"], shared_gates, domain=plan.domain, seed=plan.seed(), name="cell")
    states = cell(seen)
    scores = layers.EinsumDense(
        "btnd,nde->btne",
        (None, inputs.shape[-1], 1),
        activation="tanh",
        bias_axes="ne",
        kernel_initializer=plan.xavier(),
        name="step_scores",
    )
    context = WeightedSum(name="context")([scores(ops.copy(states)), states])  # the scores need no mask
    both = layers.Concatenate(name="context_and_last")([context, LastStep(name="last_state")(states)])
    of_variables = layers.EinsumDense(
        "bnf,nfc->bnc",
        (inputs.shape[-1], plan.classes),
        bias_axes="c",  # the same for all variables: as beta sums to 1, it is the bias of the logits
        kernel_initializer=plan.xavier(),
        name="variable_logits",
    )
    importance = layers.Dense(1, "tanh", kernel_initializer=plan.xavier(), name="variable_scores")
    return WeightedSum(of_steps=False, name="logits")([importance(both), of_variables(both)])
