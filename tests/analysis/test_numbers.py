"""The numbers of the analyses: cases worked by hand, slow versions, laws and what is refused."""

import itertools

import numpy as np
import pytest
from scipy import signal

from thesis_rnn.analysis.bands import band_power, correlations
from thesis_rnn.analysis.causes import UNTOLD, pairwise_direction
from thesis_rnn.analysis.imitating import students
from thesis_rnn.analysis.saturating import gate_saturation
from thesis_rnn.analysis.telling_classes import class_selectivity
from thesis_rnn.analysis.trajectories import state_clusters
from thesis_rnn.analysis.weights import spectral_radius
from thesis_rnn.analysis.windows import unit_windows
from thesis_rnn.analysis.words import embedding_map, nearest
from thesis_rnn.errors import InputError

RNG = np.random.default_rng(0)


# ---- frequencies


@pytest.mark.parametrize(("width", "count"), [(8, 2), (12, 4), (9, 3)])
def test_power_is_that_of_a_periodogram(width, count):
    x = RNG.normal(size=(2, 14, 3))
    own = band_power(x, width, count)
    for sample, stop, feature in itertools.product(range(2), range(width, 15), range(3)):
        window = x[sample, stop - width : stop, feature]
        _, power = signal.periodogram(window, window="boxcar", detrend="constant", scaling="density")
        one_sided = power[1:] / np.where(np.arange(1, len(power)) * 2 == width, 1, 2)  # SciPy counts both sides
        expected = [part.mean() for part in np.array_split(one_sided, count)]
        np.testing.assert_allclose(own[sample, stop - width, :, feature], expected, rtol=1e-9)


def test_correlations_are_numpys_and_0_for_what_is_constant():
    states, features = RNG.normal(size=(30, 2)), RNG.normal(size=(30, 3))
    np.testing.assert_allclose(correlations(states, features), np.corrcoef(states.T, features.T)[:2, 2:], atol=1e-12)
    assert correlations(states, np.full((30, 1), 0.1)).tolist() == [[0.0], [0.0]]


def test_windows_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match=r"^width must lie in 4\.\.6, the steps, .*; received width 8 and count 2$"):
        band_power(np.zeros((1, 6, 1)), width=8, count=2)


# ---- causes


@pytest.mark.parametrize("seed", range(3))
def test_heavy_tails_tell_a_direction_and_others_do_not(seed):
    rng = np.random.default_rng(seed)
    cause, noise = rng.laplace(size=(2, 20_000))
    assert pairwise_direction(cause, cause + noise).verdict == "x -> y"
    assert pairwise_direction(cause + noise, cause).verdict == "y -> x"
    # The sign is wrong for uniform variables: -.018 in theory for equal weights, which must not become a verdict.
    cause, noise = rng.uniform(-1, 1, size=(2, 20_000))
    told = pairwise_direction(cause, cause + noise)
    assert told.score < 0
    assert told.verdict == UNTOLD
    cause, noise = rng.normal(size=(2, 20_000))
    assert pairwise_direction(cause, cause + noise).verdict == UNTOLD


def test_a_score_is_antisymmetric():
    x, y = RNG.laplace(size=(2, 100))
    assert pairwise_direction(x, y).score == pytest.approx(-pairwise_direction(y, x).score)
    for other, message in ((y[:50], "one shape"), (np.ones(100), "must vary")):
        with pytest.raises(InputError, match=message):
            pairwise_direction(x, other)


# ---- states


def test_clusters_and_what_follows():
    # The states 0 0 9 | 9 9 0 in two clusters: {0: four... } counted: 0 three times, 9 three times.
    found = state_clusters([[[0.0], [0.0], [9.0]], [[9.0], [9.1], [0.1]]], count=2)
    a, b = found.labels[0, 0], found.labels[0, 2]
    assert found.labels.tolist() == [[a, a, b], [b, b, a]]
    # After a: a, b (once each); after b: b, a (once each).
    np.testing.assert_allclose(found.transitions, 0.5)


def test_padding_belongs_to_no_cluster():
    hidden = RNG.normal(size=(4, 5, 2))
    own = np.arange(5) < np.array([5, 3, 2, 1])[:, None]
    found = state_clusters(hidden, own, count=3)
    assert ((found.labels >= 0) == own).all()
    assert set(found.transitions.sum(axis=1).round(9)) <= {0.0, 1.0}
    assert (np.diff(np.bincount(found.labels[own])) <= 0).all()  # the largest first
    with pytest.raises(InputError, match=r"^3 clusters need as many different states; received 1$"):
        state_clusters(np.zeros((2, 3, 1)), count=3)


def test_selectivity_is_that_of_a_loop_and_chance_that_of_all_orders():
    hidden, y = RNG.normal(size=(5, 2, 3)), np.array([0, 0, 1, 1, 1])
    eta, chance = class_selectivity(hidden, y)

    def slow(values, labels):
        between = sum((labels == c).sum() * (values[labels == c].mean() - values.mean()) ** 2 for c in (0, 1))
        return between / ((values - values.mean()) ** 2).sum()

    for step, unit in np.ndindex(2, 3):
        assert eta[step, unit] == pytest.approx(slow(hidden[:, step, unit], y))
    orders = [slow(hidden[:, 0, 0], y[list(order)]) for order in itertools.permutations(range(5))]
    assert chance[0] == pytest.approx(np.mean(orders))  # (C - 1) / (N - 1) = 1/4
    with pytest.raises(InputError, match="received only class 0"):
        class_selectivity(hidden, np.zeros(5, int))


def test_saturation_of_own_steps():
    gate = np.array([[[0.05], [0.95], [0.5]], [[0.0], [1.0], [1.0]]])
    own = np.array([[True, True, True], [True, False, False]])
    shut, opened = gate_saturation(gate, own)
    assert (shut.tolist(), opened.tolist()) == ([0.5], [0.25])  # .05 and 0 of four; .95 of four
    with pytest.raises(InputError, match=r"^gates must lie in 0\.\.1; received 0\.\.2$"):
        gate_saturation([[[0.0], [2.0]]])


def test_windows_are_where_a_unit_is_highest():
    hidden = RNG.normal(size=(6, 7, 2))
    for unit in range(2):
        found = [one for one in unit_windows(hidden, width=3, count=2) if one.unit == unit]
        best = sorted(((hidden[n, t, unit], n, t) for n, t in np.ndindex(6, 7)), reverse=True)
        of_each = {n: (value, t) for value, n, t in reversed(best)}  # the highest step of each sample
        expected = sorted(((value, n, t) for n, (value, t) in of_each.items()), reverse=True)[:2]
        assert [(one.activation, one.sample, one.stop - 1) for one in found] == expected
        assert all(one.start == max(0, one.stop - 3) for one in found)


# ---- weights, words, students


def test_the_spectral_radius_of_a_rotation_is_its_scale():
    assert spectral_radius(0.5 * np.array([[0.0, 1.0], [-1.0, 0.0]])) == pytest.approx(0.5)
    assert np.isnan(spectral_radius(np.ones((2, 3))))


def test_neighbours_and_maps():
    groups = np.repeat([[1.0, 0.0], [0.0, 1.0]], 4, axis=0) + 0.01 * RNG.normal(size=(8, 2))
    order, cosines = nearest(groups, 3)
    assert all(set(row) <= set(range(4) if place < 4 else range(4, 8)) for place, row in enumerate(order))
    assert (np.diff(cosines, axis=1) <= 0).all()
    places = embedding_map(groups, seed=1)
    np.testing.assert_array_equal(places, embedding_map(groups, seed=1))
    with pytest.raises(InputError, match=r"^a map needs at least 4 vectors; received 3$"):
        embedding_map(np.eye(3))


def test_students_learn_a_rule_and_know_no_noise():
    x = RNG.normal(size=(400, 3))
    rule = np.stack([0.5 - x[:, 1], x[:, 1] - 0.5], axis=1)
    found = students(x, rule, ["a", "b", "c"], ["low", "high"], depth=2, seed=0)
    assert found.fidelity["tree"] > 0.97 > found.chance
    assert "b <= 0.5" in found.rules
    noise = students(x, RNG.normal(size=(400, 1)), ["a", "b", "c"], ["value"], depth=2, seed=0)
    assert noise.chance == 0
    assert max(noise.fidelity.values()) < 0.1
    with pytest.raises(InputError, match=r"^a fit and its test need at least 20 samples; received 9$"):
        students(x[:9], rule[:9], ["a", "b", "c"], ["low", "high"], depth=2, seed=0)
