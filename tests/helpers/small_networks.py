"""The architectures with a handful of neurons, and weights that take every branch of the rules."""

import math

import numpy as np

from thesis_rnn.architectures import ARCHITECTURES, build

SIZES = {
    "visit": 3,
    "heads": 2,
    "feed_forward": 3,
    "blocks": 1,
    "hidden": 12,
    "recur": 9,
    "in1": 16,
    "in2": 14,
    "out1": 10,
    "conv1": 4,
    "conv2": 6,
    "conv3": 8,
    "cells": 12,
    "units": 12,
    "attention_units": 7,
    "attention_hops": 2,
}
SAMPLES = 8
THESIS = [name for name in ARCHITECTURES if ARCHITECTURES[name].source == "Chormai (2018)"]
"""The thesis' own architectures, all of whose layers are this package's on images."""


def small(name, steps, seed=0):
    """The architecture ``name`` on images of an odd number of columns, whose pooling windows stick out."""
    shape = {"rows": 21, "columns": 21 // steps} if name == "lenet" else {"rows": 6, "columns": 5}
    sizes = {layer: SIZES[layer] for layer in ARCHITECTURES[name].images.sizes}
    return build(name, steps, classes=4, seed=seed, sizes=sizes, **shape)


def lift(model):
    """Makes the kernel of the logits positive, since a small network may have no positive logit as it was built."""
    kernel = model.get_layer("logits").kernel
    kernel.assign(np.abs(kernel.numpy()))
    return model


def perturb(model, seed=1):
    """Gives each layer neurons that are only excited, neurons that never fire, and weights of zero."""
    rng = np.random.default_rng(seed)
    for variable in model.trainable_variables:
        variable.assign(perturbed(rng, variable.shape))
    return model


def perturbed(rng, shape):
    if len(shape) == 1:
        return rng.normal(-3, 1, shape)  # softplus(-3) = 0.05
    weights = rng.normal(0, 2 / math.sqrt(math.prod(shape[:-1])), shape) * (rng.random(shape) < 0.9)
    weights[..., 0::4] = np.abs(weights[..., 0::4])  # no inhibition, and most likely active
    weights[..., 2::4] = -np.abs(weights[..., 2::4])  # no excitation above the pixels: activation zero
    return weights


def samples(model, seed=2):
    """Random pixels, and for each the class with the largest logit, so that there is relevance to share."""
    x = np.random.default_rng(seed).uniform(-1, 1, (SAMPLES, *model.inputs[0].shape[1:]))
    x = x.astype(model.inputs[0].dtype)
    return x, np.asarray(model(x)).argmax(axis=1).astype(np.int32)


def weights_by_path(model):
    return {variable.path: np.asarray(variable, np.float64) for variable in model.trainable_variables}
