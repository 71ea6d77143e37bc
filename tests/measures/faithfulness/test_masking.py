"""The masking test: which cells go, and what takes their place."""

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.measures import Scored, mask_most_salient
from thesis_rnn.measures.faithfulness.masking import right_when_masked


def test_by_hand():
    # Half of four cells: the two of saliency 4 and 3.
    x, saliency = np.array([[[1.0, 2.0], [3.0, 4.0]]]), [[[1, 4], [3, 2]]]
    np.testing.assert_array_equal(mask_most_salient(x, saliency, share=0.5), [[[1, 0], [0, 4]]])
    np.testing.assert_array_equal(mask_most_salient(x, saliency, share=0.25, value=-1), [[[1, -1], [3, 4]]])
    mean = [[10, 20], [30, 40]]
    np.testing.assert_array_equal(mask_most_salient(x, saliency, share=0.5, value=mean), [[[1, 20], [30, 4]]])
    assert x[0, 0, 1] == 2  # untouched
    np.testing.assert_array_equal(mask_most_salient(x, saliency, share=0), x)
    assert not mask_most_salient(x, saliency, share=1).any()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("shape", "share"), [((4, 10, 7), 0.1), ((3, 5, 2, 3), 0.35)])
def test_equals_a_loop(shape, share, seed):
    rng = np.random.default_rng(seed)
    x, saliency = rng.normal(size=shape).astype(np.float32), rng.random(shape)
    expected = x.copy()
    for sample, salient in zip(expected.reshape(shape[0], -1), saliency.reshape(shape[0], -1), strict=True):
        for cell in sorted(range(sample.size), key=lambda cell, salient=salient: -salient[cell])[
            : round(share * sample.size)
        ]:
            sample[cell] = 0
    masked = mask_most_salient(x, saliency, share)
    np.testing.assert_array_equal(masked, expected)
    assert masked.dtype == x.dtype


def test_equals_are_drawn_evenly():
    # 2,000 samples of 50 cells, one of them salient: four of the other 49 go at random: 163 times each.
    saliency = np.zeros((2000, 50))
    saliency[:, 7] = 1
    gone = np.concatenate([mask_most_salient(np.ones((1, 50)), saliency[[0]], seed=seed) for seed in range(2000)]) == 0
    counts = gone.sum(axis=0)
    assert (gone.sum(axis=1) == 5).all()
    assert counts[7] == 2000
    others = np.delete(counts, 7)
    assert np.abs(others - 2000 * 4 / 49).max() < 5 * np.sqrt(2000 * 4 / 49)
    again = [mask_most_salient(np.ones((9, 50)), saliency[:9], seed=3) for _ in range(2)]
    np.testing.assert_array_equal(*again)


def test_bad_input():
    x = np.ones((2, 3, 4))
    with pytest.raises(InputError, match=r"the shape of x, \(2, 3, 4\); received \(2, 3\)$"):
        mask_most_salient(x, np.ones((2, 3)))
    for share in (-0.1, 1.5, np.nan):
        with pytest.raises(InputError, match=f"share must lie between 0 and 1; received {share}$"):
            mask_most_salient(x, x, share)
    with pytest.raises(InputError, match=r"broadcast to x of shape \(2, 3, 4\); received shape \(5,\)$"):
        mask_most_salient(x, x, value=np.zeros(5))
    with pytest.raises(InputError, match="finite"):
        mask_most_salient(x, np.full(x.shape, np.inf))


def test_padding_is_no_cell():
    # Sample 0 owns steps 0 and 1: half of its two cells is one, the more salient. All of sample 1's four cells count.
    x, own = np.ones((2, 4, 1)), np.array([[1, 1, 0, 0], [1, 1, 1, 1]], bool)[..., None]
    saliency = np.array([[1.0, 2.0, 9.0, 9.0], [1.0, 2.0, 3.0, 4.0]])[..., None]
    masked = mask_most_salient(x, saliency, share=0.5, own=own)
    np.testing.assert_array_equal(masked[..., 0], [[1, 0, 1, 1], [1, 1, 0, 0]])
    with pytest.raises(InputError, match="own must have the shape of x"):
        mask_most_salient(x, saliency, own=own[:1])


def test_one_output_has_no_accuracy():
    scored = Scored(np.ones((2, 3, 1)), np.ones((2, 3, 1)), np.zeros(2, int), predict=lambda x: x.sum(axis=1))
    with pytest.raises(InputError, match="choice between classes"):
        right_when_masked(scored)


def test_outputs_that_are_not_finite_are_no_predictions():
    x = np.ones((2, 3, 1))
    scored = Scored(x, x, np.zeros(2, int), predict=lambda x: np.full((len(x), 2), np.nan))
    with pytest.raises(InputError, match="predict must give finite outputs"):
        right_when_masked(scored)
    with pytest.raises(InputError, match=r"target must lie in 0\.\.1; received 2\.\.2"):
        right_when_masked(scored._replace(target=np.full(2, 2), predict=lambda x: np.ones((len(x), 2))))
