"""The thesis' networks for one sample, as chains of the oracle's layers."""

import numpy as np

from tests.oracle import cells, layers

DENSE_INPUTS = {
    "shallow": [],
    "deep": ["in1"],
    "deep_sd": ["in1"],
    "deep_v2": ["in1", "in2"],
    "rlstm": ["in1"],
    "rlstm_sd": ["in1"],
}


def explain(name, weights, x, target, parameters):
    """The relevance of ``x`` [steps, rows, columns] that shares out max(0, logit), and the logits.

    Args:
      name: the architecture's name.
      weights: arrays by the path of their variable.
      x: one sequence.
      target: the class to explain.
      parameters: a ``layers.Parameters``.
    """
    [logits], back = network(name, weights, x, parameters)
    relevance = np.zeros(len(logits))
    relevance[target] = max(0.0, logits[target])
    return back(relevance), logits


def network(name, weights, x, parameters):
    """The logits, and the way back from them to ``x``."""
    if name == "lenet":
        image = np.concatenate(list(x), axis=1)  # the steps side by side
        steps, ways_back = lenet_features([image.ravel()], weights, image.shape, parameters)
    else:
        steps = [block.ravel() for block in x]
        steps, ways_back = features(name, steps, weights, x.shape[1:], parameters)
        steps, ways_back = append(ways_back, recurrence(name, steps, weights, parameters))
    if "out1/kernel" in weights:
        steps, ways_back = append(ways_back, layers.dense(steps, weights, "out1", parameters))
    logits, ways_back = append(ways_back, layers.dense(steps, weights, "logits", parameters, linear=True))

    def back(relevance):
        relevance = [relevance]
        for way in reversed(ways_back):
            relevance = way(relevance)
        if name == "lenet":
            return np.stack(np.split(relevance[0].reshape(image.shape), len(x), axis=1))
        return np.stack([of_step.reshape(x.shape[1:]) for of_step in relevance])

    return logits, back


def append(ways_back, layer):
    output, back = layer
    return output, [*ways_back, back]


def recurrence(name, steps, weights, parameters):
    if "cell/gate_kernel" in weights:
        return cells.rlstm(steps, weights, parameters)
    return cells.dense_recurrence(steps, weights, parameters, pixels=name == "shallow")


def features(name, steps, weights, shape, parameters):
    """What the recurrence sees of every step."""
    if name not in DENSE_INPUTS:
        return convolved(steps, weights, shape, parameters, literal="plus" in name)
    ways_back = []
    for position, layer in enumerate(DENSE_INPUTS[name]):
        dense = layers.dense(steps, weights, layer, parameters, pixels=position == 0)
        steps, ways_back = append(ways_back, dense)
    return steps, ways_back


def convolved(steps, weights, shape, parameters, literal):
    """Two convolutions with sum pooling, and a dense layer."""
    convolution = layers.literal_convolution if literal else layers.convolution
    ways_back = []
    for name in ("conv1", "conv2"):
        a = convolution(steps, weights, name, shape, parameters, pixels=name == "conv1")
        steps, ways_back = append(ways_back, a)
        steps, ways_back = append(ways_back, layers.pooling(steps, shape, len(weights[f"{name}/bias"])))
        shape = halved(shape)
    return append(ways_back, layers.dense(steps, weights, "in1", parameters))


def lenet_features(steps, weights, shape, parameters):
    """Three convolutions with sum pooling over the whole image."""
    ways_back = []
    for name, padding in (("conv1", "same"), ("conv2", "valid"), ("conv3", "valid")):
        kernel = weights[f"{name}/kernel"]
        a = layers.convolution(steps, weights, name, shape, parameters, padding, pixels=name == "conv1")
        steps, ways_back = append(ways_back, a)
        if padding == "valid":
            shape = shape[0] - len(kernel) + 1, shape[1] - len(kernel) + 1
        steps, ways_back = append(ways_back, layers.pooling(steps, shape, kernel.shape[-1]))
        shape = halved(shape)
    return steps, ways_back


def halved(shape):
    return (shape[0] + 1) // 2, (shape[1] + 1) // 2
