"""iNNvestigate: its analyzers on a Keras 2 model."""

from importlib.metadata import version

import innvestigate
import numpy as np
import tensorflow as tf
from tensorflow import keras

from benchmarks.cases import EPSILON, GRADIENT, HIGH, LOW, dense_kernels
from benchmarks.serving import Job, NotOffered, serve, threads

ANALYZERS = {
    "epsilon": ("lrp.epsilon", {"epsilon": EPSILON, "bias": False}),
    "z_plus": ("lrp.z_plus", {}),
    "alpha2_beta1": ("lrp.alpha_2_beta_1", {}),
    "dtd": ("deep_taylor.bounded", {"low": LOW, "high": HIGH}),
    "guided_backprop": ("guided_backprop", {}),
    "sensitivity": ("gradient", {}),
    GRADIENT: ("gradient", {}),
}


def load(job: dict) -> Job:
    if job["case"] not in ("dense", "cell"):
        raise NotOffered(f"no LRP of {job.get('kind', job['case'])} layers")
    arrays = np.load(job["file"])
    model = dense(arrays) if job["case"] == "dense" else cell(arrays, shared=job["layout"] == "shared")
    name, parameters = ANALYZERS[job["rule"]]
    analyzer = innvestigate.create_analyzer(name, model, neuron_selection_mode="index", **parameters)
    x, target = arrays["x"], int(arrays["target"])
    if job["rule"] == "guided_backprop":  # starts at the logit, where the others start at 1
        logits = model.predict(x)[:, target].reshape(-1, *[1] * (x.ndim - 1))
        return lambda: (analyzer.analyze(x, target) / logits) ** 2
    if job["rule"] == "sensitivity":
        return lambda: analyzer.analyze(x, target) ** 2
    return lambda: analyzer.analyze(x, target)


def dense(arrays) -> keras.Model:
    kernels = dense_kernels(arrays)
    a = inputs = keras.Input(arrays["x"].shape[1:])
    for kernel in kernels[:-1]:
        a = product(kernel, "relu")(a)
    return keras.Model(inputs, product(kernels[-1])(a))


def cell(arrays, shared: bool) -> keras.Model:
    """The cell unrolled, with a layer for each step, or with one layer that is called at every step."""
    steps, features = arrays["x"].shape[1:]
    inputs = keras.Input((steps, features))
    x = [keras.layers.Flatten()(keras.layers.Cropping1D((t, steps - 1 - t))(inputs)) for t in range(steps)]
    joint = np.concatenate([arrays["input_kernel"], arrays["recurrent_kernel"]])
    products = [product(joint, "relu")] * (steps - 1) if shared else [product(joint, "relu") for _ in range(steps - 1)]
    h = product(arrays["input_kernel"], "relu")(x[0])
    for x_t, layer in zip(x[1:], products, strict=True):
        h = layer(keras.layers.Concatenate()([x_t, h]))
    return keras.Model(inputs, product(arrays["output_kernel"])(h))


def product(kernel: np.ndarray, activation: str = "linear") -> keras.layers.Dense:
    start = keras.initializers.Constant(kernel)
    return keras.layers.Dense(kernel.shape[1], activation, use_bias=False, kernel_initializer=start)


if __name__ == "__main__":
    tf.compat.v1.disable_eager_execution()  # it works in graphs only
    tf.config.threading.set_intra_op_parallelism_threads(threads())
    tf.config.threading.set_inter_op_parallelism_threads(threads())
    serve(load, {"iNNvestigate": version("innvestigate"), "TensorFlow": tf.__version__})
