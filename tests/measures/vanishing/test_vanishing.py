"""Vanishing saliency: half-lives by hand, Jacobians and gates against formulas and differences."""

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure

from thesis_rnn import build
from thesis_rnn.measures.measure import Scored
from thesis_rnn.measures.vanishing.decay import half_life, products_after, relevance_by_step
from thesis_rnn.measures.vanishing.remaining import relevance_half_life
from thesis_rnn.measures.vanishing.state_influence import forget_gates, jacobian_norms
from thesis_rnn.reporting.scores.vanishing import FLOOR, decay_table, draw_decay

SIZES = {"steps": 6, "features": 4, "classes": 2, "units": 3}


def series(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# ---- numbers


def test_half_life_counts_own_steps_and_no_padding():
    # Of the first sample's 2 own steps the last holds 3 of 4: half is reached within it, at 2 / 3 of a step.
    relevance = np.array([[[1.0], [3.0], [0.0], [0.0]], [[1.0], [1.0], [1.0], [1.0]]])
    scored = Scored(relevance, relevance, np.zeros(2, int), lengths=np.array([2, 4]))
    np.testing.assert_allclose(relevance_half_life(scored), [2 / 3, 2])


def test_relevance_by_step_by_hand():
    # |1| + |-3| = 4 and |4| + |8| = 12 of 16; a sample of zeros has no shares.
    relevance = np.array([[[1, -3], [4, 8]], [[0, 0], [0, 0]]])
    np.testing.assert_array_equal(relevance_by_step(relevance), [[1 / 4, 3 / 4], [0, 0]])
    np.testing.assert_array_equal(relevance_by_step([[1.0, -3.0]]), [[1 / 4, 3 / 4]])


def test_half_life_by_hand():
    # Half of 8 is 4. From the end: 2, 2 + 4 = 6: one whole step and (4 - 2) / 4 of the next.
    np.testing.assert_allclose(half_life([[1, 1, 4, 2]]), [1.5])
    # All on the last step: half a step. Even mass: half the series. On the first step only: three steps and a half.
    np.testing.assert_allclose(half_life([[0, 0, 0, 7], [3, 3, 3, 3], [5, 0, 0, 0]]), [0.5, 2, 3.5])
    assert np.isnan(half_life(np.zeros((1, 4)))).all()


@pytest.mark.parametrize("q", [0.5, 0.9, 0.99])
def test_half_life_of_an_exponential_is_the_time_in_which_it_halves(q):
    mass = q ** np.arange(5000.0)[::-1]
    # Within a step the mass counts as even, which is off by less than ln(2)^2 / 8 < 0.07 of a step.
    assert half_life([mass])[0] == pytest.approx(np.log(2) / -np.log(q), abs=0.07)
    np.testing.assert_allclose(half_life([mass * 1e-300, mass * 1e300]), half_life([mass, mass]))  # whatever its scale


@pytest.mark.parametrize("seed", range(3))
def test_half_life_against_interpolation(seed):
    mass = np.random.default_rng(seed).random((20, 13)) ** 4
    held = np.pad(mass[:, ::-1].cumsum(axis=1), ((0, 0), (1, 0)))
    expected = [np.interp(each[-1] / 2, each, np.arange(14)) for each in held]
    np.testing.assert_allclose(half_life(mass), expected)


def test_products_after_by_hand():
    # After step 1: 0.5 * 0.25; after step 2: 0.25; after the last: the empty product.
    np.testing.assert_array_equal(products_after([[[0.9], [0.5], [0.25]]]), [[[0.125], [0.25], [1]]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: half_life([[1, -1]]), r"^mass must have steps and be at least 0; received -1 in \(1, 2\)$"),
        (lambda: half_life(np.zeros((2, 0))), r"^mass must have steps and be at least 0; received 0 in \(2, 0\)$"),
        (
            lambda: half_life([[np.nan, 1]]),
            r"^mass \[n, steps\] must be finite in every cell; received nan at \(0, 0\)$",
        ),
        (lambda: products_after([[[1.5]]]), r"^gates must lie in \[0, 1\]; received values from 1.5 to 1.5$"),
        (lambda: relevance_by_step([1.0]), r"^relevance \[n, steps, ...\] must have 2 axes; received shape \(1,\)$"),
    ],
)
def test_what_cannot_be_measured_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ---- Jacobians


def test_the_jacobian_of_a_simple_rnn_by_its_formula():
    # h_i = tanh(W x_i + U h_{i-1}): dh_i / dh_{i-1} = diag(1 - h_i^2) U^T, multiplied from t + 1 to T.
    model = build("simple_rnn", **SIZES)
    x = series(2, 6, 4)
    cell = model.get_layer("cell").cell
    kernel, recurrent = np.float64(cell.kernel), np.float64(cell.recurrent_kernel)
    expected = np.zeros((2, 6))
    for sample in range(2):
        hidden = [np.zeros(3)]
        for step in np.float64(x[sample]):
            hidden.append(np.tanh(step @ kernel + hidden[-1] @ recurrent))
        jacobian = np.eye(3)
        for t in reversed(range(6)):
            expected[sample, t] = np.linalg.norm(jacobian)
            jacobian = jacobian @ np.diag(1 - hidden[t + 1] ** 2) @ recurrent.T
    norms = jacobian_norms(model, x, batch_size=1)
    assert set(norms) == {"hidden"}
    np.testing.assert_allclose(norms["hidden"], expected, rtol=1e-5)


@pytest.mark.parametrize("name", ["lstm", "lstm_ica", "gru"])
def test_jacobians_against_differences_of_the_states(name):
    """Runs the cell on from h_t, c_t, and from states that are shifted a little."""
    attention = {"attention_units": 6, "attention_hops": 2} if name.endswith("ica") else {}
    model = build(name, **SIZES, **attention)
    x, t, step = series(1, 6, 4), 2, 1e-4
    layer = model.get_layer("cell")
    read = np.float64(keras.Model(model.input, layer.input)(x))
    cell = type(layer.cell).from_config(layer.cell.get_config() | {"dtype": "float64"})
    cell.build((None, 4))
    cell.set_weights(layer.cell.get_weights())

    def run(states, steps):
        for each in steps:
            _, states = cell(np.repeat(read[:, each], len(states[0]), axis=0), states)
        return [np.asarray(state) for state in states]

    count = 1 if name == "gru" else 2
    states = run([np.zeros((1, 3))] * count, range(t + 1))
    norms = jacobian_norms(model, x)
    shifts = step * np.eye(3)
    for index, state in enumerate(("hidden", "cell")[:count]):
        ahead, behind = (
            [s + (sign * shifts if i == index else 0 * shifts) for i, s in enumerate(states)] for sign in (1, -1)
        )
        if state == "cell":  # takes along h_t = o_t tanh(c_t)
            output_gate = states[0] / np.tanh(states[1])
            ahead[0], behind[0] = (output_gate * np.tanh(shifted[1]) for shifted in (ahead, behind))
        jacobian = (run(ahead, range(t + 1, 6))[0] - run(behind, range(t + 1, 6))[0]) / (2 * step)
        assert norms[state][0, t] == pytest.approx(np.linalg.norm(jacobian), rel=1e-4)
    assert norms["hidden"][0, -1] == pytest.approx(np.sqrt(3))  # dh_T / dh_T is the identity


def test_the_backward_layer_ends_at_the_first_step():
    model = build("bilstm", **SIZES)
    x = series(2, 6, 4)
    with pytest.raises(
        ValueError, match=r"^name one of the model's recurrent layers: \w*cell, \w*cell; received None$"
    ):
        jacobian_norms(model, x)
    forward, backward = (
        layer.name for layer in (model.get_layer("cells").forward_layer, model.get_layer("cells").backward_layer)
    )
    np.testing.assert_allclose(jacobian_norms(model, x, forward)["hidden"][:, -1], np.sqrt(3))
    np.testing.assert_allclose(jacobian_norms(model, x, backward)["hidden"][:, 0], np.sqrt(3))


def test_the_rlstm_has_both_states():
    norms = jacobian_norms(build("rlstm_sd", **SIZES), series(2, 6, 4))
    assert {name: values.shape for name, values in norms.items()} == {"hidden": (2, 6), "cell": (2, 6)}
    np.testing.assert_allclose(norms["hidden"][:, -1], np.sqrt(3))


def test_masked_steps_are_refused():
    x = np.pad(series(2, 4, 4), ((0, 0), (0, 2), (0, 0)))
    with pytest.raises(
        ValueError, match=r"^Jacobians need series without masked steps, cut them off; received 4 of them$"
    ):
        jacobian_norms(build("lstm", **SIZES, masked=True), x)


# ---- gates


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_forget_gates_against_a_loop(name):
    model = build(name, **SIZES)
    layer, x = model.get_layer("cell"), series(2, 6, 4)
    layer.set_weights([weights + series(*weights.shape, seed=1) / 2 for weights in layer.get_weights()])
    kernel, recurrent, bias = map(np.float64, layer.get_weights())
    columns = slice(3, 6) if name == "lstm" else slice(0, 3)  # Keras: i, f, c, o and z, r, h
    bias = bias if name == "lstm" else bias.sum(axis=0)
    states = [np.zeros((2, 3), np.float32)] * (2 if name == "lstm" else 1)
    for t in range(6):
        gate = sigmoid((x[:, t] @ kernel + np.asarray(states[0]) @ recurrent + bias)[:, columns])
        np.testing.assert_allclose(forget_gates(model, x)[:, t], gate, rtol=1e-4)
        _, states = layer.cell(x[:, t], states)


def test_forget_gates_of_other_models():
    x = series(2, 4, 4)
    rlstm = build("rlstm_sd", **SIZES | {"steps": 4})
    gates = forget_gates(rlstm, x)
    kernel, bias = rlstm.get_layer("cell").gate_kernel.numpy(), rlstm.get_layer("cell").gate_bias.numpy()
    np.testing.assert_allclose(gates[:, 0], sigmoid(x[:, 0] @ kernel[:4, 3:6] + bias[3:6]), rtol=1e-5)  # h_0 = 0
    short = build("lstm", **SIZES | {"steps": 4})
    padded = forget_gates(build("lstm", **SIZES, masked=True), np.pad(x, ((0, 0), (0, 2), (0, 0))))
    np.testing.assert_allclose(padded[:, :4], forget_gates(short, x), rtol=1e-5)
    assert (padded[:, 4:] == 1).all()  # the state stays as it is
    with pytest.raises(
        ValueError, match=r"^name one of the model's layers with forget gates: it has none; received None$"
    ):
        forget_gates(build("simple_rnn", **SIZES), series(2, 6, 4))


# ---- the figure and the table


def test_the_table_by_hand():
    # Half-lives 1.5 and 2 (see above): median 1.75, quartiles 1.625 and 1.875. First over last: 1/2 and 1, median 0.75.
    table = decay_table({"LSTM": [[1, 1, 4, 2], [3, 3, 3, 3], [0, 0, 0, 0]], "empty": np.zeros((2, 4))})
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    assert cells == [["LSTM", "1.8", "1.6 - 1.9", "1", "0.75"], ["empty", "nan", "nan - nan", "2", "nan"]]


def test_the_figure_shows_medians_over_time_on_a_marked_floor():
    axis = Figure().subplots()
    draw_decay(axis, {"LSTM": [[1, 2, 4], [2, 4, 4], [0, 4, 0]], "GRU": [[0, 1, 1]]}, {"LSTM": "C0", "GRU": "C1"})
    first, second, floor = axis.get_lines()
    np.testing.assert_array_equal(first.get_xdata(), [1, 2, 3])
    np.testing.assert_allclose(first.get_ydata(), [3 / 8, 3 / 4, 1])  # of 1/4, 1/2 and 1/2, 1; the third ends at zero
    np.testing.assert_allclose(second.get_ydata(), [FLOOR, 1, 1])
    np.testing.assert_allclose(floor.get_ydata(), FLOOR)
    assert axis.get_yscale() == "log"
    assert not axis.xaxis_inverted()
