"""Relevance through chosen units: a partition's maps sum to the whole."""

import keras
import numpy as np
import pytest

import thesis_rnn
from tests.helpers.thinned import thinned
from thesis_rnn import explain
from thesis_rnn.errors import InputError

X = np.random.default_rng(0).normal(size=(4, 5, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def stock():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((5, 3))
    masked = keras.layers.Masking(name="masking")(inputs)
    steps = keras.layers.LSTM(4, return_sequences=True, name="below")(masked)
    last = keras.layers.LSTM(3, name="above")(steps)
    hidden = keras.layers.Dense(6, "relu", name="hidden")(last)
    around = keras.layers.Concatenate(name="both")([hidden, last])
    return keras.Model(inputs, keras.layers.Dense(2, "softmax", name="head")(around))


@pytest.mark.slow
@pytest.mark.parametrize("layer", thinned(["above", "below"]))
def test_a_partition_sums_to_the_whole(stock, layer):
    x = X.copy()
    x[:, 4] = 0  # masked
    given = {"target": 1, "method": "lrp_epsilon", "dtype": "float64"}
    whole = explain(stock, x, **given)
    units = 4 if layer == "below" else 3
    parts = [explain(stock, x, through={layer: part}, **given) for part in (0, range(1, units))]
    np.testing.assert_allclose(sum(part.relevance for part in parts), whole.relevance, atol=1e-12)
    assert all(np.abs(part.relevance).sum() > 0 for part in parts)
    assert (parts[0].relevance[:, 4] == 0).all()
    np.testing.assert_array_equal(parts[0].logits, whole.logits)
    none = explain(stock, x, through={layer: np.zeros(units, bool)}, **given)
    assert (none.relevance == 0).all()
    np.testing.assert_allclose(none.absorbed, none.explained)


@pytest.mark.slow
def test_what_goes_around_a_layer_does_not_arrive(stock):
    given = {"target": 1, "method": "lrp_epsilon", "dtype": "float64"}
    whole = explain(stock, X, **given)
    through = explain(stock, X, through={"hidden": range(6)}, **given)
    around = explain(stock, X, through={"both": range(6, 9)}, **given)  # of the concatenation, the part of the other
    np.testing.assert_allclose(through.relevance + around.relevance, whole.relevance, atol=1e-12)
    one = explain(stock, X, through={"both": range(6), "below": [1]}, **given)  # through two layers
    other = explain(stock, X, through={"below": [0, 2, 3], "both": range(6)}, **given)
    np.testing.assert_allclose(one.relevance + other.relevance, through.relevance, atol=1e-12)


def test_of_a_linear_layer_it_is_the_units_own_part():
    # y = 2 (x1 + x2) - 3 (x1 - x2): through unit 0 the relevance is 2 x1 and 2 x2, through unit 1 it is -3 x1 and 3 x2
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, name="hidden"), keras.layers.Dense(1)])
    model.set_weights([np.array([[1.0, 1.0], [1.0, -1.0]]), np.zeros(2), np.array([[2.0], [-3.0]]), np.zeros(1)])
    x = np.array([[5.0, 2.0]])
    for unit, expected in enumerate(([10, 4], [-15, 6])):
        found = explain(model, x, 0, "lrp_epsilon(epsilon=1e-12)", through={"hidden": unit}, dtype="float64")
        np.testing.assert_allclose(found.relevance, [expected], rtol=1e-6)
    both = explain(model, x, 0, "lrp_epsilon(epsilon=1e-12)", through={"hidden": [0, -1]}, dtype="float64")
    np.testing.assert_allclose(both.relevance, [[-5, 10]], rtol=1e-6)


def test_a_model_of_the_thesis_through_two_layers():
    model = thesis_rnn.build("shallow", dataset="digits", sizes={"hidden": 4, "recur": 4}, seed=0)
    x = np.random.default_rng(0).uniform(-1, 1, (2, *model.input_shape[1:])).astype(np.float32)
    layers = [layer.name for layer in model.layers if len(layer.output.shape) == 2][:1]
    [width] = [layer.output.shape[-1] for layer in model.layers if layer.name in layers]
    whole = explain(model, x, 0, "lrp")
    parts = [explain(model, x, 0, "lrp", through={layers[0]: part}) for part in (range(2), range(2, width))]
    np.testing.assert_allclose(sum(part.relevance for part in parts), whole.relevance, atol=1e-5)


@pytest.mark.parametrize(
    ("through", "method", "message"),
    [
        ({"nowhere": 0}, "lrp_epsilon", "layers of the model are masking, below, .*; received through='nowhere'"),
        ({"above": 3}, "lrp_epsilon", r"units of above lie in 0\.\.2; received 3"),
        ({"above": 0.5}, "lrp_epsilon", "units of above are integers"),
        (["above"], "lrp_epsilon", "through is a dict of layers and their units"),
        ({"above": 0}, "sensitivity", "relevance that is propagated can be filtered"),
        ({"above": 0}, "integrated_gradients", "relevance that is propagated can be filtered"),
    ],
)
def test_bad_input(stock, through, method, message):
    with pytest.raises(InputError, match=message):
        explain(stock, X, 0, method, through=through)


# ---- states at a step


def recurrent(cell, **given):
    keras.utils.set_random_seed(3)
    inputs = keras.Input((6, 2))
    steps = cell(4, name="loop", **given)(keras.layers.Masking()(inputs))
    steps = steps if len(steps.shape) == 2 else keras.layers.GlobalAveragePooling1D()(steps)
    return keras.Model(inputs, keras.layers.Dense(2, "softmax")(steps))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "state", "given"),
    [
        pytest.param(keras.layers.LSTM, "cell", {}, marks=pytest.mark.slow),
        pytest.param(keras.layers.GRU, "hidden", {"return_sequences": True}, marks=pytest.mark.slow),
        (keras.layers.SimpleRNN, "hidden", {}),
    ],
)
def test_units_of_a_state_pass_what_earlier_steps_have(cell, state, given):
    x = np.random.default_rng(1).normal(size=(3, 6, 2))
    x[1, 2:4] = 0  # masked: the state after steps 2 and 3 is that after step 1
    x[2, :4] = 0  # there is no state of inputs yet
    model, asked = recurrent(cell, **given), {"target": 1, "method": "lrp_epsilon", "dtype": "float64"}
    whole = explain(model, x, **asked).relevance
    at = f"loop/{state}@3"
    parts = [explain(model, x, through={at: units}, **asked).relevance for units in ([0], [1, 3], [2])]
    none = explain(model, x, through={at: np.zeros(4, bool)}, **asked).relevance
    # Inputs after step 3 do not pass its state: they keep theirs, whatever is chosen.
    for part in (*parts, none):
        np.testing.assert_allclose(part[:, 4:], whole[:, 4:], atol=1e-12)
    if not given:  # of outputs of all steps, earlier ones have relevance that does not pass the state either
        assert (none[:, :4] == 0).all()
    assert np.abs((whole - none)[:2, :4]).sum() > 0
    np.testing.assert_allclose(sum(part - none for part in parts), whole - none, atol=1e-12)
    assert all(np.abs((part - none)[:2, :4]).sum() > 0 for part in parts)


@pytest.mark.slow
def test_a_state_of_a_long_loop_is_the_relevance_that_the_record_tells():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((20, 2)), keras.layers.GRU(3, name="loop"), keras.layers.Dense(2, "softmax")])
    x, asked = np.random.default_rng(2).normal(size=(2, 20, 2)), {"method": "lrp_epsilon(epsilon=1e-9)"}
    states = explain(model, x, 1, states=True, dtype="float64", **asked).states["loop/hidden"]
    for unit in range(3):
        found = explain(model, x, 1, through={"loop/hidden@7": unit}, dtype="float64", **asked).relevance
        # What arrives at the unit goes on to the inputs up to there, up to the biases' part.
        assert np.sign(found[:, :8].sum(axis=(1, 2))).tolist() == np.sign(states[:, 7, unit]).tolist()


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ("loop/hidden@3", "all of layer 'loop' passes its state 'cell'; received through='loop/hidden@3'"),
        ("loop/cell@6", r"steps of loop lie in 0\.\.5, a known number; received 6"),
        ("dense/cell@3", "layers with states are loop, run once and not backwards; received through='dense/cell@3'"),
    ],
)
def test_states_that_do_not_exist_are_refused(at, message):
    with pytest.raises(InputError, match=f"^{message}"):
        explain(recurrent(keras.layers.LSTM), np.ones((1, 6, 2)), 1, "lrp_epsilon", through={at: 0})


def test_gates_with_relevance_go_around_a_cell_state():
    with pytest.raises(InputError, match=r"^gates with relevance go around a cell state; .*; received gates=half$"):
        explain(
            recurrent(keras.layers.LSTM), np.ones((1, 6, 2)), 1, "lrp_epsilon(gates=half)", through={"loop/cell@3": 0}
        )
