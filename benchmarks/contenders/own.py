"""thesis_rnn: explanations through the public ``explain``, and a forward and backward pass of the same model."""

import keras
import numpy as np
import tensorflow as tf

from benchmarks.cases import EPSILON, GRADIENT, HIGH, LOW, dense_kernels
from benchmarks.contenders.keras_serving import serve_keras
from benchmarks.serving import Job
from thesis_rnn import build, explain

METHODS = {
    "epsilon": ("lrp_epsilon", {"epsilon": EPSILON}),
    "z_plus": ("deep_taylor", {"inputs": "positive"}),
    "alpha2_beta1": ("lrp", {"alpha": 2.0, "beta": 1.0, "inputs": "positive"}),
    "dtd": ("deep_taylor", {"low": LOW, "high": HIGH}),
    "guided_backprop": ("guided_backprop", {}),
    "sensitivity": ("sensitivity", {}),
}

THESIS_METHODS = METHODS | {
    "alpha2_beta1": ("lrp", {"alpha": 2.0, "beta": 1.0}),
    "dtd": ("deep_taylor", {}),
}
"""On the thesis' networks: pixels in [-1, 1]."""


def load(job: dict) -> Job:
    model, x, target = MODELS[job["case"]](job)
    if job["rule"] == GRADIENT:
        return forward_and_backward(model, x, target, job["xla"])
    method, parameters = (THESIS_METHODS if job["case"] == "architecture" else METHODS)[job["rule"]]

    def run() -> np.ndarray:
        return explain(model, x, target, method, batch_size=500, xla=job["xla"], **parameters).relevance

    return run


def forward_and_backward(model: keras.Model, x: np.ndarray, target: int, xla: bool) -> Job:
    """The gradient of the target's logits with respect to the input."""

    @tf.function(jit_compile=xla)
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            logit = model(x, training=False)[:, target]
        return tape.gradient(logit, x)

    x = tf.constant(x)
    return lambda: gradient(x).numpy()


def dense(job: dict):
    arrays = np.load(job["file"])
    kernels = dense_kernels(arrays)
    layers = [keras.layers.Dense(kernel.shape[1], "relu", use_bias=False) for kernel in kernels[:-1]]
    layers.append(keras.layers.Dense(kernels[-1].shape[1], use_bias=False))
    model = keras.Sequential([keras.Input(arrays["x"].shape[1:]), *layers])
    model.set_weights(kernels)
    return model, arrays["x"], int(arrays["target"])


def cell(job: dict):
    arrays = np.load(job["file"])
    kernels = [arrays[name] for name in ("input_kernel", "recurrent_kernel", "output_kernel")]
    hidden = keras.layers.SimpleRNN(kernels[1].shape[0], activation="relu", use_bias=False)
    logits = keras.layers.Dense(kernels[2].shape[1], use_bias=False)
    model = keras.Sequential([keras.Input(arrays["x"].shape[1:]), hidden, logits])
    model.set_weights(kernels)
    return model, arrays["x"], int(arrays["target"])


def stock(job: dict):
    arrays = np.load(job["file"])
    kind = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[job["kind"]]
    logits = keras.layers.Dense(arrays["output_bias"].size)
    model = keras.Sequential([keras.Input(arrays["x"].shape[1:]), kind(arrays["recurrent_kernel"].shape[0]), logits])
    model.set_weights([arrays[name] for name in ("kernel", "recurrent_kernel", "bias", "output_kernel", "output_bias")])
    return model, arrays["x"], int(arrays["target"])


def architecture(job: dict):
    model = build(job["name"])
    x = np.random.default_rng(0).uniform(-1, 1, (job["samples"], *model.input_shape[1:])).astype(np.float32)
    return model, x, 0


MODELS = {"dense": dense, "cell": cell, "stock": stock, "architecture": architecture}

if __name__ == "__main__":
    serve_keras(load)
