"""A Gaussian restricted Boltzmann machine, trained by contrastive divergence.

Published prototypes of digits use one (Montavon et al., 2018, section 3.2) without a recipe; this is ours. Cells are
standardised, with unit variance given the hidden units; v are the visible cells, h the hidden units.
"""

from typing import ClassVar

import numpy as np
import tensorflow as tf

from thesis_rnn.prototypes.experts.expert import parts_of
from thesis_rnn.prototypes.experts.mixtures import deviations
from thesis_rnn.support.progress import bar

HIDDEN, BATCH, UPDATES = 100, 100, 2_000
RATE, DECAY, MOMENTA = 1e-3, 2e-4, (0.5, 0.9)
SMALL_START, CHECKS = 0.01, 20
LEAST_RIGHT = 0.75
"""The share of pairs in which a held-out sample must be likelier than one of cells shuffled between samples."""


class GaussianBoltzmann:
    """log p(v) = -||v - c||^2 / 2 + sum_j softplus(w_j . v + b_j) + const, of standardised cells v.

    Values compare within one machine only. The machine is kept from the moment of training at which held-out data were
    likeliest among shuffled ones while their free energy was not falling behind that of the training data.
    """

    weight: ClassVar[float] = 0.01
    codes = 0

    def __init__(self, mean, deviation, kernel, visible, hidden):
        arrays = (mean, deviation, kernel, visible, hidden)
        self.mean, self.deviation, self.kernel, self.visible, self.hidden = (
            np.asarray(array, np.float32) for array in arrays
        )

    @classmethod
    def fit(cls, x: np.ndarray, seed: int, updates: int = UPDATES) -> "GaussianBoltzmann":
        """Contrastive divergence with one step (CD-1), noise-free visible cells, momentum and weight decay."""
        rng = np.random.default_rng(seed)
        train, held_out = parts_of(x, seed, least=50)
        mean, deviation = train.mean(axis=0, dtype=np.float64), deviations(train)
        train, held_out = (((part - mean) / deviation).astype(np.float32) for part in (train, held_out))
        kernel = (SMALL_START * rng.standard_normal((train.shape[1], HIDDEN))).astype(np.float32)
        parameters = [kernel, np.zeros(train.shape[1], np.float32), np.zeros(HIDDEN, np.float32)]
        best, gaps, furthest = parameters, [], -np.inf
        moves, between = [np.zeros_like(one) for one in parameters], max(1, updates // CHECKS)
        for first in bar(range(0, updates, between), "learning what is likely", "piece"):
            momentum = tf.constant(MOMENTA[0 if first < updates // 4 else 1])
            done = _updates(train, parameters, moves, momentum, tf.constant([seed, first]), tf.constant(between))
            parameters, moves = ([tensor.numpy() for tensor in part] for part in done)
            own, other = (float(free_energy(part, *parameters).mean()) for part in (train[: len(held_out)], held_out))
            gaps.append(other - own)
            apart = float(free_energy(_shuffled(held_out, rng), *parameters).mean()) - other - max(0.0, gaps[-1])
            if apart > furthest:
                best, furthest = parameters, apart
        expert = cls(mean, deviation, *best)
        likelier = free_energy(held_out, *best)[:, np.newaxis] < free_energy(_shuffled(held_out, rng), *best)
        right = float(likelier.mean())
        expert.learned = bool(np.isfinite(gaps).all() and right >= LEAST_RIGHT)
        expert.gaps = gaps
        expert.verdict = (
            f"held-out data are likelier than shuffled ones in {right:.0%} of pairs; their free energy is "
            f"{gaps[-1]:.3g} above the training data's at the end"
        )
        return expert

    def log_density(self, point: tf.Tensor) -> tf.Tensor:
        """log p [n], up to a constant."""
        v = (point - self.mean) / self.deviation
        hidden = tf.reduce_sum(tf.nn.softplus(tf.matmul(v, self.kernel) + self.hidden), axis=1)
        return hidden - 0.5 * tf.reduce_sum((v - self.visible) ** 2, axis=1)

    def data_density(self, x: np.ndarray) -> np.ndarray:
        """The same of rows of data."""
        return self.log_density(tf.constant(x, tf.float32)).numpy()


def free_energy(v: np.ndarray, kernel: np.ndarray, visible: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """F(v) = ||v - c||^2 / 2 - sum_j softplus(w_j . v + b_j) = -log p(v) + const, [m]."""
    return 0.5 * ((v - visible) ** 2).sum(axis=1) - np.logaddexp(0, v @ kernel + hidden).sum(axis=1)


@tf.function(reduce_retracing=True)
def _updates(x, parameters, moves, momentum, seed, count):
    """``count`` steps of CD-1 on random rows of ``x``; parameters are kernel, visible and hidden biases."""
    x = tf.convert_to_tensor(x)
    rows = tf.minimum(BATCH, tf.shape(x)[0])
    for number in tf.range(count):
        own = seed + tf.stack([0, number])
        places = tf.random.stateless_uniform([rows], own, 0, tf.shape(x)[0], tf.int32)
        directions = contrast(tf.gather(x, places), *parameters, own + [1, 0])
        moves = [momentum * move + RATE * towards for move, towards in zip(moves, directions, strict=True)]
        parameters = [parameter + move for parameter, move in zip(parameters, moves, strict=True)]
    return parameters, moves


def contrast(v, kernel, visible, hidden, seed):
    """The direction of CD-1 for kernel and biases: hidden units are drawn, visible cells are their mean."""
    on = tf.sigmoid(v @ kernel + hidden)
    drawn = tf.cast(tf.random.stateless_uniform(tf.shape(on), seed) < on, v.dtype)
    seen = visible + tf.matmul(drawn, kernel, transpose_b=True)
    again = tf.sigmoid(seen @ kernel + hidden)
    n = tf.cast(tf.shape(v)[0], v.dtype)
    apart = tf.matmul(v, on, transpose_a=True) - tf.matmul(seen, again, transpose_a=True)
    return apart / n - DECAY * kernel, tf.reduce_mean(v - seen, axis=0), tf.reduce_mean(on - again, axis=0)


def _shuffled(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each cell of another sample: the same marginals, no structure."""
    return rng.permuted(x, axis=0)
