"""Pre-activations z_k = sum_j w_jk a_j: what each kind of input adds to them, and what relevance it gets back."""

import math

import numpy as np


class Matrix:
    """W [inputs, neurons] and its parts W+ = max(0, W) and W- = min(0, W).

    ``product`` and ``transposed_product`` are all that a layer's geometry decides: a convolution overrides them.
    """

    def __init__(self, weights):
        self.all = weights
        self.positive = np.maximum(weights, 0)
        self.negative = np.minimum(weights, 0)

    def product(self, a, weights):
        """a W: [..., inputs] -> [..., neurons]."""
        # One large matrix product; NumPy would make one for each index of the leading axes.
        *batch, inputs = a.shape
        return (a.reshape(math.prod(batch), inputs) @ weights).reshape(*batch, weights.shape[1])

    def transposed_product(self, shares, weights):
        """s W^T: [..., neurons] -> [..., inputs]."""
        return self.product(shares, weights.T)


class Activations:
    """Inputs a_j >= 0 under the alpha-beta rule (thesis, equation 2.34; as recurrent inputs, 3.6)."""

    def __init__(self, a, matrix: Matrix):
        self.a = a
        self.matrix = matrix

    def sums(self):
        """z_k, the excitation sum_j a_j w+_jk and the inhibition sum_j a_j w-_jk."""
        excitation = self.matrix.product(self.a, self.matrix.positive)
        inhibition = self.matrix.product(self.a, self.matrix.negative)
        return excitation + inhibition, excitation, inhibition

    def relevance(self, excitatory, inhibitory):
        """R_j = a_j sum_k (w+_jk s+_k + w-_jk s-_k) for the shares s+ and s-."""
        received = self.matrix.transposed_product(excitatory, self.matrix.positive)
        if inhibitory is not None:
            received += self.matrix.transposed_product(inhibitory, self.matrix.negative)
        return self.a * received


class Pixels:
    """Inputs x_i in [low, high] under the z-beta rule (thesis, equations 2.73 and 3.5).

    The numerator x_i w_ik - low w+_ik - high w-_ik is never negative, so that pixels only excite. Equation 2.74 and
    table 2.1 print w+ and w- the wrong way round.
    """

    def __init__(self, x, matrix: Matrix, low: float, high: float):
        self.x = x
        self.matrix = matrix
        self.low = low
        self.high = high

    def sums(self):
        """z_k, the excitation sum_i (x_i w_ik - low w+_ik - high w-_ik), and no inhibition."""
        z = self.matrix.product(self.x, self.matrix.all)
        # Where a convolution pads the image with zeros, it pads the box as well.
        box = np.ones((1, *self.x.shape[1:]), self.x.dtype)
        at_low = self.matrix.product(self.low * box, self.matrix.positive)
        at_high = self.matrix.product(self.high * box, self.matrix.negative)
        return z, z - at_low - at_high, np.zeros_like(z)

    def relevance(self, excitatory, _inhibitory):
        """R_i = sum_k (x_i w_ik - low w+_ik - high w-_ik) s+_k."""
        return (
            self.x * self.matrix.transposed_product(excitatory, self.matrix.all)
            - self.low * self.matrix.transposed_product(excitatory, self.matrix.positive)
            - self.high * self.matrix.transposed_product(excitatory, self.matrix.negative)
        )


class Affine:
    """The pre-activation of a layer with one kind of input or several (thesis, equations 3.5 and 3.6).

    ``z`` is the sum over inputs, before the bias; excitation P_k and inhibition N_k are kept for the way back.
    """

    def __init__(self, rule, *inputs):
        self.rule = rule
        self.inputs = inputs
        self.z, self.excitation, self.inhibition = map(sum, zip(*(i.sums() for i in inputs), strict=True))

    def relevance(self, relevance) -> list:
        """The relevance of each input, from that of the neurons."""
        shares = self.rule.shares(relevance, self.excitation, self.inhibition)
        return [i.relevance(*shares) for i in self.inputs]


def layer_input(layer, rule, a, matrix: Matrix):
    """``a`` as the kind of input that the Keras ``layer`` declares by its domain."""
    return Pixels(a, matrix, rule.low, rule.high) if layer.domain == "bounded" else Activations(a, matrix)


def active(z, bias):
    """max(0, z - softplus(b)), the thesis' neuron (section 3.1)."""
    return np.maximum(0, z - softplus(bias))


def softplus(bias):
    return np.logaddexp(0, bias)
