"""Contrasts over folds: by hand, beside SciPy's tests, by simulated cross-validations, and what they refuse."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from thesis_rnn.errors import InputError
from thesis_rnn.statistics import (
    corrected_interval,
    effect_size,
    linear_contrast,
    mean_interval,
    paired_contrast,
    signed_rank,
)

# ---- worked by hand


def test_three_folds_by_hand():
    # Differences 1, 2, 3: mean 2, s = 1. Standard error sqrt(1/3 + 1/2) = sqrt(5/6) = 0.912871; t_{0.975, 2} is
    # 4.302653: half width 3.927766. t = 2 / sqrt(5/6) = 2.190890; with two degrees of freedom
    # p = 1 - t / sqrt(t^2 + 2) = 1 - 2.190890 / sqrt(6.8) = 0.159832.
    # d_z = 2; J(2) = Gamma(1) / Gamma(1/2) = 1 / sqrt(pi) = 0.564190. Three of one sign: Wilcoxon's p = 2 / 8.
    contrast = paired_contrast([3, 5, 7], [2, 3, 4])
    assert contrast.mean == 2
    assert contrast.low == pytest.approx(2 - 3.927766, abs=1e-5)
    assert contrast.high == pytest.approx(2 + 3.927766, abs=1e-5)
    assert contrast.p == pytest.approx(0.159832, abs=1e-6)
    assert contrast.effect == pytest.approx(2 / math.sqrt(math.pi), rel=1e-12)
    assert contrast.folds == 3
    assert contrast.wilcoxon == (0.25, 0.25)


def test_seven_folds_by_hand():
    # One deviates: mean 1/7, s^2 = (36/49 + 6/49) / 6 = 1/7; standard error^2 = (1/7 + 1/6) / 7 = 13/294.
    # t_{0.95, 6} = 1.943180. With 0 for independent folds it is 1/49.
    values = [0, 0, 0, 1, 0, 0, 0]
    half_width = 1.943180 * math.sqrt(13 / 294)
    np.testing.assert_allclose(
        corrected_interval(values, confidence=0.9), [1 / 7, 1 / 7 - half_width, 1 / 7 + half_width, 7], atol=1e-6
    )
    assert corrected_interval(values, test_to_train=0) == pytest.approx(mean_interval(values))


def test_three_folds_of_seven_by_hand():
    # The partition says how much training sets share, not how many folds were run: 1/3 + 1/6 = 1/2.
    interval = corrected_interval([1, 2, 3], test_to_train=1 / 6)
    assert interval.high - 2 == pytest.approx(4.302653 * math.sqrt(0.5), abs=1e-6)


def test_difference_of_differences_by_hand():
    # LRP gains 0.3, 0.3, 0.4; SA gains 0.1, 0, 0.1: LRP gains 0.2, 0.3, 0.3 more, 0.8 / 3 on average.
    arms = {
        "lrp shallow": [0.4, 0.5, 0.4],
        "lrp deep": [0.7, 0.8, 0.8],
        "sa shallow": [0.5, 0.6, 0.5],
        "sa deep": [0.6, 0.6, 0.6],
        "another": [9, 9, 9, 9],
    }
    contrast = linear_contrast(arms, {"lrp deep": 1, "lrp shallow": -1, "sa deep": -1, "sa shallow": 1})
    assert contrast.mean == pytest.approx(0.8 / 3)
    assert contrast == paired_contrast([0.2, 0.3, 0.3], [0, 0, 0])


def test_a_number_is_an_arm_that_never_varies():
    # 0.93, 0.95, 0.94 over 0.9: 0.03, 0.05, 0.04, mean 0.04, s 0.01.
    contrast = linear_contrast({"last steps": [0.93, 0.95, 0.94], "threshold": 0.9}, {"last steps": 1, "threshold": -1})
    assert contrast.mean == pytest.approx(0.04)
    assert contrast.high - contrast.mean == pytest.approx(4.302653 * 0.01 * math.sqrt(5 / 6), rel=1e-6)


@pytest.mark.parametrize(
    ("k", "correction"),
    # J(2) = 1 / sqrt(pi); J(3) = Gamma(3/2) / (sqrt(3/2) Gamma(1)); J(6) = 2 / (sqrt(3) Gamma(5/2) = 1.329340).
    [(3, 0.564190), (4, 0.886227 / 1.224745), (7, 2 / (1.732051 * 1.329340))],
)
def test_effect_size_by_hand(k, correction):
    # 1, 2, ..., k: mean (k + 1) / 2, s^2 = k (k + 1) / 12.
    d_z = (k + 1) / 2 / math.sqrt(k * (k + 1) / 12)
    assert effect_size(np.arange(1, k + 1), corrected=False) == pytest.approx(d_z, rel=1e-12)
    assert effect_size(np.arange(1, k + 1)) == pytest.approx(correction * d_z, rel=1e-5)


# ---- beside others


@pytest.mark.parametrize("k", [2, 3, 7, 30])
def test_independent_folds_give_scipys_paired_t_test(k):
    first, second = np.random.default_rng(k).normal(size=(2, k))
    contrast = paired_contrast(first, second, test_to_train=0, confidence=0.9)
    expected = stats.ttest_rel(first, second)
    assert contrast.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert (contrast.low, contrast.high) == pytest.approx(tuple(expected.confidence_interval(0.9)), rel=1e-9)


@pytest.mark.parametrize("k", [2, 3, 7])
@pytest.mark.parametrize("ratio", [None, 1 / 6, 2.0])
def test_corrected_test_equals_the_formula(k, ratio):
    first, second = np.random.default_rng(k).normal(size=(2, k))
    differences = [a - b for a, b in zip(first, second, strict=True)]
    mean = sum(differences) / k
    variance = sum((difference - mean) ** 2 for difference in differences) / (k - 1)
    error = math.sqrt((1 / k + (1 / (k - 1) if ratio is None else ratio)) * variance)
    contrast = paired_contrast(first, second, ratio)
    assert contrast.p == pytest.approx(2 * stats.t.cdf(-abs(mean / error), k - 1), rel=1e-9)
    assert contrast.low == pytest.approx(stats.t.ppf(0.025, k - 1, loc=mean, scale=error), rel=1e-9)


@pytest.mark.parametrize("differences", [[1, 2, 3], [1, 1, -2, 4, 5], [-1, 2, -3, 4, -5, 6, 7], [1, 1, 1, 0, -1]])
def test_signed_rank_equals_a_count_over_all_signs(differences):
    nonzero = np.array([difference for difference in differences if difference])
    ranks = stats.rankdata(np.abs(nonzero))
    middle = ranks.sum() / 2
    distance = abs(ranks[nonzero > 0].sum() - middle)
    signs = list(itertools.product([0, 1], repeat=len(nonzero)))
    as_far = sum(abs(np.dot(sign, ranks) - middle) >= distance - 1e-9 for sign in signs)
    assert signed_rank(differences) == pytest.approx((as_far / len(signs), 2 / len(signs)))


# ---- laws


def test_overlapping_folds_are_not_trusted_as_independent_ones():
    # Nadeau and Bengio's model: values of folds share the correlation rho = n_test / (n_test + n_train) = 1/7. Then
    # Var(mean) = sigma^2 (1/7 + 6/49) = 13/49 sigma^2 and E[s^2] = 6/7 sigma^2, that is sigma^2 / 7 (1 + 6/7) =
    # (1/7 + 1/6) E[s^2]: the corrected interval covers as promised, 1,900 of 2,000 with a deviation of 9.7. Student's
    # has sqrt(6/13) = 0.68 of its width: P(|t_6| < 0.68 * 2.447) = 85%, about 1,700.
    rng = np.random.default_rng(0)
    values = math.sqrt(1 / 7) * rng.normal(size=(2000, 1)) + math.sqrt(6 / 7) * rng.normal(size=(2000, 7))

    def covered(interval):
        return sum(low <= 0 <= high for _, low, high, _ in map(interval, values))

    assert abs(covered(corrected_interval) - 1900) < 4 * 9.7
    assert covered(mean_interval) < 1750


def test_hedges_correction_removes_the_bias():
    # True effect 1 at five folds: g_z averages 1, d_z 1 / J(4) with J(4) = 1 / (sqrt(2) Gamma(3/2)) = 0.798. Their
    # standard deviations are about 1: the mean of 4,000 lies within 4 / sqrt(4,000) = 0.063.
    samples = np.random.default_rng(0).normal(1, 1, size=(4000, 5))
    assert np.mean([effect_size(sample) for sample in samples]) == pytest.approx(1, abs=0.063)
    assert np.mean([effect_size(sample, corrected=False) for sample in samples]) == pytest.approx(1 / 0.798, abs=0.063)


def test_p_and_interval_agree_and_sides_swap():
    for seed in range(60):
        first, second = np.random.default_rng(seed).normal([[1], [0]], 0.5, size=(2, 5))
        contrast, swapped = paired_contrast(first, second), paired_contrast(second, first)
        assert (contrast.p < 0.05) == (contrast.low > 0 or contrast.high < 0)
        assert (swapped.mean, swapped.low, swapped.high) == pytest.approx(
            (-contrast.mean, -contrast.high, -contrast.low)
        )
        assert (swapped.p, swapped.effect) == pytest.approx((contrast.p, -contrast.effect))


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 100, 1e6])
def test_scale_changes_no_verdict(scale):
    first, second = np.random.default_rng(0).normal(size=(2, 7))
    contrast, scaled = paired_contrast(first, second), paired_contrast(first * scale, second * scale)
    assert (scaled.p, scaled.wilcoxon) == (pytest.approx(contrast.p), contrast.wilcoxon)
    assert scaled.low == pytest.approx(contrast.low * scale)


# ---- edges


def test_one_fold_has_no_interval():
    contrast = paired_contrast([0.9], [0.5])
    assert contrast.mean == pytest.approx(0.4)
    assert np.isnan([contrast.low, contrast.high, contrast.p, contrast.effect]).all()
    assert (contrast.folds, contrast.wilcoxon) == (1, (1, 1))


def test_two_folds_have_no_corrected_effect():
    assert math.isnan(effect_size([1, 2]))
    assert effect_size([1, 2], corrected=False) == pytest.approx(1.5 / math.sqrt(0.5))


def test_equal_differences_have_no_spread():
    # 0.98 - 0.97, 0.97 - 0.96 and 0.5 - 0.49 differ in their last bits; no spread may come of that.
    contrast = paired_contrast([0.98, 0.97, 0.5], [0.97, 0.96, 0.49])
    assert contrast.low == contrast.high == contrast.mean == pytest.approx(0.01, abs=1e-15)
    assert contrast.p == 0
    assert math.isnan(contrast.effect)


def test_no_difference_at_all():
    # 0.1 + 0.2 - 0.3 leaves 5.6e-17 in floating point.
    arms = {"a": [0.1] * 3, "b": [0.2] * 3, "c": [0.3] * 3, "zero": 0}
    contrast = linear_contrast(arms, {"a": 1, "b": 1, "c": -1, "zero": -1})
    assert (contrast.mean, contrast.low, contrast.high, contrast.p, contrast.wilcoxon) == (0, 0, 0, 1, (1, 1))
    assert paired_contrast([0, 0], [0, 0]).p == 1


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_broken_values_are_refused_by_the_arms_name(broken):
    with pytest.raises(
        InputError, match=rf"^second \[folds\] must be finite in every cell; received {broken} at \(1,\)$"
    ):
        paired_contrast([1, 2], [1, broken])
    with pytest.raises(InputError, match=r"^differences \[k\] must be finite"):
        signed_rank([1, broken])
    with pytest.raises(InputError, match=r"^differences \[k\] must be finite"):
        effect_size([1, broken])


@pytest.mark.parametrize(
    ("arms", "weights", "message"),
    [
        ({"a": [1, 2], "b": [1, 2, 3]}, {"a": 1, "b": -1}, "equally many; received a: 2, b: 3"),
        ({"a": 1, "b": 2}, {"a": 1, "b": -1}, "received only numbers"),
        ({"a": [1, 2], "b": [[1, 2]]}, {"a": 1, "b": -1}, r"1 axes; received shape \(1, 2\)"),
        ({"a": [], "b": []}, {"a": 1, "b": -1}, "received none"),
        ({"a": [1, 2], "b": [1, 2]}, {"a": 1, "c": -1}, "among a, b; received c"),
        ({"a": [1, 2], "b": [1, 2]}, {"a": 1, "b": -0.5}, "not all be 0; received {'a': 1, 'b': -0.5}"),
        ({"a": [1, 2], "b": [1, 2]}, {"a": 0, "b": 0}, "not all be 0; received {'a': 0, 'b': 0}"),
        ({"a": [1, 2], "b": [1, 2]}, {}, "not all be 0; received {}"),
        (
            {"a": [1, 2], "b": [1, 2]},
            {"a": np.nan, "b": 1},
            r"weights \[arms\] must be finite .* received nan at \(0,\)",
        ),
    ],
)
def test_arms_and_weights_that_do_not_fit_are_refused(arms, weights, message):
    with pytest.raises(InputError, match=message + "$"):
        linear_contrast(arms, weights)


@pytest.mark.parametrize("ratio", [-0.1, np.nan, np.inf])
def test_bad_ratios_are_refused(ratio):
    with pytest.raises(InputError, match=f"at least 0; received {ratio}$"):
        paired_contrast([1, 2], [2, 4], test_to_train=ratio)


def test_bad_confidence_is_refused():
    with pytest.raises(InputError, match=r"received 95$"):
        paired_contrast([1, 2], [2, 4], confidence=95)
