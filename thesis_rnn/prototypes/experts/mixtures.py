"""Experts with an exact density: the distance from the mean, probabilistic PCA, a mixture of Gaussians."""

import math
from typing import ClassVar

import numpy as np
import tensorflow as tf

from thesis_rnn.prototypes.experts.expert import parts_of


class Distance:
    """-||x - mean||^2: pulls to the mean of the data, whatever their structure. Padding and background are in it."""

    weight: ClassVar[float] = 0.01
    codes = 0
    learned = True
    verdict = "the mean of the data"

    def __init__(self, mean: np.ndarray):
        self.mean = mean.astype(np.float32)

    @classmethod
    def fit(cls, x: np.ndarray, seed: int) -> "Distance":
        """The mean of the rows of ``x``."""
        return cls(x.mean(axis=0, dtype=np.float64))

    def log_density(self, point: tf.Tensor) -> tf.Tensor:
        """-||x - mean||^2 [n]."""
        return -tf.reduce_sum((point - self.mean) ** 2, axis=1)

    def data_density(self, x: np.ndarray) -> np.ndarray:
        """The same of rows of data."""
        return self.log_density(tf.constant(x, tf.float32)).numpy()


class GaussianExpert:
    """What experts with an exact density share: whether they learned, by the mean log-density of held-out data."""

    weight: ClassVar[float] = 0.01
    codes = 0

    def judge(self, held_out: np.ndarray, train: np.ndarray) -> None:
        """Compares with a Gaussian of independent cells, which knows no structure."""
        mine, theirs = self.data_density(held_out).mean(), _independent(train, held_out).mean()
        self.learned = bool(mine > theirs)
        self.verdict = f"mean log-density of held-out data {mine:.4g}, of independent Gaussian cells {theirs:.4g}"

    def data_density(self, x: np.ndarray) -> np.ndarray:
        """log p of rows of data."""
        return self.log_density(tf.constant(x, tf.float32)).numpy()


SMALLEST = 1e-2
"""Of a deviation, as a share of the mean one: cells that never change in the data are given this much."""


def deviations(x: np.ndarray) -> np.ndarray:
    """The deviation of each cell, at least a hundredth of their root mean square."""
    deviation = x.std(axis=0, dtype=np.float64)
    return np.maximum(deviation, SMALLEST * max(float(np.sqrt((deviation**2).mean())), 1e-6))


def _independent(train: np.ndarray, x: np.ndarray) -> np.ndarray:
    mean, deviation = train.mean(axis=0, dtype=np.float64), deviations(train)
    return -0.5 * (((x - mean) / deviation) ** 2 + np.log(2 * math.pi * deviation**2)).sum(axis=1)


class PrincipalComponents(GaussianExpert):
    """Probabilistic PCA (Tipping and Bishop, 1999): log N(x; mean, U (L - s I) U' + s I), fitted by scikit-learn."""

    def __init__(self, mean: np.ndarray, axes: np.ndarray, variances: np.ndarray, noise: float):
        """``axes`` [components, cells] and their variances; ``noise`` is the variance along all others."""
        kept, cells = axes.shape
        noise = max(noise, 1e-6 * float(variances[0]), 1e-12)
        variances = np.maximum(variances, noise)
        self.mean, self.axes = mean.astype(np.float32), axes.T.astype(np.float32)
        self.more = (1 / noise - 1 / variances).astype(np.float32)
        self.precision = np.float32(1 / noise)
        log_det = np.log(variances).sum() + (cells - kept) * math.log(noise)
        self.constant = np.float32(-0.5 * (cells * math.log(2 * math.pi) + log_det))

    @classmethod
    def fit(cls, x: np.ndarray, seed: int) -> "PrincipalComponents":
        """The number of components is the one of a few that makes held-out rows most likely."""
        from sklearn.decomposition import PCA

        train, held_out = parts_of(x, seed)
        pca = PCA(svd_solver="full").fit(train.astype(np.float64))
        variances = pca.explained_variance_
        counts = [count for count in (1, 2, 5, 10, 20, 40, 80) if count < len(variances)] or [len(variances)]
        noises = [float(variances[count:].mean()) if count < len(variances) else 0.0 for count in counts]
        fitted = [
            cls(pca.mean_, pca.components_[:count], variances[:count], noise)
            for count, noise in zip(counts, noises, strict=True)
        ]
        best = max(fitted, key=lambda expert: expert.data_density(held_out).mean())
        best.judge(held_out, train)
        return best

    def log_density(self, point: tf.Tensor) -> tf.Tensor:
        """log p [n]."""
        apart = point - self.mean
        along = tf.matmul(apart, self.axes)
        square = self.precision * tf.reduce_sum(apart**2, axis=1) - tf.reduce_sum(self.more * along**2, axis=1)
        return self.constant - 0.5 * square


class Mixture(GaussianExpert):
    """A mixture of Gaussians of independent cells: log sum_k w_k N(x; m_k, diag s_k^2), fitted by scikit-learn."""

    def __init__(self, weights: np.ndarray, means: np.ndarray, variances: np.ndarray):
        self.means, self.precisions = means.astype(np.float32), (1 / variances).astype(np.float32)
        log_det = np.log(2 * math.pi * variances).sum(axis=1)
        self.constants = (np.log(weights) - 0.5 * log_det).astype(np.float32)

    @classmethod
    def fit(cls, x: np.ndarray, seed: int) -> "Mixture":
        """The number of components is the one of a few that makes held-out rows most likely."""
        from sklearn.mixture import GaussianMixture

        train, held_out = parts_of(x, seed)
        least = float(deviations(train).min()) ** 2
        counts = sorted({min(count, len(train) // 4) or 1 for count in (2, 4, 8, 16)})
        fitted = []
        for count in counts:
            mixture = GaussianMixture(count, covariance_type="diag", reg_covar=least, random_state=seed, max_iter=50)
            mixture.fit(train.astype(np.float64))
            fitted.append(cls(mixture.weights_, mixture.means_, mixture.covariances_))
        best = max(fitted, key=lambda expert: expert.data_density(held_out).mean())
        best.judge(held_out, train)
        return best

    def log_density(self, point: tf.Tensor) -> tf.Tensor:
        """log p [n]."""
        apart = point[:, tf.newaxis] - self.means
        return tf.reduce_logsumexp(self.constants - 0.5 * tf.reduce_sum(apart**2 * self.precisions, axis=2), axis=1)
