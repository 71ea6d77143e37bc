"""Removal of units in the order of their relevance: by hand, against slow loops, laws, bad input."""

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.measures import Scored, selectivity_curve, unit_regions
from thesis_rnn.measures.faithfulness.selecting import comprehensiveness, log_odds_drop, selectivity, sufficiency

SHAPES = {"images": (5, 3, 4, 2), "series": (5, 6, 3), "tokens": (5, 7)}


def sum_of(x):
    return x.reshape(len(x), -1).sum(axis=1)[:, None]


def scored(form="series", seed=0, **more):
    rng = np.random.default_rng(seed)
    shape = SHAPES[form]
    x = rng.integers(1, 9, shape) if form == "tokens" else rng.normal(size=shape)
    weights = rng.normal(size=(int(np.prod(shape[1:])), 3))

    def predict(batch):
        return np.tanh(batch.reshape(len(batch), -1) @ weights)

    target = rng.integers(0, 3, len(x))
    return Scored(rng.normal(size=shape), x, target, predict=predict, **({"batch_size": 7} | more))


def test_by_hand():
    # f = sum of [5, 1, 3, -2] = 7; removed in the order 5, 3, 1, -2: 7, 2, -1, -2, 0; the other way round 7, 9, 8, 5, 0
    x = np.array([[[5.0], [1.0], [3.0], [-2.0]]])
    given = Scored(x, x, np.array([0]), predict=sum_of)
    most, least = selectivity_curve(given), selectivity_curve(given, order="least")
    assert most.outputs.tolist() == [[7, 2, -1, -2, 0]]
    assert least.outputs.tolist() == [[7, 9, 8, 5, 0]]
    assert most.shares.tolist() == [0, 0.25, 0.5, 0.75, 1]
    np.testing.assert_allclose(most.auc, 6 / 5)
    np.testing.assert_allclose(most.aopc, 7 - 6 / 5)
    np.testing.assert_allclose(selectivity(given, order="most"), 7 - 6 / 5)
    np.testing.assert_allclose(selectivity(given, order="least"), 29 / 5 - 7)
    np.testing.assert_allclose(selectivity(given), 23 / 5)  # between the curves: (29 - 6) / 5


def test_probabilities_by_hand():
    # Logits (x, 0): p = sigmoid of the sum. x = [2, 1], the 2 goes first: p(3) - p(1), and alone p(3) - p(2).
    x, p = np.array([[[2.0], [1.0]]]), lambda z: 1 / (1 + np.exp(-z))
    given = Scored(x, x, np.array([0]), predict=lambda x: np.pad(sum_of(x), ((0, 0), (0, 1))))
    np.testing.assert_allclose(comprehensiveness(given, 0.5), p(3) - p(1))
    np.testing.assert_allclose(sufficiency(given, 0.5), p(3) - p(2))
    np.testing.assert_allclose(log_odds_drop(given, 0.5), np.log(p(3) / p(1)))
    np.testing.assert_allclose(
        comprehensiveness(given._replace(activation="sigmoid"), (0.5, 1)), p(3) - (p(1) + 0.5) / 2
    )
    np.testing.assert_allclose(comprehensiveness(given._replace(activation="linear"), 0.5), 2)


UNITS_OF = [
    ("images", "patches"),
    ("images", "squares"),
    ("series", "features"),
    ("series", "windows"),
    ("series", "cells"),
    ("tokens", "tokens"),
]


@pytest.mark.parametrize(("form", "unit"), UNITS_OF)
@pytest.mark.parametrize("order", ["most", "least"])
def test_like_a_loop(form, unit, order):
    given = scored(form, background=0.5 if form != "tokens" else 0)
    curve = selectivity_curve(given, unit, 2, order=order, points=100)
    regions = unit_regions(given.x.shape[1:], unit, 2)
    for sample, x in enumerate(given.x):
        amounts = [given.relevance[sample][regions == one].sum() for one in range(regions.max() + 1)]
        left, expected = x.copy(), []
        for one in [None, *np.argsort(amounts)[:: -1 if order == "most" else 1]]:
            left[regions == one] = given.background
            expected.append(given.predict(left[None])[0, given.target[sample]])
        np.testing.assert_allclose(curve.outputs[sample], expected, atol=1e-12)


def test_padded_steps_are_never_removed_nor_counted():
    lengths = np.array([6, 3, 1, 4, 2])
    given = scored(lengths=lengths)
    relevance = given.relevance.copy()
    relevance[np.arange(6) >= lengths[:, None]] = 99  # what stands in padding does not matter
    other = given._replace(relevance=relevance)
    for one in (selectivity, comprehensiveness, sufficiency):
        np.testing.assert_array_equal(one(given), one(other))
    alone = given.between(1, 2)

    def padded(x):
        return given.predict(np.concatenate([x, np.repeat(alone.x[:, 3:], len(x), axis=0)], axis=1))

    short = alone._replace(x=alone.x[:, :3], relevance=alone.relevance[:, :3], lengths=None, predict=padded)
    np.testing.assert_allclose(selectivity(short), selectivity(alone))


def test_masked_steps_anywhere_are_left_alone():
    present = np.ones((5, 6), bool)
    present[:, :2] = False
    seen = []
    given = scored(present=present)
    spying = given._replace(predict=lambda x: (seen.append(x), given.predict(x))[1], background=77.0)
    selectivity(spying, order="most")
    assert all((batch[:, :2] != 77).all() for batch in seen)
    assert (seen[-1][-1, 2:] == 77).all()  # at the last point nothing of the last sample is left


def test_points_are_shares_of_each_samples_units():
    given = scored(lengths=np.array([6, 3, 1, 4, 2]))
    counted = []
    ones = given._replace(x=np.ones((5, 6, 3)), target=np.zeros(5, int))
    counting = ones._replace(predict=lambda x: (counted.append(x == 0), sum_of(x))[1])
    curve = selectivity_curve(counting, "steps", points=2)
    removed = np.concatenate(counted).any(axis=2).sum(axis=1).reshape(5, 3)
    assert removed.tolist() == [[0, 3, 6], [0, 2, 3], [0, 0, 1], [0, 2, 4], [0, 1, 2]]  # halves to the even number
    assert curve.outputs.shape == (5, 3)


@pytest.mark.parametrize("batch_size", [1, 4, 1000])
def test_the_size_of_batches_changes_nothing(batch_size):
    sizes = []
    given = scored(batch_size=batch_size)
    counting = given._replace(predict=lambda x: (sizes.append(len(x)), given.predict(x))[1])
    np.testing.assert_allclose(selectivity(counting), selectivity(scored()), atol=1e-12)
    assert max(sizes) <= batch_size


def test_equals_go_at_random_the_same_for_the_same_seed():
    given = scored()._replace(relevance=np.zeros(SHAPES["series"]))
    most = selectivity(given, order="most")
    np.testing.assert_array_equal(most, selectivity(given, order="most"))
    assert (most != selectivity(given._replace(seed=1), order="most")).any()
    np.testing.assert_array_equal(selectivity(given), 0)  # where nothing is told apart, both orders are one


def test_of_a_linear_model_its_own_parts_are_best():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(20, 4, 3)), rng.normal(size=(4, 3))
    linear = Scored(x * w, x, np.zeros(20, int), predict=lambda x: (x * w).sum(axis=(1, 2))[:, None])
    best = selectivity(linear)
    for seed in range(5):
        other = np.random.default_rng(seed).normal(size=x.shape)
        assert (selectivity(linear._replace(relevance=other)) <= best + 1e-12).all()
        assert (selectivity(linear._replace(relevance=-x * w)) <= best).all()
    np.testing.assert_allclose(selectivity(linear._replace(relevance=-x * w)), -best)


def test_explained_again_by_hand():
    # f = x0 + max(x1, x2) = 4 + 3: relevance of the winner alone. Static: 4, then 3, ties; again: 4, 3, and then the 2.
    x = np.array([[[4.0], [3.0], [2.0]]])

    def f(x):
        return (x[:, 0] + np.maximum(x[:, 1], x[:, 2])).reshape(-1, 1)

    def explain(x, _):
        won = x[:, 1] >= x[:, 2]
        return np.stack([x[:, 0], np.where(won, x[:, 1], -1), np.where(won, -1, x[:, 2])], axis=1)

    given = Scored(explain(x, None), x, np.array([0]), predict=f, explain=explain)
    assert selectivity_curve(given, re_explained=True).outputs.tolist() == [[7, 3, 2, 0]]
    again = scored()._replace(explain=lambda x, _: scored().relevance)
    np.testing.assert_array_equal(selectivity(again, re_explained=True), selectivity(again))


@pytest.mark.parametrize(
    ("measure", "arguments", "message"),
    [
        (selectivity, {"unit": "words"}, "unit must be one of cells, .*; received 'words'"),
        (selectivity, {"unit": "patches"}, r"samples of shape \(6, 3\) have .*; received unit='patches'"),
        (selectivity, {"fill": "black"}, "unknown fill; known ones are background, .*; received 'black'"),
        (selectivity, {"order": "up"}, "order must be .*; received 'up'"),
        (selectivity, {"points": 0}, "points must be at least 1; received 0"),
        (selectivity, {"re_explained": True}, "re_explained=true needs the method; .*"),
        (comprehensiveness, {"shares": 0.0}, "shares must be numbers above 0, up to 1; .*"),
        (sufficiency, {"shares": (0.1, 2)}, "shares must be .*"),
    ],
)
def test_bad_parameters(measure, arguments, message):
    with pytest.raises(InputError, match=f"^{message}"):
        measure(scored(), **arguments)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"relevance": np.zeros((5, 2, 3))}, "relevance must have the shape of x"),
        ({"relevance": np.full((5, 6, 3), np.nan)}, "relevance must be finite"),
        ({"present": np.zeros((5, 6), bool)}, "each sample needs a step of its own"),
        ({"present": np.ones((5, 2), bool)}, r"present must be \[5, 6\]"),
        ({"target": np.full(5, 3)}, r"target must lie in 0\.\.2"),
        ({"target": np.zeros(5)}, "target must be one class for each of 5 samples; received float64"),
        ({"target": np.zeros(2, int)}, "target must be one class for each of 5 samples; received int64 of shape"),
        ({"x": np.ones((5, 6, 3), int), "background": 0.5}, "the background of whole numbers must be one"),
        ({"x": np.ones((0, 6, 3)), "relevance": np.ones((0, 6, 3))}, "measures are of at least one sample"),
        ({"predict": lambda x: np.full((len(x), 3), np.nan)}, "predict must give finite outputs"),
    ],
)
def test_bad_samples(more, message):
    with pytest.raises(InputError, match=message):
        selectivity(scored()._replace(**more))


def test_a_regression_has_no_log_odds():
    with pytest.raises(InputError, match="a regression has no probabilities"):
        log_odds_drop(scored()._replace(activation="linear"))
