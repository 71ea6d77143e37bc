"""Continuity and max-sensitivity: known slopes, loops, laws, bad input."""

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.measures import Scored, continuity_ratios
from thesis_rnn.measures.stability.nearby import continuity, function_continuity, max_sensitivity


def scored(explain, x=None, **more):
    x = np.random.default_rng(0).normal(size=(5, 6, 2)) if x is None else x
    predict = more.pop("predict", lambda x: x.sum(axis=(1, 2))[:, None])
    return Scored(explain(x, None), x, np.zeros(len(x), int), explain=explain, predict=predict, **more)


def test_one_cell_has_the_slope_of_its_map():
    # R = 3 x of one cell: |R - R'| / |x - x'| = 3 in every direction, whatever the radius
    one = scored(lambda x, _: 3 * x, np.array([[[2.0]], [[-1.0]]]))
    for radius in (1e-6, 0.1, 10):
        np.testing.assert_allclose(continuity(one, radius=radius, scaled=False), 3, rtol=1e-6)
    np.testing.assert_allclose(continuity(one), [3 / 6, 3 / 3])  # by |R| = 6 and 3
    np.testing.assert_allclose(function_continuity(one, scaled=False), 1, rtol=1e-6)


def test_a_jump_is_found_and_a_continuous_map_stays_bounded():
    # f = max(x1, x2): the gradient jumps where x1 = x2; x1 x2 / (x1 + x2) shared in proportion does not.
    x = np.array([[[1.0, 1.0 + 1e-6]]])
    jumping = scored(lambda x, _: (x == x.max(axis=2, keepdims=True)).astype(float), x)
    smooth = scored(lambda x, _: x / x.sum(axis=2, keepdims=True) * x.max(axis=2, keepdims=True), x)
    far = {"radius": 100.0, "number": 20, "scaled": False}  # 100 times 5e-7, the deviation of x
    assert continuity(jumping, **far)[0] > 1e4
    assert continuity(smooth, **far)[0] < 3


def test_constant_maps_have_none():
    for measure in (continuity, max_sensitivity):
        np.testing.assert_array_equal(measure(scored(lambda x, _: np.ones(x.shape))), 0)


def test_scaled_is_free_of_the_size_of_relevance():
    small, large = (scored(lambda x, _, c=c: c * x**2) for c in (1, 1e6))
    for measure in (continuity, max_sensitivity):
        np.testing.assert_allclose(measure(small), measure(large))


@pytest.mark.parametrize("seed", range(2))
def test_max_sensitivity_like_a_loop(seed):
    given = scored(lambda x, _: np.sin(3 * x), seed=seed, batch_size=11)
    noise = np.random.default_rng(seed).uniform(-0.3, 0.3, (4, *given.x.shape))
    expected = [
        max(np.linalg.norm(np.sin(3 * (x + d[n])) - np.sin(3 * x)) for d in noise) / np.linalg.norm(np.sin(3 * x))
        for n, x in enumerate(given.x)
    ]
    np.testing.assert_allclose(max_sensitivity(given, radius=0.3, number=4), expected)


def test_a_path_of_shifts_by_hand():
    # x = [4, 1] moved by one: [0, 4]; R = x: |4| + |-3| = 7 over the length 5; then [0, 0]: 4 over 4
    given = scored(lambda x, _: x, np.array([[[4.0], [1.0]]]))
    np.testing.assert_allclose(continuity_ratios(given, "shift", number=2).relevance, [[7 / 5, 1]])
    np.testing.assert_allclose(continuity_ratios(given, "shift", number=2).function, [[1 / 5, 1]])


def test_neighbours_by_hand_need_no_method():
    x = np.array([0.0, 1.0, 3.0]).reshape(3, 1, 1)
    given = Scored(x**2, x, np.zeros(3, int))
    np.testing.assert_allclose(continuity(given, "neighbours", number=1, scaled=False), [1, 1, 4])  # 8 / 2
    assert continuity_ratios(given, "neighbours", number=1).function is None
    other = given._replace(target=np.array([0, 1, 0]))
    np.testing.assert_allclose(continuity(other, "neighbours", number=1, scaled=False), [3, np.nan, 3])  # of its class


def test_padded_steps_neither_move_nor_count():
    moved = []

    def explain(x, _):
        moved.append(x)
        return x + 100 * (np.arange(6) >= 4)[:, None] * np.random.default_rng(len(moved)).random(x.shape)

    given = scored(explain, lengths=np.full(5, 4))
    values = [continuity(given, along) for along in ("directions", "shift")] + [max_sensitivity(given)]
    for batch in moved:
        np.testing.assert_array_equal(batch[:, 4:], np.tile(given.x[:, 4:], (len(batch) // 5, 1, 1)))
    assert all((value < 10).all() for value in values)


def test_perturbed_inputs_stay_in_the_box():
    seen = []
    x = np.random.default_rng(0).uniform(-1, 1, (5, 6, 2))
    given = scored(lambda x, _: (seen.append(x), x)[1], x, box=(-1.0, 1.0))
    values = [continuity(given, radius=50.0), max_sensitivity(given, radius=2.0)]
    assert all(np.abs(batch).max() <= 1 for batch in seen)
    assert all((value > 0).all() for value in values)


def test_many_inputs_are_explained_at_once():
    sizes = []
    given = scored(lambda x, _: (sizes.append(len(x)), x)[1])
    max_sensitivity(given, number=8)
    continuity(given._replace(batch_size=12), number=4)
    assert sizes[1:] == [40, 10, 10]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"along": "down"}, "along is one of directions, shift, neighbours"),
        ({"radius": 0.0}, "radius above 0"),
        ({"number": 0}, "number must be a whole number of at least 1"),
        ({"along": "neighbours", "number": 5}, "must be below the 5 samples"),
    ],
)
def test_bad_parameters(more, message):
    with pytest.raises(InputError, match=message):
        continuity(scored(lambda x, _: x), **more)


def test_bad_samples():
    with pytest.raises(InputError, match="continuity is for numbers"):
        continuity(scored(lambda x, _: x)._replace(x=np.ones((5, 6), int)))
    for explain in (lambda x, _: np.full(x.shape, np.nan), lambda x, _: x[..., :1]):
        given = scored(lambda x, _: x)._replace(explain=explain)
        for measure in (continuity, max_sensitivity):
            with pytest.raises(InputError, match=r"relevance of inputs nearby must (be finite|have the shape)"):
                measure(given)
    with pytest.raises(InputError, match="give explain="):
        max_sensitivity(scored(lambda x, _: x)._replace(explain=None))
