"""The networks that every library explains: weights and inputs, written once and read by every contender.

Inputs are not negative and biases are zero, so that all libraries mean the same by the name of a rule. The class to
explain has a positive logit in every sample, so that it does not matter whether relevance starts at the logit or at
its ReLU.
"""

from itertools import pairwise

import numpy as np

from thesis_rnn.errors import InputError

EPSILON = 1e-3
LOW, HIGH = 0.0, 1.0
"""The box of the inputs, for the z-beta rule."""

RULES = {
    "epsilon": "LRP-epsilon",
    "z_plus": "LRP z+",
    "alpha2_beta1": "LRP-alpha2-beta1",
    "dtd": "DTD (z-beta on the input, z+ above)",
    "guided_backprop": "guided backprop",
    "sensitivity": "sensitivity analysis",
}
"""Rules and methods by the name that jobs give them, and as tables print them."""

GRADIENT = "gradient"
"""The unit of cost: a forward pass, and a backward pass to the input."""


def dense(samples: int, sizes=(196, 256, 256, 10), seed: int = 0) -> dict[str, np.ndarray]:
    """A feed-forward ReLU network; kernels [inputs, outputs]."""
    rng = np.random.default_rng(seed)
    kernels = [_kernel(rng, *shape) for shape in pairwise(sizes)]
    x = rng.random((samples, sizes[0]), np.float32)
    a = x
    for kernel in kernels[:-1]:
        a = np.maximum(a @ kernel, 0)
    return {f"kernel_{k}": kernel for k, kernel in enumerate(kernels)} | {"x": x, "target": _target(a @ kernels[-1])}


def dense_kernels(arrays) -> list[np.ndarray]:
    """The kernels of ``dense``, from the first layer to the logits."""
    return [arrays[f"kernel_{k}"] for k in range(sum(name.startswith("kernel_") for name in arrays))]


def cell(samples: int, steps=12, features=196, units=256, classes=10, seed: int = 0) -> dict[str, np.ndarray]:
    """h_t = max(0, W x_t + U h_{t-1}), h_0 = 0, with the same W and U at every step, and logits V h_T."""
    rng = np.random.default_rng(seed)
    joint = _kernel(rng, features + units, units)
    W, U, V = joint[:features], joint[features:], _kernel(rng, units, classes)
    x = rng.random((samples, steps, features), np.float32)
    h = np.zeros((samples, units), np.float32)
    for step in range(steps):
        h = np.maximum(x[:, step] @ W + h @ U, 0)
    return {"x": x, "input_kernel": W, "recurrent_kernel": U, "output_kernel": V, "target": _target(h @ V)}


def stock(samples: int, kind: str, steps: int, features=32, units=128, classes=10, seed: int = 0) -> dict:
    """Weights of a stock Keras LSTM or GRU with a dense layer, in Keras' order, and signed inputs."""
    gates = {"lstm": 4, "gru": 3}[kind]
    rng = np.random.default_rng(seed)
    bias = rng.normal(0, 0.1, (2, gates * units) if kind == "gru" else gates * units)
    weights = [_kernel(rng, features, gates * units), _kernel(rng, units, gates * units), bias.astype(np.float32)]
    return {
        "kernel": weights[0],
        "recurrent_kernel": weights[1],
        "bias": weights[2],
        "output_kernel": _kernel(rng, units, classes),
        "output_bias": np.zeros(classes, np.float32),
        "x": rng.normal(size=(samples, steps, features)).astype(np.float32),
        "target": np.array(0),
    }


def _kernel(rng, inputs: int, outputs: int) -> np.ndarray:
    return (rng.normal(size=(inputs, outputs)) / np.sqrt(inputs)).astype(np.float32)


def _target(logits: np.ndarray) -> np.ndarray:
    """The class whose smallest logit over the samples is the largest."""
    smallest = logits.min(axis=0)
    if smallest.max() <= 0:
        raise InputError(f"no class is positive in all samples, take another seed; received {smallest.max():g}")
    return np.array(smallest.argmax())
