"""Ranks with the uncertainty of the samples."""

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.judging.ranking import ranked


def test_by_hand():
    # means by m1: a 2, b 2, c 0 -> ranks 1.5, 1.5, 3; by m2: a 0, b 1, c 2 -> 3, 2, 1
    values = np.array([[[2.0, 2.0], [0.0, 0.0]], [[1.0, 3.0], [1.0, 1.0]], [[0.0, 0.0], [2.0, 2.0]]])
    ranking = ranked(["a", "b", "c"], ["m1", "m2"], values)
    assert dict(zip(ranking.methods, ranking.rank.tolist(), strict=True)) == {"b": 1.75, "c": 2.0, "a": 2.25}
    assert ranking.first.sum() == pytest.approx(1)
    assert ranking.n == 2


@pytest.mark.parametrize("seed", range(2))
def test_like_a_loop(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(4, 3, 12))
    values[1, 2, 5:] = np.nan
    ranking = ranked(list("abcd"), list("xyz"), values, seed, resamples=50)
    drawn = np.random.default_rng(seed).multinomial(12, np.full(12, 1 / 12), size=50)
    first, ranks = np.zeros(4), []
    for counts in drawn:
        chosen = values[..., np.repeat(np.arange(12), counts)]
        means = np.nanmean(chosen, axis=2)
        mean_rank = np.mean([(-means[:, m]).argsort().argsort() + 1 for m in range(3)], axis=0)
        best = mean_rank == mean_rank.min()
        first += best / best.sum() / 50
        ranks.append(mean_rank)
    order = ["abcd".index(name) for name in ranking.methods]
    np.testing.assert_allclose(ranking.first, first[order])
    np.testing.assert_allclose(ranking.low, np.percentile(ranks, 2.5, axis=0)[order])


def test_what_has_no_value_is_last_and_equals_share_the_first_place():
    values = np.array([[[np.nan, np.nan]], [[1.0, 1.0]], [[1.0, 1.0]]])
    ranking = ranked(["none", "b", "c"], ["m"], values)
    assert ranking.methods == ("b", "c", "none")
    np.testing.assert_allclose(ranking.first, [0.5, 0.5, 0])
    assert ranking.tied() == ("c",)


def test_more_samples_are_surer():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(2, 1, 400)) + np.array([0.2, 0])[:, None, None]
    assert ranked(["a", "b"], ["m"], values).first[0] > ranked(["a", "b"], ["m"], values[..., :20]).first.max() - 0.5
    assert ranked(["a", "b"], ["m"], values).methods[0] == "a"


@pytest.mark.parametrize("shape", [(2, 1, 0), (1, 1, 4), (2, 2, 4)])
def test_shapes_must_fit(shape):
    with pytest.raises(InputError, match="values must be"):
        ranked(["a", "b"], ["m"], np.zeros(shape))
