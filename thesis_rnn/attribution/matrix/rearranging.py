"""Layers that move numbers or pass them on: relevance goes back the way they came."""

import numpy as np


class Unchanged:
    """The input layer, and dropout outside training."""

    def __init__(self, _layer, _rule, _dtype):
        pass

    def forward(self, a):
        return a

    def backward(self, relevance):
        return relevance


class Reshape:
    """Keras' Reshape and Flatten."""

    def __init__(self, layer, _rule, _dtype):
        self.target = getattr(layer, "target_shape", (-1,))

    def forward(self, a):
        self.shape = a.shape
        return a.reshape(len(a), *self.target)

    def backward(self, relevance):
        return relevance.reshape(self.shape)


class Permute:
    """Keras' Permute, whose axes count from 1 because they leave out the batch."""

    def __init__(self, layer, _rule, _dtype):
        self.axes = (0, *layer.dims)

    def forward(self, a):
        return a.transpose(self.axes)

    def backward(self, relevance):
        return relevance.transpose(np.argsort(self.axes))
