"""Infidelity: zero for what says exactly what is removed, by hand, against a loop."""

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.measures import Scored
from thesis_rnn.measures.faithfulness.random_removals import infidelity

W = np.random.default_rng(9).normal(size=(4, 3))


def linear(seed=0, **more):
    x = np.random.default_rng(seed).normal(size=(6, 4, 3))
    return Scored(x * W, x, np.zeros(6, int), predict=lambda x: (x * W).sum(axis=(1, 2))[:, None], **more)


@pytest.mark.parametrize("scaled", [True, False])
def test_the_parts_of_a_linear_model_are_exact(scaled):
    np.testing.assert_allclose(infidelity(linear(), scaled=scaled), 0, atol=1e-20)
    gradient = linear()._replace(relevance=np.broadcast_to(W, (6, 4, 3)))
    np.testing.assert_allclose(infidelity(gradient, by="noise", scaled=scaled), 0, atol=1e-20)


def test_scale_does_not_matter_where_it_is_chosen():
    given = linear()._replace(relevance=np.random.default_rng(3).normal(size=(6, 4, 3)))
    larger = given._replace(relevance=7 * given.relevance)
    np.testing.assert_allclose(infidelity(given), infidelity(larger))
    assert (infidelity(given) <= infidelity(given, scaled=False) + 1e-12).all()
    assert (infidelity(larger, scaled=False) != infidelity(given, scaled=False)).all()


def test_no_relevance_is_off_by_the_whole_change():
    given = linear()._replace(relevance=np.zeros((6, 4, 3)))
    masks = np.random.default_rng(0).random((21, 4, 3)) < 0.1  # the draw of the measure
    falls = np.einsum("kij,nij->nk", masks[1:], linear().relevance)
    np.testing.assert_allclose(infidelity(given), (falls**2).mean(axis=1))


@pytest.mark.parametrize("by", ["removal", "noise"])
def test_like_a_loop(by):
    rng = np.random.default_rng(2)
    x, relevance = rng.normal(size=(3, 4, 3)), rng.normal(size=(3, 4, 3))
    lengths = np.array([4, 2, 3])

    def f(x):
        return np.tanh((x * W).sum(axis=(1, 2)))[:, None]

    given = Scored(relevance, x, np.zeros(3, int), lengths=lengths, predict=f, background=0.5, seed=4, batch_size=5)
    drawn = np.random.default_rng(4)
    draws = drawn.random((9, 4, 3)) < 0.3 if by == "removal" else 0.2 * drawn.standard_normal((9, 4, 3))
    for sample in range(3):
        own = (np.arange(4) < lengths[sample])[:, None]
        along, fallen = [], []
        for draw in draws[1:]:
            left = np.where(draw & own, 0.5, x[sample]) if by == "removal" else x[sample] - draw * own
            along.append((draw * own * relevance[sample]).sum())
            fallen.append(f(x[sample][None])[0, 0] - f(left[None])[0, 0])
        along, fallen = np.array(along), np.array(fallen)
        scale = (along * fallen).sum() / (along**2).sum()
        got = infidelity(given, by=by, number=8, share=0.3, radius=0.2)[sample]
        np.testing.assert_allclose(got, ((scale * along - fallen) ** 2).mean(), rtol=1e-9)


@pytest.mark.parametrize("more", [{"by": "magic"}, {"share": 0.0}, {"radius": -1.0}, {"number": 0}])
def test_bad_parameters(more):
    with pytest.raises(InputError, match=r"; received "):
        infidelity(linear(), **more)


def test_tokens_take_no_noise():
    given = linear()._replace(x=np.ones((6, 4), int), relevance=np.zeros((6, 4)))
    with pytest.raises(InputError, match="use by=removal for tokens"):
        infidelity(given, by="noise")
