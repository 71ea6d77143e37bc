"""Training in Keras: the package's ``fit``, a hand-written loop of the same model, and a stock LSTM of that size."""

import math
import time
from unittest import mock

import keras
import numpy as np
import tensorflow as tf

from benchmarks.contenders.keras_serving import serve_keras
from benchmarks.serving import Job
from thesis_rnn import build, data
from thesis_rnn.data import problem_of
from thesis_rnn.layers import LiteralConvolution
from thesis_rnn.training.batches import Batches
from thesis_rnn.training.fitting import LONGEST_EXECUTION

BATCH = 50
DATA = "digits_maj"  # embedded: the pixels do not matter for the time


def load(job: dict) -> Job:
    return KINDS[job["kind"]](job)


def fit(job: dict) -> Job:
    """As training does it: batches assembled meanwhile, metrics, several updates in one call."""
    model = build(job["arch"])
    model.steps_per_execution = min(LONGEST_EXECUTION, job["updates"])
    return _fitting(model, job["updates"])


def stock(job: dict) -> Job:
    """An LSTM with about as many weights as the architecture, with Keras' defaults."""
    rows, columns, classes = 28, 7, 10
    features, weights = rows * columns, build(job["arch"]).count_params()
    linear = 4 * (features + 1) + classes  # weights = 4 units^2 + linear units + classes
    units = round((math.sqrt(linear**2 + 16 * (weights - classes)) - linear) / 8)
    inputs = keras.Input((12, rows, columns))
    hidden = keras.layers.LSTM(units)(keras.layers.Reshape((12, features))(inputs))
    model = keras.Model(inputs, keras.layers.Dense(classes)(hidden))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return _fitting(model, job["updates"])


def _fitting(model: keras.Model, updates: int) -> Job:
    batches = Batches(problem_of(DATA).source.pool(), BATCH, BATCH * updates)
    last = LastEpoch()
    settings = {"epochs": 2, "steps_per_epoch": updates, "shuffle": False, "verbose": 0, "callbacks": [last]}

    def run() -> float:
        model.fit(batches.dataset(0, 2), **settings)
        return last.seconds

    return run


class LastEpoch(keras.callbacks.Callback):
    """The seconds of the last epoch: what ``fit`` does before the first one is done once in a training."""

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds = time.perf_counter() - self.start


def loop(job: dict) -> Job:
    """The least that an update needs: batches gathered in memory, the same dropout, no metrics; by XLA on demand."""
    sequences = data.load(DATA, "train")
    return _looping(build(job["arch"]), sequences.x, sequences.y, job["updates"], job["kind"] == "loop_xla")


def naive(job: dict) -> Job:
    """The same loop; literal connections are written as they are drawn: one convolution at each step."""
    with mock.patch.object(LiteralConvolution, "call", _convolve_step_by_step):
        run = loop(job)
        run()  # traces it
    return run


def _convolve_step_by_step(layer: LiteralConvolution, inputs):
    images = tf.unstack(inputs, axis=1)
    outputs = [tf.zeros((*tf.unstack(tf.shape(images[0]))[:-1], layer.filters))]
    for image in images:
        z = tf.nn.conv2d(tf.concat([image, outputs[-1]], axis=-1), layer.kernel, 1, "SAME")
        outputs.append(tf.nn.relu(z - tf.nn.softplus(layer.bias)))
    return tf.stack(outputs[1:], axis=1)


def series(job: dict) -> Job:
    """The loop of a model of series, on random numbers."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCH, job["steps"], job["features"])).astype(np.float32)
    model = build(job["model"], job["steps"], features=job["features"], classes=2)
    return _looping(model, x, rng.integers(2, size=BATCH), job["updates"])


def _looping(model: keras.Model, x: np.ndarray, y: np.ndarray, updates: int, xla: bool = False) -> Job:
    x, y = tf.constant(x), tf.constant(y)
    order = np.random.default_rng(0).integers(len(y), size=(updates, BATCH))

    @tf.function(jit_compile=xla)
    def update(indices):
        with tf.GradientTape() as tape:
            loss = model.loss(tf.gather(y, indices), model(tf.gather(x, indices), training=True))
        variables = model.trainable_variables
        model.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    batches = [tf.constant(indices) for indices in order]

    def run() -> None:
        for indices in batches:
            update(indices)

    return run


def export(job: dict) -> Job:
    """Writes the weights and sequences for a contender in another environment."""
    model, sequences = build(job["arch"]), data.load(DATA, "train")
    weights = {variable.path: variable.numpy() for variable in model.trainable_variables}
    return lambda: np.savez(job["file"], x=sequences.x, y=sequences.y, **weights)


def logits(job: dict) -> Job:
    """Of the first batch, without dropout: what shows that two contenders train the same model."""
    model, x = build(job["arch"]), data.load(DATA, "train").x[:BATCH]
    return lambda: np.asarray(model(x, training=False))


KINDS = {
    "fit": fit,
    "loop": loop,
    "loop_xla": loop,
    "naive": naive,
    "stock": stock,
    "series": series,
    "export": export,
    "logits": logits,
}

if __name__ == "__main__":
    serve_keras(load)
