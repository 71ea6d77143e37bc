"""Whether heatmaps follow the weights, and outlast another seed."""

import keras
import numpy as np
import pytest
from scipy import stats

from tests.helpers.small_networks import lift, samples, small
from thesis_rnn import Explanation
from thesis_rnn.attribution import METHODS, Method
from thesis_rnn.errors import InputError
from thesis_rnn.measures.stability.model_parts import parts_of
from thesis_rnn.measures.stability.randomisation import randomise_in_cascade
from thesis_rnn.measures.stability.similarity import heatmap_cosine, rank_correlation, seed_stability

# ---- similarity


def test_similarity_by_hand():
    first = [[1.0, 2.0, 3.0, 4.0], [3.0, 0.0, 4.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    second = [[10.0, 40.0, 30.0, 20.0], [0.0, 0.0, -2.0, 0.0], [1.0, 2.0, 3.0, 4.0]]
    # Sample 0: ranks 1 2 3 4 and 1 4 3 2: 1 - 6 (0 + 4 + 0 + 4) / (4 * 15) = 0.2.
    # Sample 1: ranks 3 1.5 4 1.5 and 3 3 1 3, less 2.5: (0.5 -1 1.5 -1) . (0.5 0.5 -1.5 0.5) = -3; / sqrt(4.5 * 3)
    np.testing.assert_allclose(rank_correlation(first, second), [0.2, -3 / np.sqrt(13.5), np.nan])
    # Sample 0: (10 + 80 + 90 + 80) / sqrt(30 * 3000); sample 1: -8 / (5 * 2)
    np.testing.assert_allclose(heatmap_cosine(first, second), [260 / 300, -0.8, np.nan])


@pytest.mark.parametrize("seed", range(5))
def test_rank_correlation_is_scipy_s(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(2, 6, 3, 4)).round(1)  # rounded: some cells are equal
    expected = [
        stats.spearmanr(*pair).statistic for pair in zip(first.reshape(6, -1), second.reshape(6, -1), strict=True)
    ]
    np.testing.assert_allclose(rank_correlation(first, second), expected)


def test_scale_and_monotone_maps_change_nothing():
    first, second = np.random.default_rng(0).normal(size=(2, 5, 7))
    for scale in (1e-200, 1e200):
        np.testing.assert_allclose(heatmap_cosine(scale * first, second), heatmap_cosine(first, second))
    np.testing.assert_allclose(rank_correlation(np.exp(first), second), rank_correlation(first, second))


def test_heatmaps_that_do_not_belong_together_are_refused():
    with pytest.raises(
        InputError, match=r"^heatmaps must have one shape \[n, \.\.\.\]; received \(2, 3\) and \(2, 4\)$"
    ):
        rank_correlation(np.zeros((2, 3)), np.zeros((2, 4)))
    with pytest.raises(InputError, match=r"^heatmaps must be finite in every cell; received NaN or infinity$"):
        heatmap_cosine([[np.nan, 1.0]], [[1.0, 1.0]])


def explanation(relevance):
    n = len(relevance)
    return Explanation(np.asarray(relevance, float), np.zeros((n, 2)), np.zeros(n, int), np.ones(n), np.ones(n), "lrp")


def test_seed_stability_by_hand():
    one, two, three = [[1, 2, 3], [1, 2, 3]], [[1, 2, 3], [0, 0, 0]], [[3, 2, 1], [1, 3, 2]]
    # one-two: 1, none; one-three: -1, 1 - 6 (0 + 1 + 1) / (3 * 8) = 0.5; two-three: -1, none: (1 - 1 + 0.5 - 1) / 4
    assert seed_stability([explanation(seed) for seed in (one, two, three)]) == pytest.approx(-0.125)


def test_seed_stability_of_too_little_is_refused():
    with pytest.raises(InputError, match=r"at least two seeds; received 1$"):
        seed_stability([explanation([[1, 2]])])
    with pytest.raises(InputError, match=r"that two seeds give relevance to; received none$"):
        seed_stability([explanation([[1, 2]]), explanation([[0, 0]])])


# ---- parts


def stock_model():
    keras.utils.set_random_seed(0)
    layers = [
        keras.layers.Bidirectional(keras.layers.LSTM(3, return_sequences=True), name="both"),
        keras.layers.GRU(4, name="gru"),
        keras.Sequential([keras.Input((4,)), keras.layers.Dense(5, "relu", name="inner")], name="nested"),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(2, name="logits"),
    ]
    return keras.Sequential([keras.Input((6, 4)), *layers])


def test_parts_go_from_the_output_down_and_hold_every_weight_once():
    model = stock_model()
    parts = parts_of(model)
    gates = ["output_gate", "candidate", "forget_gate", "input_gate"]
    assert [part.name for part in parts] == [
        "logits",
        "inner",
        *(f"gru/{gate}" for gate in ("candidate", "reset_gate", "update_gate")),
        *(f"both/{way}/{gate}" for way in ("backward", "forward") for gate in gates),
    ]
    marks = {variable.path: np.zeros(variable.shape) for variable in model.weights}
    for part in parts:
        for variable, columns in part.places:
            marks[variable.path][..., columns] += 1
    for path, mark in marks.items():
        np.testing.assert_array_equal(mark, 1, path)


def test_the_r_lstm_has_parts_too():
    names = [part.name for part in parts_of(small("rlstm", 2))]
    gates = ("output_gate", "forget_gate", "input_gate", "candidate")
    assert [name for name in names if "/" in name] == [f"cell/{gate}" for gate in gates]


# ---- the cascade


class InputItself(Method):
    """R = x: what an edge detector would give, whatever the model."""

    source = "a test"

    def finish(self, signal, x):
        return x + 0 * signal


@pytest.mark.slow
def test_a_method_that_does_not_look_at_the_model_is_named(monkeypatch):
    monkeypatch.setitem(METHODS._entries, "input_itself", InputItself)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6, 4)), keras.layers.LSTM(8), keras.layers.Dense(2, "softmax")])
    x = np.random.default_rng(0).normal(size=(20, 6, 4))
    before = model.get_weights()
    cascade = randomise_in_cascade(model, x, methods=["input_itself", "lrp_epsilon"])
    assert cascade.unmoved == ["input_itself"]
    np.testing.assert_allclose(cascade.rank_correlation["input_itself"], 1)
    np.testing.assert_allclose(cascade.cosine["input_itself"], 1)
    assert len(cascade.rank_correlation["lrp_epsilon"]) == len(cascade.parts) == 5
    assert cascade.rank_correlation["lrp_epsilon"][-1] < 0.5
    assert cascade.compared["lrp_epsilon"].tolist() == [20] * 5
    for weight, was in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, was)


def test_one_layer_by_hand():
    # The only part is the output layer. Gradient x input is x_i w_i, and the shuffled kernel is known from the seed.
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, use_bias=False, name="score")])
    kernel = np.array([[1.0], [2.0], [3.0], [4.0]])
    model.set_weights([kernel])
    x = np.array([[1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 2.0, 0.5]])
    shuffled = np.random.default_rng(3).permuted(kernel.astype(np.float32), axis=None)
    assert (shuffled != kernel).any()
    cascade = randomise_in_cascade(model, x, 0, ["gradient_x_input"], seed=3)
    before, after = x * kernel[:, 0], x * shuffled[:, 0]
    assert cascade.parts == ("score",)
    expected = [stats.spearmanr(*pair).statistic for pair in zip(before, after, strict=True)]
    assert cascade.rank_correlation["gradient_x_input"][0] == pytest.approx(np.mean(expected))
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    assert cascade.cosine["gradient_x_input"][0] == pytest.approx(((before * after).sum(axis=1) / norms).mean())


@pytest.mark.parametrize("seed", range(4))
def test_samples_without_relevance_before_or_after_are_left_out_and_counted(seed):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, use_bias=False)])
    kernel = np.array([[1, -5], [2, -5]], np.float32)
    model.set_weights([kernel])
    x = np.array([[1.0, 2.0], [3.0, 1.0]])
    w = np.random.default_rng(seed).permuted(kernel, axis=None)[:, 0]
    # The z+ rule shares a positive logit in proportion to x_i w+_i, and nothing where the logit is not positive.
    shares = x * np.maximum(w, 0)
    compared = [sample @ w > 0 and share[0] != share[1] for sample, share in zip(x, shares, strict=True)]
    cascade = randomise_in_cascade(model, x, 0, {"lrp": {"alpha": 1.0, "inputs": "positive"}}, seed)
    assert cascade.compared["lrp"].tolist() == [sum(compared)]
    # Two cells: the order stays or turns. Before, shares were 1 < 4 and 3 > 2.
    signs = np.sign(shares[:, 1] - shares[:, 0]) * [1, -1]
    expected = signs[compared].mean() if any(compared) else np.nan
    np.testing.assert_allclose(cascade.rank_correlation["lrp"], [expected])


def test_the_cascade_of_a_thesis_model_repeats_to_the_bit():
    model = lift(small("rlstm", 2))
    x, target = samples(model)
    once, again = (randomise_in_cascade(model, x, target, {"lrp": {"alpha": 2.0}}) for _ in range(2))
    np.testing.assert_array_equal(once.cosine["lrp"], again.cosine["lrp"])
    assert once.parts[0] == "logits"
    assert once.rank_correlation["lrp"][-1] < 0.9


def test_no_method_is_refused():
    with pytest.raises(InputError, match=r"^expected at least one method to check; received none$"):
        randomise_in_cascade(stock_model(), np.zeros((1, 6, 4)), methods=[])
