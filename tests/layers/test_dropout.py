"""Dropout: what the masks are, how long they last, and where the recurrent layers place them.

Placement is seen with kernels that copy: what comes out of a one is the product of the masks on its way.
"""

import numpy as np
import pytest

from thesis_rnn.layers import RLSTM, DenseRecurrence, Dropout, StationaryDropout, make_dropout

RATE = 0.2
KEPT = 1.25  # 1 / (1 - RATE), what a kept activation is multiplied with
NONE = -100.0  # a bias whose softplus, 4e-44, is nothing beside one
BATCH, UNITS = 20, 200
KINDS = pytest.mark.parametrize("kind", [Dropout, StationaryDropout])


def ones(*shape):
    return np.ones(shape, np.float32)


# ---- the masks


@KINDS
def test_a_share_of_rate_is_dropped_and_the_rest_is_scaled_up(kind):
    a = kind(RATE, seed=0)(ones(50, 4, 500), training=True).numpy()
    assert set(np.unique(a)) == {0, KEPT}
    assert np.mean(a == 0) == pytest.approx(RATE, abs=0.015)  # 6 standard errors of 25,000 masks per sequence
    assert a.mean() == pytest.approx(1, abs=0.015)  # the expected activation is unchanged


@KINDS
def test_nothing_is_dropped_outside_training_or_at_rate_zero(kind):
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    np.testing.assert_array_equal(kind(RATE)(x), x)
    np.testing.assert_array_equal(kind(RATE)(x, training=False), x)
    np.testing.assert_array_equal(kind(0.0)(x, training=True), x)


def test_ordinary_masks_differ_between_steps_and_stationary_ones_do_not():
    x = ones(8, 5, 100)
    ordinary = Dropout(RATE, seed=0)(x, training=True).numpy()
    stationary = StationaryDropout(RATE, seed=0)(x, training=True).numpy()
    np.testing.assert_array_equal(stationary, stationary[:, :1].repeat(5, axis=1))
    # Two independent masks agree with probability 0.2^2 + 0.8^2 = 0.68.
    assert np.mean(ordinary[:, 0] == ordinary[:, 1]) == pytest.approx(0.68, abs=0.1)
    assert np.mean(stationary[0, 0] == stationary[1, 0]) == pytest.approx(0.68, abs=0.2)  # another sequence


@KINDS
def test_the_masks_of_each_call_come_from_the_seed(kind):
    x = ones(4, 2, 50)
    one, twin, other = kind(RATE, seed=1), kind(RATE, seed=1), kind(RATE, seed=2)
    calls = [one(x, training=True).numpy() for _ in range(2)]
    assert (calls[0] != calls[1]).any()
    np.testing.assert_array_equal(calls, [twin(x, training=True) for _ in range(2)])
    assert (calls[0] != other(x, training=True).numpy()).any()


@pytest.mark.parametrize("rate", [1, -0.1, 1.5, float("nan")])
def test_rates_that_are_no_probability_are_refused(rate):
    with pytest.raises(ValueError, match=rf"^dropout rate must lie in \[0, 1\); received {rate}$"):
        Dropout(rate)


def test_the_kind_is_chosen_by_name():
    assert type(make_dropout(RATE, stationary=False)) is Dropout
    assert type(make_dropout(RATE, stationary=True, name="masks")) is StationaryDropout


# ---- placement in the dense recurrence: identity kernels, one neuron for each feature


def products_of_masks(layer, x, weights):
    """The distinct outputs in training, and how many are not zero; the output outside of training is all ones."""
    layer.build((None, *x.shape[1:]))
    layer.set_weights(weights)
    np.testing.assert_allclose(layer(x), 1, rtol=1e-6)
    output = layer(x, training=True).numpy()
    return np.unique(output.round(5)).tolist(), np.mean(output > 0)


def recurrent_copies(drop_all, stationary, steps):
    """x_1 = 1 comes out at the last step, through the hidden and recurrent layers between; x_2, ... are 0."""
    layer = DenseRecurrence(UNITS, UNITS, RATE, stationary, drop_all, seed=0)
    copy, bias = np.eye(UNITS), np.full(UNITS, NONE)
    x = ones(BATCH, steps, UNITS)
    x[:, 1:] = 0
    return products_of_masks(layer, x, [np.vstack([copy] * min(steps, 2)), bias, copy, bias])


@pytest.mark.parametrize(
    ("drop_all", "stationary", "steps", "value", "kept"),
    [
        # Shallow: only hidden where it feeds recur. One step has no recur.
        (False, False, 1, 1, 1),
        (False, False, 2, KEPT, 0.8),
        (False, False, 3, KEPT**2, 0.8**2),
        # Deep, T = 1: the input, and hidden where it is the output.
        (True, False, 1, KEPT**2, 0.8**2),
        # Deep, T = 2: x_1, hidden_1, r_2, hidden_2.
        (True, False, 2, KEPT**4, 0.8**4),
        # Deep-SD, T = 2: the mask of hidden_1 is that of hidden_2; three masks, one of them applied twice.
        (True, True, 2, KEPT**4, 0.8**3),
        # T = 3: x_1, hidden_1, r_2, hidden_2, r_3, hidden_3; still three masks.
        (True, True, 3, KEPT**6, 0.8**3),
    ],
)
def test_where_the_dense_recurrence_drops(drop_all, stationary, steps, value, kept):
    values, share = recurrent_copies(drop_all, stationary, steps)
    assert values[-1] == pytest.approx(value, rel=1e-5)
    assert values[:-1] == ([] if kept == 1 else [0])
    assert share == pytest.approx(kept, abs=0.05)  # 6 standard errors of 4,000


# ---- placement in the R-LSTM: gates open, one cell for each feature


def gated_copies(stationary, forget, steps=2):
    """x_1 = 1 is written at the first step and, by the cell (or, if it forgets, by h), carried to the last."""
    layer = RLSTM(UNITS, RATE, stationary, seed=0)
    copy, none = np.eye(UNITS), np.zeros((UNITS, UNITS))
    gate_bias = np.repeat([100.0, -100.0 if forget else 100.0, 100.0], UNITS)  # sigmoid: 1 or 4e-44
    x = ones(BATCH, steps, UNITS)
    x[:, 1:] = 0
    candidate = np.vstack([copy, copy if forget else none])
    return products_of_masks(layer, x, [np.zeros((2 * UNITS, 3 * UNITS)), gate_bias, candidate, np.full(UNITS, NONE)])


@pytest.mark.parametrize(
    ("stationary", "forget", "value", "kept"),
    [
        # With -SD only h is dropped. Through the cell: once, at the output.
        (True, False, KEPT, 0.8),
        # Through h_1 and h_2: twice, by the same mask.
        (True, True, KEPT**2, 0.8),
        # Without: i_1, f_2, o_2 and h_2.
        (False, False, KEPT**4, 0.8**4),
        # Through h: i_1, o_1, h_1, i_2, o_2, h_2.
        (False, True, KEPT**6, 0.8**6),
    ],
)
def test_where_the_rlstm_drops(stationary, forget, value, kept):
    values, share = gated_copies(stationary, forget)
    assert values == pytest.approx([0, value], rel=1e-5)
    assert share == pytest.approx(kept, abs=0.05)
