"""A sequence autoencoder whose code is also read by a classifier."""

from keras.layers import LSTM

from thesis_rnn.architectures.plan import Plan, flat_steps
from thesis_rnn.architectures.series import dense, keras_cell
from thesis_rnn.layers import Dropout, Reconstruction


def connect_autoencoder(inputs, plan: Plan):
    """An LSTM's last output is a code, from which the logits are read and, in training, the series is told again."""
    series = flat_steps(inputs)
    features = Dropout(plan.dropout, seed=plan.seed(), name="input_dropout")(series)
    code = keras_cell(LSTM)(features, plan, attended=False)
    told = Reconstruction(plan.sizes["units"], seed=plan.seed(), name="reconstruction")
    return dense(told([code, series]), plan)
