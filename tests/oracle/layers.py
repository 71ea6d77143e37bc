"""Layers for one sample, whose sequences are lists of vectors: each returns its output and its way back.

``weights`` maps the path of a variable ("in1/kernel") to its array. A way back maps the relevance of the output to that
of the input, step by step.
"""

from math import exp, log1p
from typing import NamedTuple

import numpy as np

from tests.oracle import connections as connect
from tests.oracle import rules


class Parameters(NamedTuple):
    """Of the rules: alpha - beta = 1, and the box [low, high] of the pixels."""

    alpha: float
    beta: float
    low: float
    high: float


def pre_activation(terms, bias):
    """z_k = sum of a_j w_jk over the inputs of every term (a, connections), minus softplus(b_k)."""
    z = np.zeros(len(bias))
    for k in range(len(bias)):
        for a, connections in terms:
            for j, w in connections[k]:
                z[k] += a[j] * w
        z[k] -= log1p(exp(bias[k]))
    return z


def rectified(z):
    return np.array([max(0.0, z_k) for z_k in z])


def neurons(a, connections, bias, parameters, pixels=False, linear=False):
    """A layer with one kind of input: its activations, and the way back of their relevance."""
    z = pre_activation([(a, connections)], bias)

    def back(relevance):
        if pixels:
            low, high = [parameters.low] * len(a), [parameters.high] * len(a)
            return rules.z_beta(a, connections, relevance, low, high)
        return rules.alpha_beta(a, connections, relevance, parameters.alpha, parameters.beta)

    return (z if linear else rectified(z)), back


def neurons_of_two(x, pixel_connections, r, recurrent_connections, bias, parameters):
    """A layer that sees pixels and activations; its way back returns the relevance of both."""
    z = pre_activation([(x, pixel_connections), (r, recurrent_connections)], bias)

    def back(relevance):
        box = [parameters.low] * len(x), [parameters.high] * len(x)
        return rules.mixed(
            x, pixel_connections, *box, r, recurrent_connections, relevance, parameters.alpha, parameters.beta
        )

    return rectified(z), back


def recurrent_neurons(x, r, kernels, geometry, bias, parameters, pixels):
    """A layer on [x, r] with the kernels of both; ``geometry`` turns a kernel into connections."""
    if pixels:
        return neurons_of_two(x, geometry(kernels[0]), r, geometry(kernels[1]), bias, parameters)
    shifted = [[(len(x) + j, w) for j, w in inputs] for inputs in geometry(kernels[1])]
    joined = [of_x + of_r for of_x, of_r in zip(geometry(kernels[0]), shifted, strict=True)]
    a, back = neurons(np.concatenate([x, r]), joined, bias, parameters)
    return a, lambda relevance: np.split(back(relevance), [len(x)])


def each_step(steps, layer):
    """A layer without memory, at every step."""
    outputs, ways_back = zip(*[layer(a) for a in steps], strict=True)
    return list(outputs), lambda relevance: [back(R) for back, R in zip(ways_back, relevance, strict=True)]


def dense(steps, weights, name, parameters, pixels=False, linear=False):
    connections, bias = connect.dense(weights[f"{name}/kernel"]), weights[f"{name}/bias"]
    return each_step(steps, lambda a: neurons(a, connections, bias, parameters, pixels, linear))


def convolution(steps, weights, name, shape, parameters, padding="same", pixels=False):
    kernel, bias = weights[f"{name}/kernel"], weights[f"{name}/bias"]
    connections = connect.convolution(kernel, *shape, padding=padding)
    biases = np.tile(bias, len(connections) // len(bias))
    return each_step(steps, lambda a: neurons(a, connections, biases, parameters, pixels))


def pooling(steps, shape, channels):
    connections = connect.pooling(*shape, channels)

    def pool(a):
        sums = np.zeros(len(connections))
        for k, cells in enumerate(connections):
            for j, _ in cells:
                sums[k] += a[j]
        return sums, lambda relevance: rules.sum_pooling(a, connections, relevance)

    return each_step(steps, pool)


def literal_convolution(steps, weights, name, shape, parameters, pixels=False):
    """a_t = max(0, W * [x_t, a_{t-1}] - softplus(b)), a_0 = 0."""
    kernel, bias = weights[f"{name}/kernel"], weights[f"{name}/bias"]
    channels = kernel.shape[2] - len(bias)
    kernels = kernel[:, :, :channels], kernel[:, :, channels:]
    cells = shape[0] * shape[1]
    outputs, ways_back = [np.zeros(cells * len(bias))], []
    for x in steps:
        a, back = recurrent_neurons(
            x,
            outputs[-1],
            kernels,
            lambda kernel: connect.convolution(kernel, *shape),
            np.tile(bias, cells),
            parameters,
            pixels,
        )
        outputs.append(a)
        ways_back.append(back)

    def back_through_time(relevance):
        received, of_output = [], np.zeros(cells * len(bias))
        for back, R in zip(reversed(ways_back), reversed(relevance), strict=True):
            of_x, of_output = back(R + of_output)
            received.insert(0, of_x)
        return received

    return outputs[1:], back_through_time
