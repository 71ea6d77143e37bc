"""Experts: densities against scikit-learn, a machine against sums over its hidden units, codes against their data."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

from thesis_rnn.prototypes.experts import Decoder, Distance, GaussianBoltzmann, Generator, Mixture, PrincipalComponents
from thesis_rnn.prototypes.experts.boltzmann import contrast, free_energy

RNG = np.random.default_rng(0)


def plane(count=400, cells=6, noise=0.1):
    """Points near a plane in ``cells`` dimensions: most of their structure is two directions."""
    axes = np.random.default_rng(1).normal(size=(2, cells))
    return (RNG.normal(size=(count, 2)) @ axes + noise * RNG.normal(size=(count, cells)) + 1.5).astype(np.float32)


def test_the_distance_is_that_from_the_mean():
    x = np.array([[1.0, 3.0], [3.0, 5.0]])  # the mean is (2, 4): each point is 1 + 1 away
    assert Distance.fit(x, 0).data_density(x).tolist() == [-2.0, -2.0]


@pytest.mark.parametrize("kept", [1, 2, 4])
def test_ppca_has_the_density_of_scikit_learn(kept):
    x = plane()
    pca = PCA(kept, svd_solver="full").fit(x.astype(np.float64))
    expert = PrincipalComponents(pca.mean_, pca.components_, pca.explained_variance_, pca.noise_variance_)
    np.testing.assert_allclose(expert.data_density(x[:50]), pca.score_samples(x[:50]), rtol=2e-3, atol=1e-2)


def test_ppca_finds_the_plane_and_learns():
    expert = PrincipalComponents.fit(plane(), seed=0)
    assert expert.axes.shape[1] in (2, 5)  # three more directions of the noise change nothing
    assert expert.learned


def test_a_mixture_has_the_density_of_scikit_learn():
    x = np.concatenate([plane(200), plane(200) - 6])
    mixture = GaussianMixture(3, covariance_type="diag", random_state=0).fit(x)
    expert = Mixture(mixture.weights_, mixture.means_, mixture.covariances_)
    np.testing.assert_allclose(expert.data_density(x[:50]), mixture.score_samples(x[:50]), rtol=1e-3, atol=1e-3)
    assert Mixture.fit(x, seed=0).learned


@pytest.mark.parametrize("expert", [PrincipalComponents, GaussianBoltzmann])
def test_independent_noise_teaches_nothing_and_that_is_said(expert):
    fitted = expert.fit(RNG.normal(size=(300, 8)).astype(np.float32), seed=0)
    assert not fitted.learned or expert is PrincipalComponents
    assert fitted.verdict


def test_the_free_energy_is_minus_the_log_of_the_sum_over_hidden_units():
    # p(v) is proportional to sum_h exp(-||v - c||^2 / 2 + v.W h + b.h), here over all 8 states of 3 hidden units.
    kernel, visible, hidden = RNG.normal(size=(4, 3)), RNG.normal(size=4), RNG.normal(size=3)
    v = RNG.normal(size=(5, 4))
    states = np.array(list(itertools.product([0, 1], repeat=3)))
    energy = 0.5 * ((v - visible) ** 2).sum(axis=1)[:, None] - (v @ kernel + hidden) @ states.T
    expected = -np.log(np.exp(-energy).sum(axis=1))
    np.testing.assert_allclose(free_energy(v, kernel, visible, hidden), expected, rtol=1e-10)


def test_a_machines_density_is_minus_its_free_energy_and_it_learns_the_plane():
    expert = GaussianBoltzmann.fit(plane(), seed=0, updates=800)
    x = plane(7)
    v = (x - expert.mean) / expert.deviation
    expected = -free_energy(v, expert.kernel, expert.visible, expert.hidden)
    np.testing.assert_allclose(expert.data_density(x), expected, rtol=1e-4)
    assert expert.learned
    assert len(expert.gaps) == 20


def test_contrastive_divergence_against_a_loop():
    v, kernel = RNG.normal(size=(3, 4)).astype(np.float32), RNG.normal(size=(4, 2)).astype(np.float32)
    visible, hidden = np.zeros(4, np.float32), np.full(2, 50, np.float32)  # units that are surely on
    direction = contrast(tf.constant(v), kernel, visible, hidden, tf.constant([0, 0]))
    seen = visible + np.ones((3, 2)) @ kernel.T
    expected = sum(np.outer(one - other, [1, 1]) for one, other in zip(v, seen, strict=True)) / 3 - 2e-4 * kernel
    np.testing.assert_allclose(direction[0], expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(direction[1], (v - seen).mean(axis=0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(direction[2], [0, 0], atol=1e-6)


@pytest.mark.parametrize(("expert", "updates"), [(Decoder, 600), (Generator, 1500)])
def test_codes_stand_for_data(expert, updates):
    x = plane()
    fitted = expert.fit(x, seed=0, updates=updates)
    assert fitted.learned
    codes = tf.constant(RNG.standard_normal((3, fitted.codes)), tf.float32)
    assert fitted.decode(codes).shape == (3, 6)
    np.testing.assert_allclose(fitted.log_density(codes), -(codes.numpy() ** 2).sum(axis=1), rtol=1e-5)
    if expert is Decoder:  # most of the variance comes back through the codes
        again = fitted.decode(tf.constant(fitted.encode(x))).numpy()
        assert ((x - again) ** 2).sum() < 0.3 * ((x - x.mean(axis=0)) ** 2).sum()
