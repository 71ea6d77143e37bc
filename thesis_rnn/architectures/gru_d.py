"""GRU-D (Che et al., 2018) for series with missing values."""

from keras import layers, ops

from thesis_rnn.architectures.plan import Plan
from thesis_rnn.layers import GRUD, Dropout, Gaps


def connect_gru_d(inputs, plan: Plan):
    """A cell of x, m = [x != 0] and the steps since a feature was last observed, and a dense layer.

    A value of exactly 0 is missing, as a step of zeros is padding: features are standardised, so that 0 is also the
    mean to which values fade. Explanations ask at other points with the m of the explained samples.

    Args:
      inputs: [batch, steps, features], 0 where a value is missing.
      plan: size "units".
    """
    observed = ops.cast(ops.not_equal(inputs, 0), inputs.dtype)
    observed, since = Gaps(name="gaps")(observed)
    cell = GRUD(plan.sizes["units"], domain=plan.domain, seed=plan.seed(), name="cell")
    hidden = Dropout(plan.dropout, seed=plan.seed(), name="cell_dropout")(cell([inputs, observed, since]))
    return layers.Dense(plan.classes, kernel_initializer=plan.xavier(), name="logits")(hidden)
