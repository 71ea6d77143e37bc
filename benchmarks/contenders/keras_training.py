"""Training in Keras: the package's ``fit``, a hand-written loop of the same model, and a stock LSTM of that size."""

import math

import keras
import numpy as np
import tensorflow as tf

from benchmarks.contenders.keras_serving import serve_keras
from benchmarks.serving import Job
from thesis_rnn import build, data
from thesis_rnn.data import load_images
from thesis_rnn.training.batches import Batches
from thesis_rnn.training.fitting import LONGEST_EXECUTION

BATCH = 50
DATA = "digits_maj"  # embedded: the pixels do not matter for the time


def load(job: dict) -> Job:
    return {"fit": fit, "loop": loop, "loop_xla": loop, "stock": stock, "export": export, "logits": logits}[
        job["kind"]
    ](job)


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
    batches = Batches(load_images(DATA, "train"), True, 12, BATCH, epoch_size=BATCH * updates)
    return lambda: model.fit(batches.dataset(0, 1), steps_per_epoch=updates, shuffle=False, verbose=0) and None


def loop(job: dict) -> Job:
    """The least that an update needs: batches gathered in memory, the same dropout, no metrics; by XLA on demand."""
    model = build(job["arch"])
    sequences = data.load(DATA, "train")
    x, y = tf.constant(sequences.x), tf.constant(sequences.y)
    order = np.random.default_rng(0).integers(len(y), size=(job["updates"], BATCH))

    @tf.function(jit_compile=job["kind"] == "loop_xla")
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


if __name__ == "__main__":
    serve_keras(load)
