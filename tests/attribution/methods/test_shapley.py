"""Shapley values: worked by hand, beside a slow sum over all coalitions, and their axioms."""

from itertools import combinations
from math import factorial

import keras
import numpy as np
import pytest
from keras import layers, ops

from thesis_rnn.attribution import explain
from thesis_rnn.attribution.methods.coalitions import (
    all_coalitions,
    chain_values,
    chains,
    kernel_sample,
    kernel_values,
    shapley_map,
)
from thesis_rnn.errors import InputError

METHODS = ("shapley", "kernel_shap", "permutation_shap")


def slow_shapley(value, p):
    """The sum over coalitions as it is printed."""
    found = np.zeros(p)
    for j in range(p):
        for size in range(p):
            for members in combinations([i for i in range(p) if i != j], size):
                weight = factorial(size) * factorial(p - size - 1) / factorial(p)
                found[j] += weight * (value({*members, j}) - value(set(members)))
    return found


@pytest.fixture(scope="module")
def product():
    """f(x) = (x1 x2, x3) of a step with three features."""
    x = keras.Input((1, 3))
    flat = layers.Flatten()(x)
    return keras.Model(x, ops.concatenate([flat[:, :1] * flat[:, 1:2], flat[:, 2:]], axis=-1))


@pytest.fixture(scope="module")
def recurrent():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((5, 2)), layers.SimpleRNN(3), layers.Dense(2)])


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)


@pytest.mark.parametrize("method", METHODS)
def test_a_product_is_shared_equally(method, product):
    # f = x1 x2 = 6 at (2, 3, 5), 0 wherever one of the two is 0: each has half, 3; the third has nothing.
    record = explain(product, [[[2.0, 3.0, 5.0]]], target=0, method=f"{method}(players=cells)")
    np.testing.assert_allclose(record.relevance, [[[3, 3, 0]]], atol=1e-5)
    np.testing.assert_allclose(record.details.get("errors", 0), 0, atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_data_as_background_is_averaged_over(method, recurrent, x):
    data = np.random.default_rng(1).normal(size=(4, 5, 2)).astype(np.float32)

    kept = {frozenset(s): np.isin(np.arange(5), s) for size in range(6) for s in combinations(range(5), size)}
    points = [np.where(present[:, np.newaxis], x[0], data) for present in kept.values()]
    means = np.asarray(recurrent(np.concatenate(points)))[:, 1].reshape(-1, 4).mean(axis=1)
    value = dict(zip(kept, means, strict=True))
    more = {"orders": 60} if method == "permutation_shap" else {}
    record = explain(recurrent, x, 1, method, background=data, dtype="float64", **more)
    spread = record.details["errors"][0].sum(axis=1) if "errors" in record.details else 0
    distance = np.abs(record.relevance[0].sum(axis=1) - slow_shapley(lambda s: value[frozenset(s)], 5))
    assert (distance <= 4 * spread + 1e-6).all()


@pytest.mark.parametrize("players", ["steps", "features", "cells", "blocks", "segments"])
def test_relevance_sums_to_the_difference_from_the_background(players, recurrent, x):
    at_zero = np.asarray(recurrent(np.zeros_like(x)))
    for method in METHODS:
        record = explain(recurrent, x, 0, method, players=players, size=2, dtype="float64")
        np.testing.assert_allclose(record.received, record.value - at_zero[:, 0], atol=1e-6)
    record = explain(recurrent, x, None, "kernel_shap", players=players, size=2, dtype="float64", every_class=True)
    np.testing.assert_allclose(record.received, record.value - at_zero, atol=1e-6)


def test_segments_are_equal_parts_of_the_steps(recurrent, x):
    # 5 steps in 2 parts: steps 0-2 and 3-4, since step t is of part floor(2 t / 5).
    record = explain(recurrent, x, 0, "shapley", players="segments", size=2)
    same = [(record.relevance[:, a] == record.relevance[:, b]).all() for a, b in ((0, 1), (1, 2), (2, 3), (3, 4))]
    assert same == [True, True, False, True]


@pytest.mark.parametrize("method", ["kernel_shap", "permutation_shap"])
def test_a_wanted_error_stops_early(method, recurrent, x):
    limits = {"samples": 800} if method == "kernel_shap" else {"orders": 40}
    best = explain(recurrent, x, 0, method, players="cells", **limits).details["errors"].max()
    loose = explain(recurrent, x, 0, method, players="cells", tolerance=20 * best + 1e-6, **limits)
    assert best <= loose.details["errors"].max() <= 20 * best + 1e-6


def test_the_past_is_one_player_where_it_hardly_matters(recurrent, x):
    record = explain(recurrent, x, 0, "kernel_shap", players="cells", prune=1e6)
    # So much is tolerated that all steps but the last are past: 4 x 2 cells of one player, and two players.
    assert np.ptp(record.relevance[:, :4], axis=(1, 2)).max() == 0
    np.testing.assert_allclose(record.received, record.value - np.asarray(recurrent(0 * x))[:, 0], atol=1e-5)
    never = explain(recurrent, x, 0, "kernel_shap", players="cells", prune=1e-12)
    np.testing.assert_array_equal(never.relevance, explain(recurrent, x, 0, "kernel_shap", players="cells").relevance)


def test_a_result_does_not_depend_on_the_batch_or_its_neighbours(recurrent, x):
    whole = explain(recurrent, x, 0, "kernel_shap", players="cells", samples=40, dtype="float64")
    alone = explain(recurrent, x[1:2], 0, "kernel_shap", players="cells", samples=40, dtype="float64", batch_size=7)
    np.testing.assert_allclose(alone.relevance[0], whole.relevance[1], atol=1e-12)
    np.testing.assert_allclose(alone.details["errors"][0], whole.details["errors"][1], atol=1e-12)


# ---- the linear maps, beside games


def game(p, seed):
    """v(S) with interactions of three, for rows of coalitions."""
    rng = np.random.default_rng(seed)
    two, three = rng.normal(size=(p, p)), rng.normal(size=(p, p, p)) / p
    return lambda z: np.einsum("mi,mj,ij->m", z, z, two) + np.einsum("mi,mj,mk,ijk->m", z, z, z, three)


@pytest.mark.parametrize("p", [2, 4, 7])
def test_every_estimator_agrees_with_the_sum_over_coalitions(p):
    v = game(p, seed=p)
    expected = slow_shapley(lambda s: v(np.isin(np.arange(p), list(s)).astype(float)[np.newaxis])[0], p)
    every = all_coalitions(p)
    np.testing.assert_allclose(shapley_map(every) @ v(every.astype(float)), expected, atol=1e-9)
    ends = v(np.zeros((1, p))), v(np.ones((1, p)))
    sample = kernel_sample(p, 2**p, np.random.default_rng(0))
    assert not sample.drawn
    found, errors = kernel_values(sample, v(sample.coalitions.astype(float))[np.newaxis], *ends)
    np.testing.assert_allclose(found[0], expected, atol=1e-9)
    assert (errors == 0).all()
    orders = np.random.default_rng(0).permuted(np.tile(np.arange(p), (4000, 1)), axis=1)
    asked = chains(orders)
    values = v(asked.reshape(-1, p).astype(float)).reshape(1, *asked.shape[:-1])
    added = chain_values(orders, values, *ends)[0]
    np.testing.assert_allclose(added.sum(axis=1), np.repeat(ends[1] - ends[0], len(orders)))
    error = added.std(axis=0) / np.sqrt(len(orders))
    assert (np.abs(added.mean(axis=0) - expected) <= 5 * error + 1e-9).all()


@pytest.mark.parametrize("samples", [60, 200])
def test_standard_errors_tell_the_scatter_over_seeds(samples):
    p = 12
    v = game(p, seed=1)
    ends = v(np.zeros((1, p))), v(np.ones((1, p)))
    found = []
    for seed in range(200):
        sample = kernel_sample(p, samples, np.random.default_rng(seed))
        found.append(kernel_values(sample, v(sample.coalitions.astype(float))[np.newaxis], *ends))
    values, errors = (np.concatenate(parts) for parts in zip(*found, strict=True))
    ratio = np.sqrt((errors**2).mean(axis=0)) / values.std(axis=0)
    assert 0.8 < ratio.mean() < 1.6  # measured: 1.26 with 60 samples, 1.1 with 200


# ---- what is refused


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("shapley(players=words)", r"^players must be one of cells, .*; received 'words'$"),
        ("shapley(size=0)", r"^size must be .* at least 1; received 0$"),
        ("kernel_shap(samples=0)", r"^samples must be .* at least 1; received 0$"),
        ("kernel_shap(prune=-1)", r"^prune must be at least 0; received -1$"),
        ("permutation_shap(orders=1)", r"^orders must be at least 2, .*; received 1$"),
        ("permutation_shap(tolerance=-1)", r"^tolerance must be at least 0; received -1$"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(method, message):
    with pytest.raises(InputError, match=message):
        explain(None, None, method=method)


def test_what_cannot_be_computed_is_refused(recurrent, x):
    with pytest.raises(InputError, match=r"^samples must be at least twice the 10 players; received 10$"):
        explain(recurrent, x, 0, "kernel_shap(players=cells, samples=10)")
    many = np.zeros((1, 13, 2), np.float32)
    longer = keras.Sequential([keras.Input((13, 2)), layers.GlobalAveragePooling1D(), layers.Dense(2)])
    with pytest.raises(InputError, match=r"^shapley asks for the coalitions of at most 12 players; .*; received 13$"):
        explain(longer, many, 0, "shapley")
    with pytest.raises(InputError, match=r"^background must be a number, .*; received \[3, 4, 2\]$"):
        explain(recurrent, x, 0, "shapley", background=np.zeros((3, 4, 2)))
    with pytest.raises(InputError, match=r"^background must be finite numbers; received .*$"):
        explain(recurrent, x, 0, "shapley", background=np.full((5, 2), np.nan))
    with pytest.raises(InputError, match=r"^ledger and states are for methods that propagate; received shapley$"):
        explain(recurrent, x, 0, "shapley", states=True)


def test_a_regression_too_large_to_solve_is_refused():
    wide = keras.Sequential([keras.Input((1, 2049)), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(InputError, match=r"^kernel_shap solves for at most 2048 players; .*; received 2049$"):
        explain(wide, np.zeros((1, 1, 2049), np.float32), 0, "kernel_shap(players=cells)")
