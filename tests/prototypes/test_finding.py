"""Prototypes: optima that are known in closed form, what stands beside them, units, masks, tokens, and bad input."""

import keras
import numpy as np
import pytest

import thesis_rnn
from thesis_rnn.errors import InputError
from thesis_rnn.prototypes.experts import Distance

RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(60, 2)).astype(np.float32)


def linear(kernel, bias, activation=None):
    """A model z = x W + b."""
    model = keras.Sequential([keras.Input((len(kernel),)), keras.layers.Dense(len(bias), activation, name="logits")])
    model.set_weights([np.array(kernel, np.float32), np.array(bias, np.float32)])
    return model


def far_above(model, **options):
    return thesis_rnn.prototype(model, box=(-np.inf, np.inf), steps=400, learning_rate=0.05, data=DATA, **options)


def test_the_optimum_of_a_regression_is_the_mean_plus_half_the_kernel_over_the_weight():
    # max w.x - lambda |x - m|^2 is at x = m + w / (2 lambda): with w = (1, -2) and lambda = 1/2, m + (1, -2).
    found = far_above(linear([[1.0], [-2.0]], [0.5]), target=0, weight=0.5)
    np.testing.assert_allclose(found.x[0], DATA.mean(axis=0) + [1, -2], atol=1e-3)
    assert np.isnan(found.p[0])
    np.testing.assert_allclose(found.value[0], found.x[0] @ [1, -2] + 0.5, rtol=1e-5)
    np.testing.assert_allclose(found.density[0], -5, atol=1e-2)  # -(1^2 + 2^2)


def test_the_optimum_of_a_class_fulfils_its_equation():
    # d/dx [log softmax_c - lambda |x - m|^2] = W (e_c - p) - 2 lambda (x - m) = 0.
    kernel = np.array([[2.0, -1.0, 0.0], [0.5, 1.0, -1.5]])
    found = far_above(linear(kernel, [0.1, 0.0, -0.2]), target=[0, 2], weight=0.1)
    for x, target in zip(found.x, found.target, strict=True):
        z = x @ kernel + [0.1, 0.0, -0.2]
        p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        np.testing.assert_allclose(kernel @ (np.eye(3)[target] - p), 0.2 * (x - DATA.mean(axis=0)), atol=2e-3)
        assert found.p[found.target == target][0] == pytest.approx(p[target], abs=1e-5)


def test_a_model_that_is_sure_still_moves_as_log_p_is_no_log_of_a_probability():
    # At x = (30, 0) the other class has p = 1 in float32; the log of the probability 0 would have no gradient.
    model = linear([[1.0, -1.0], [0.0, 0.0]], [0.0, 0.0], "softmax")
    start = np.array([30.0, 0.0], np.float32)
    options = {"around": start, "nearness": 1e-6, "box": (-np.inf, np.inf), "weight": 0.0}
    found = thesis_rnn.prototype(model, target=1, data=DATA, steps=5, learning_rate=1.0, **options)
    assert found.curve[0, 0] == pytest.approx(-60, rel=1e-4)
    assert found.x[0, 0] < 27


def test_the_box_holds_and_the_share_outside_is_told():
    inside = thesis_rnn.prototype(linear([[9.0], [9.0]], [0.0]), target=0, data=DATA, weight=0.0, steps=300)
    np.testing.assert_allclose(inside.x[0], np.full(2, DATA.max()), rtol=1e-6)  # the range of all cells
    assert inside.outside[0] == 0
    low = thesis_rnn.prototype(linear([[9.0], [0.0]], [0.0]), target=0, data=DATA, box=(-0.1, 0.2), steps=50)
    assert low.x.max() <= np.float32(0.2)
    assert low.x.min() >= np.float32(-0.1)


def test_the_nearest_sample_is_that_of_a_loop():
    found = thesis_rnn.prototype(linear([[1.0, -1.0], [0.5, 0.0]], [0.0, 0.0]), target=[0, 1], data=DATA, n=2, steps=20)
    for x, nearest, distance, neighbour in zip(found.x, found.nearest, found.distance, found.neighbour, strict=True):
        distances = [np.sqrt(((x - sample) ** 2).sum()) for sample in DATA]
        assert nearest == int(np.argmin(distances))
        assert distance == pytest.approx(min(distances), rel=1e-4)
        np.testing.assert_array_equal(neighbour, DATA[nearest])
    assert found.target.tolist() == [0, 0, 1, 1]
    assert ((found.denser >= 0) & (found.denser <= 1)).all()


def test_a_given_sample_holds_the_prototype_near():
    model, around = linear([[1.0, -1.0], [0.0, 0.0]], [0.0, 0.0]), DATA[3]
    loose, tight = (
        thesis_rnn.prototype(model, target=0, data=DATA, around=around, nearness=eta, steps=100) for eta in (0.01, 10.0)
    )
    assert np.linalg.norm(tight.x[0] - around) < 0.2 < np.linalg.norm(loose.x[0] - around)


# ---- series


@pytest.fixture(scope="module")
def series():
    """A masked recurrent model, and series of 2 to 4 own steps."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4, 2))
    states = keras.layers.LSTM(3, name="cell")(keras.layers.Masking()(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2, name="logits")(states))
    lengths = np.arange(30) % 3 + 2
    data = RNG.normal(size=(30, 4, 2)) * (np.arange(4) < lengths[:, np.newaxis])[..., np.newaxis]
    return model, data.astype(np.float32), lengths


def test_padding_is_held(series):
    model, data, lengths = series
    found = thesis_rnn.prototype(model, target=[0, 1], data=data, n=2, steps=20)  # lengths as the Masking tells them
    told = thesis_rnn.prototype(model, target=[0, 1], data=data, lengths=lengths, n=2, steps=20)
    np.testing.assert_array_equal(found.x, told.x)
    for x, length in zip(found.x, found.lengths, strict=True):
        assert (x[length:] == 0).all()
        assert (x[:length] != 0).all()
    assert set(found.lengths) <= {2, 3, 4}


@pytest.mark.parametrize(("unit", "place"), [("cell/hidden:1", 0), ("cell/cell:1", 1)])
def test_a_state_is_that_of_keras_after_its_step(series, unit, place):
    model, data, _ = series
    found = thesis_rnn.prototype(model, unit=unit, data=data, n=2, steps=15)
    layer = model.get_layer("cell")
    states = keras.layers.LSTM(3, return_state=True)
    states.build((None, 4, 2))
    states.set_weights(layer.get_weights())
    for x, length, value in zip(found.x, found.lengths, found.value, strict=True):
        expected = np.asarray(states(x[np.newaxis, :length])[1 + place])[0, 1]
        assert value == pytest.approx(expected, abs=1e-5)
    assert (found.curve[-1] > found.curve[0]).all()
    assert np.isnan(found.p).all()


@pytest.mark.parametrize(
    ("unit", "message"),
    [
        ("cell", r"^a unit is layer:index or layer/part:index, as in cell/hidden:17; received 'cell'$"),
        ("dense:1", r"^layers of the model are .*, cell, logits; received 'dense'$"),
        ("cell/gate:1", r"^parts of layer 'cell' are hidden, cell; received 'gate'$"),
        ("cell/hidden:3", r"^units are cell/hidden:0 to :2; received 3$"),
        ("logits:2", r"^units are logits:0 to :1; received 2$"),
        ("logits/out:1", r"^layer 'logits' has no parts; leave /out out; received Dense$"),
    ],
)
def test_units_that_do_not_exist_are_answered_with_those_that_do(series, unit, message):
    with pytest.raises(InputError, match=message):
        thesis_rnn.prototype(series[0], unit=unit, data=series[1])


def test_variation_makes_a_series_even(series):
    model, data, _ = series
    rough, even = (thesis_rnn.prototype(model, target=0, data=data, variation=v, steps=60).x for v in (0.0, 1.0))
    assert np.abs(np.diff(even[:, :2], axis=1)).sum() < 0.5 * np.abs(np.diff(rough[:, :2], axis=1)).sum()


# ---- tokens


def test_tokens_are_projected_and_p_is_theirs():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((4,), dtype="int32")
    embedded = keras.layers.Embedding(6, 3, mask_zero=True)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2, name="logits")(keras.layers.SimpleRNN(3)(embedded)))
    data = RNG.integers(1, 6, (40, 4)) * (np.arange(4) < RNG.integers(2, 5, (40, 1)))
    found = thesis_rnn.prototype(model, target=[0, 1], data=data, steps=20)
    assert found.x.dtype.kind == "i"
    assert found.x.shape == (2, 4)
    for x, length in zip(found.x, found.lengths, strict=True):
        assert (x[length:] == 0).all()
        assert (x[:length] > 0).all()
    z = model.predict(found.x, verbose=0)
    p = (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))[[0, 1], [0, 1]]
    np.testing.assert_allclose(found.p, p, rtol=1e-4)
    assert (found.p_embedded > 0.5).all()
    with pytest.raises(InputError, match=r"^tokens know only the expert 'l2'.*; received 'ppca'$"):
        thesis_rnn.prototype(model, target=0, data=data, expert="ppca")


# ---- bad input


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"^a prototype is of a target or of a unit; received neither$"),
        ({"target": 0, "unit": "logits:0"}, r"^a prototype is of a target or of a unit; received both$"),
        ({"target": 2}, r"^target must lie in 0\.\.1; received 2\.\.2$"),
        ({"target": 0, "data": None}, r"^prototypes need samples like those .*; received none$"),
        (
            {"target": 0, "data": DATA[:, :1]},
            r"^data must have the shape \[m, 2\] of .*; received \[60, 1\]$",
        ),
        ({"target": 0, "expert": "vae"}, r"^unknown expert; known ones are l2, ppca, gmm, rbm, decoder, generator"),
        ({"target": 0, "step": 1}, r"^an output is .*\[n, units\], or \[n, steps, units\] with step=; received"),
        ({"target": 0, "step": -1}, r"^step is counted from 0; received step=-1$"),
        ({"target": 0, "outputs": "probabilities"}, r"^outputs are logits or values; received 'probabilities'$"),
        ({"target": 0, "weight": -1.0}, r"^weight must be a finite number of at least 0; received -1.0$"),
        (
            {"target": 0, "nearness": 1.0},
            r"^around, a sample, and nearness, .*; received one of them$",
        ),
        ({"target": 0, "box": (1.0, 0.0)}, r"^box must be \(low, high\) with low <= high; received one that is empty$"),
        ({"target": 0, "n": 61}, r"^n must be at most the number of samples to start from, 60; received 61$"),
        (
            {"target": 0, "data": DATA[:5], "expert": "ppca"},
            r"^an expert needs at least 10 samples .*; received 5$",
        ),
        ({"target": 0, "lengths": [1]}, r"^lengths must be 60 integers, one for each sample; received \(1,\)$"),
    ],
)
def test_bad_requests_are_one_line(options, message):
    with pytest.raises(InputError, match=message):
        thesis_rnn.prototype(linear([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), **{"data": DATA} | options)


def test_an_objective_that_is_not_finite_is_refused():
    options = {"weight": 3e38, "around": np.array([5.0, 5.0]), "nearness": 1e-3}  # 3e38 * 50 is infinite in float32
    with pytest.raises(InputError, match=r"^the objective must be finite; .*; received -inf at step 0 of start 0$"):
        far_above(linear([[1.0], [1.0]], [0.0]), target=0, **options)


def test_an_expert_that_did_not_learn_is_refused_and_a_fitted_one_is_taken():
    expert, model = Distance(np.zeros(2)), linear([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0])
    assert thesis_rnn.prototype(model, target=0, data=DATA, expert=expert, steps=2).expert == "Distance"
    expert.learned = False
    with pytest.raises(InputError, match=r"^the expert 'Distance' did not learn these data, .*; received 60 samples: "):
        thesis_rnn.prototype(model, target=0, data=DATA, expert=expert)


def test_classes_that_do_not_exclude_each_other_are_reached_side_by_side():
    # two sigmoids that agree: log p_0 has the gradient (1 - p_0) w_0, whatever the other says; a softmax would be 1/2
    model = linear([[2.0, 2.0], [0.0, 0.0]], [0.0, 0.0], "sigmoid")
    found = far_above(model, target=[0, 1], weight=0.1)
    for x, p in zip(found.x, found.p, strict=True):
        assert p == pytest.approx(1 / (1 + np.exp(-2 * x[0])), abs=1e-5)
        np.testing.assert_allclose(2 * (1 - p), 0.2 * (x[0] - DATA[:, 0].mean()), atol=2e-3)  # the optimum's equation
    likely = DATA[DATA[:, 0] > 0]  # p > 1/2: both searches start at their mean, argmax would give class 1 none
    np.testing.assert_allclose(found.start, np.tile(likely.mean(axis=0), (2, 1)), atol=1e-5)
    assert not any("too few" in note for note in found.notes)


def test_outputs_that_nothing_calls_classes_are_maximised_themselves():
    # as of a regression: the optimum of output c is m + w_c / (2 lambda), and there is no p
    layers = [keras.Input((2,)), keras.layers.Dense(2, name="amounts")]
    model = keras.Sequential(layers)
    model.set_weights([np.array([[1.0, 0.0], [-2.0, 3.0]], np.float32), np.zeros(2, np.float32)])
    found = far_above(model, target=[0, 1], weight=0.5)
    np.testing.assert_allclose(found.x, DATA.mean(axis=0) + [[1, -2], [0, 3]], atol=1e-2)
    assert np.isnan(found.p).all()
    assert found.notes[0].startswith("nothing says that outputs are logits of classes")
    said = thesis_rnn.prototype(model, 0, data=DATA, outputs="logits", steps=2)
    z = said.x @ model.get_weights()[0]
    np.testing.assert_allclose(said.p, 1 / (1 + np.exp(z[:, 1] - z[:, 0])), rtol=1e-5)
    model.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
    of_loss = thesis_rnn.prototype(model, 0, data=DATA, steps=2)
    np.testing.assert_allclose(of_loss.p, 1 / (1 + np.exp(-(of_loss.x @ model.get_weights()[0])[:, 0])), rtol=1e-5)
    with pytest.raises(InputError, match="the model ends in softmax, which says what outputs are"):
        thesis_rnn.prototype(linear([[1.0, 0.0]] * 2, [0.0, 0.0], "softmax"), 0, data=DATA, outputs="values")


def test_an_output_per_step_is_asked_for_at_its_step_and_a_unit_needs_none():
    inputs = keras.Input((4, 2))
    each = keras.layers.Dense(3, "tanh", name="each")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2, "softmax", name="steps")(each))
    data = RNG.normal(size=(40, 4, 2)).astype(np.float32)
    found = thesis_rnn.prototype(model, 1, data=data, step=2, weight=0.0, steps=30)
    np.testing.assert_allclose(found.p, model.predict(found.x, verbose=0)[:, 2, 1], rtol=1e-5)
    np.testing.assert_array_equal(found.x[:, [0, 1, 3]], found.start[:, [0, 1, 3]])  # other steps have no say
    assert (found.x[:, 2] != found.start[:, 2]).all()
    of_unit = thesis_rnn.prototype(model, unit="each:1", step=2, data=data, steps=5)
    read = keras.Model(inputs, each)
    np.testing.assert_allclose(of_unit.value, read.predict(of_unit.x, verbose=0)[:, 2, 1], rtol=1e-5)
    with pytest.raises(InputError, match="the model gives an output for each of 4 steps; name one with step="):
        thesis_rnn.prototype(model, 0, data=data)
    lengths = np.full(40, 2)
    with pytest.raises(InputError, match="data must have samples of 3 own steps; received 2 at most"):
        thesis_rnn.prototype(model, 0, data=data, lengths=lengths, step=2)
