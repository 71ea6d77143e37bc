"""Experts that search among codes: x = g(z) with z ~ N(0, I).

The weight 1/2 of -||z||^2 is the exact prior. Its mode is the code 0, while codes of data have a square of about their
length: so much weight draws every class to one input, which the model does not take for it. A tenth is the default.

g is the decoder of a variational autoencoder (Kingma and Welling, 2014), or the generator of a generative adversarial
network (Goodfellow et al., 2014); both are small, and trained here.
"""

from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf

from thesis_rnn.prototypes.experts.expert import parts_of
from thesis_rnn.support.progress import in_pieces

CODES, HIDDEN, BATCH = 16, 128, 64
LEAST_EXPLAINED = 0.2
"""The share of the variance of held-out data that a decoder must give back."""
MOST_FAR = 0.9
"""How far, at most, held-out data may lie from generated ones, as a share of their distance from the mean."""


class CodeExpert:
    """What both share: the prior, and inputs that are standardised as a whole."""

    weight: ClassVar[float] = 0.05
    codes = CODES

    def log_density(self, point: tf.Tensor) -> tf.Tensor:
        """-||z||^2 of codes [n]; half of it is the log of their prior, up to a constant."""
        return -tf.reduce_sum(point**2, axis=1)

    def decode(self, codes: tf.Tensor) -> tf.Tensor:
        """The inputs [n, cells] of codes [n, codes]."""
        return self.mean + self.scale * self.network(codes, training=False)

    def _standardised(self, x: np.ndarray) -> np.ndarray:
        return ((x - self.mean) / self.scale).astype(np.float32)

    def _measure(self, train: np.ndarray) -> None:
        self.mean = train.mean(axis=0, dtype=np.float64).astype(np.float32)
        self.scale = np.float32(max(float((train - self.mean).std()), 1e-6))


class Decoder(CodeExpert):
    """The decoder of a variational autoencoder of two layers each way."""

    @classmethod
    def fit(cls, x: np.ndarray, seed: int, updates: int = 2_000) -> "Decoder":
        """Maximises the evidence lower bound, with unit variance of the standardised cells."""
        train, held_out = parts_of(x, seed, least=50)
        expert = cls()
        expert._measure(train)
        cells = train.shape[1]
        expert.encoder = _layers(seed, cells, 2 * CODES)
        expert.network = _layers(seed + 1, CODES, cells)
        variables = expert.encoder.trainable_variables + expert.network.trainable_variables
        optimizer = keras.optimizers.Adam(2e-3)
        optimizer.build(variables)

        def loss(x, noise):
            mean, log_variance = tf.split(expert.encoder(x), 2, axis=1)
            again = expert.network(mean + tf.exp(0.5 * log_variance) * noise)
            apart = 0.5 * tf.reduce_sum((x - again) ** 2, axis=1) / NOISE
            prior = 0.5 * tf.reduce_sum(tf.exp(log_variance) + mean**2 - 1 - log_variance, axis=1)
            return tf.reduce_mean(apart + prior)

        def update(x, noise):
            with tf.GradientTape() as tape:
                value = loss(x, noise)
            optimizer.apply(tape.gradient(value, variables), variables)

        _train(update, expert._standardised(train), seed, updates)
        codes = expert.encode(held_out)
        left = ((held_out - expert.decode(tf.constant(codes)).numpy()) ** 2).sum()
        explained = 1 - float(left / ((held_out - expert.mean) ** 2).sum())
        expert.learned = explained >= LEAST_EXPLAINED
        expert.verdict = f"the decoder gives back {explained:.0%} of the variance of held-out data"
        return expert

    def encode(self, x: np.ndarray) -> np.ndarray:
        """The mean codes [m, codes] of rows of data."""
        return self.encoder(self._standardised(x), training=False)[:, :CODES].numpy()

    def data_density(self, x: np.ndarray) -> np.ndarray:
        """The log-prior of the data's mean codes."""
        return self.log_density(tf.constant(self.encode(x))).numpy()


NOISE = 0.1
"""The variance of a standardised cell given its code."""


class Generator(CodeExpert):
    """The generator of a generative adversarial network of two layers each."""

    @classmethod
    def fit(cls, x: np.ndarray, seed: int, updates: int = 4_000) -> "Generator":
        """Generator and discriminator take turns; each is told which samples are the data's."""
        train, held_out = parts_of(x, seed, least=50)
        expert = cls()
        expert._measure(train)
        cells = train.shape[1]
        expert.network, critic = _layers(seed, CODES, cells), _layers(seed + 1, cells, 1)
        nets = (expert.network.trainable_variables, critic.trainable_variables)
        optimizers = [keras.optimizers.Adam(rate, beta_1=0.5) for rate in (1e-3, 5e-4)]
        for optimizer, variables in zip(optimizers, nets, strict=True):
            optimizer.build(variables)

        def update(x, noise):
            with tf.GradientTape(persistent=True) as tape:
                made = expert.network(noise)
                of_data, of_made = critic(x), critic(made)
                losses = (
                    tf.reduce_mean(tf.nn.softplus(-of_made)),
                    tf.reduce_mean(tf.nn.softplus(-of_data) + tf.nn.softplus(of_made)),
                )
            for optimizer, value, variables in zip(optimizers, losses, nets, strict=True):
                optimizer.apply(tape.gradient(value, variables), variables)

        _train(update, expert._standardised(train), seed, updates)
        made = expert.decode(tf.constant(np.random.default_rng(seed).standard_normal((1000, CODES), np.float32)))
        far = _distance_to(held_out, made.numpy()) / np.sqrt(((held_out - expert.mean) ** 2).sum(axis=1) + 1e-12)
        expert.learned = bool(np.isfinite(far).all() and far.mean() <= MOST_FAR)
        expert.verdict = f"held-out data lie {far.mean():.2f} as far from generated ones as from the mean"
        return expert

    def data_density(self, x: np.ndarray) -> np.ndarray:
        """The log-prior of as many random codes: a generator cannot tell the codes of data."""
        return -(np.random.default_rng(0).standard_normal((len(x), CODES)) ** 2).sum(axis=1)


def _layers(seed: int, inputs: int, outputs: int) -> keras.Sequential:
    starts = [keras.initializers.GlorotUniform(seed * 2 + number) for number in (0, 1)]
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((inputs,)),
            layers.Dense(HIDDEN, kernel_initializer=starts[0]),
            layers.LeakyReLU(negative_slope=0.1),
            layers.Dense(outputs, kernel_initializer=starts[1]),
        ]
    )


def _train(update, x: np.ndarray, seed: int, updates: int) -> None:
    """Calls ``update(rows, noise)`` that many times, compiled as a whole; the same for the same seed."""
    held, count = tf.constant(x), min(BATCH, len(x))

    @tf.function
    def run(seeds, begin, end):
        for number in tf.range(begin, end):
            own = tf.stack([seeds, number])
            places = tf.random.stateless_uniform([count], own, 0, len(x), tf.int32)
            update(tf.gather(held, places), tf.random.stateless_normal([count, CODES], own + [1, 0]))

    for begin, end in in_pieces(updates, "learning what is likely"):
        run(tf.constant(seed), tf.constant(begin), tf.constant(end))


def _distance_to(x: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far the nearest of ``others`` is from each row [m]."""
    squares = (x**2).sum(axis=1)[:, np.newaxis] - 2 * x @ others.T + (others**2).sum(axis=1)
    return np.sqrt(np.maximum(squares.min(axis=1), 0))
