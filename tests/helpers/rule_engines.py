"""The alpha-beta rule of the three implementations, behind one call that tests can make of each.

Each maps ``inputs``, ``relevance`` of one sample's neurons, ``parameters`` and ``padding`` to the relevance of each
input. An input is (kind, a, kernel), of kind "bounded" or "positive"; a layer has one input, or pixels and activations.
A kernel [inputs, neurons] is dense; one of [height, width, channels, filters] is a convolution. The matrix engine has
no strides: no architecture of the thesis has.
"""

import numpy as np
import tensorflow as tf

from tests.oracle import connections, rules
from thesis_rnn.attribution.matrix.affine import Activations, Affine, Matrix, Pixels
from thesis_rnn.attribution.matrix.convolution import ConvolutionMatrix
from thesis_rnn.attribution.matrix.rule import Rule
from thesis_rnn.attribution.rules import AlphaBeta, apply_rule
from thesis_rnn.core.linear_maps import SlidingKernel


def oracle(inputs, relevance, parameters, padding="same", strides=(1, 1)):
    by_kind = {kind: (a, kernel) for kind, a, kernel in inputs}
    connected = {kind: connect(a, kernel, padding, strides) for kind, (a, kernel) in by_kind.items()}
    R = np.ravel(relevance)
    if len(inputs) == 2:
        x, r = by_kind["bounded"][0], by_kind["positive"][0]
        low, high = [parameters.low] * x.size, [parameters.high] * x.size
        of_each = rules.mixed(
            x.ravel(), connected["bounded"], low, high, r.ravel(), connected["positive"], R, *parameters[:2]
        )
        order = {"bounded": of_each[0], "positive": of_each[1]}
        return [order[kind].reshape(a.shape) for kind, a, _ in inputs]
    [(kind, a, _)] = inputs
    if kind == "bounded":
        box = [parameters.low] * a.size, [parameters.high] * a.size
        return [rules.z_beta(a.ravel(), connected[kind], R, *box).reshape(a.shape)]
    if parameters.beta == 0:
        return [rules.z_plus(a.ravel(), connected[kind], R).reshape(a.shape)]
    return [rules.alpha_beta(a.ravel(), connected[kind], R, *parameters[:2]).reshape(a.shape)]


def connect(a, kernel, padding, strides):
    if kernel.ndim == 2:
        return connections.dense(kernel)
    return connections.convolution(kernel, *a.shape[:2], strides, padding)


def matrix(inputs, relevance, parameters, padding="same"):
    rule = Rule(*parameters)
    affine = Affine(rule, *(matrix_input(kind, a, kernel, rule, padding) for kind, a, kernel in inputs))
    return [received[0] for received in affine.relevance(np.asarray(relevance, np.float64)[None])]


def matrix_input(kind, a, kernel, rule, padding):
    weights = Matrix(kernel) if kernel.ndim == 2 else ConvolutionMatrix(kernel, padding)
    return Pixels(a[None], weights, rule.low, rule.high) if kind == "bounded" else Activations(a[None], weights)


def tape(inputs, relevance, parameters, padding="same", strides=(1, 1)):
    rule, relevance = AlphaBeta(*parameters), tf.constant(np.asarray(relevance, np.float64)[None])
    inputs = [(kind, tf.constant(a[None]), tf.constant(kernel)) for kind, a, kernel in inputs]
    window = None if inputs[0][2].shape.rank == 2 else SlidingKernel(strides, padding)
    if len(inputs) == 1:
        [(kind, a, kernel)] = inputs
        return [apply_rule(rule, a, kernel, 0.0, relevance, kind, window)[0].numpy()]
    parts = [rule.split(a, kernel, kind, window) for kind, a, kernel in inputs]
    present = [[part for part in of_input if part is not None] for of_input in zip(*parts, strict=True)]
    shares = rule.share(
        type(parts[0])(*(tf.add_n(of_input) if of_input else None for of_input in present)), 0.0, relevance
    )
    return [rule.collect(a, kernel, kind, shares, window)[0].numpy() for kind, a, kernel in inputs]
