"""DeepLIFT's rescale rule by a tape of scalars: every number is a pair, of the sample and of its reference.

What a pair was made of is written down with a multiplier for each; nothing is vectorised, and no step knows of layers.
Recurrent cells are loops over steps, gates and units.
"""

import math


class Pair:
    """A number of the sample, the same number of the reference, and what they were made of."""

    def __init__(self, x, reference, made_of=()):
        self.x, self.reference, self.made_of = x, reference, made_of
        self.multiplier = 0.0

    @property
    def gap(self):
        return self.x - self.reference

    def __add__(self, other):
        if isinstance(other, Pair):
            return Pair(self.x + other.x, self.reference + other.reference, [(self, 1.0), (other, 1.0)])
        return Pair(self.x + other, self.reference + other, [(self, 1.0)])

    def __mul__(self, other):
        if isinstance(other, Pair):
            halves = [(self, (other.x + other.reference) / 2), (other, (self.x + self.reference) / 2)]
            return Pair(self.x * other.x, self.reference * other.reference, halves)
        return Pair(self.x * other, self.reference * other, [(self, other)])

    def through(self, f):
        """f of the number, with the finite difference for a multiplier."""
        y, reference = f(self.x), f(self.reference)
        slope = (f(self.x + 1e-6) - f(self.x - 1e-6)) / 2e-6 if abs(self.gap) < 1e-9 else (y - reference) / self.gap
        return Pair(y, reference, [(self, slope)])


def relevance(output, inputs):
    """Multiplier x gap of the ``inputs``, a list of lists, with respect to the ``output``."""
    order, seen = [], set()

    def visit(pair):
        if id(pair) not in seen:
            seen.add(id(pair))
            for below, _ in pair.made_of:
                visit(below)
            order.append(pair)

    visit(output)
    output.multiplier = 1.0
    for pair in reversed(order):
        for below, slope in pair.made_of:
            below.multiplier += pair.multiplier * slope
    return [[pair.multiplier * pair.gap for pair in step] for step in inputs]


def pairs(x, reference):
    return [[Pair(float(a), float(b)) for a, b in zip(*steps, strict=True)] for steps in zip(x, reference, strict=True)]


def affine(terms, k):
    """b_k + sum of a_j w_jk over several (inputs, kernel), the last of which is (None, bias)."""
    *weighed, (_, bias) = terms
    total = Pair(float(bias[k]), float(bias[k]))
    for inputs, kernel in weighed:
        for a, row in zip(inputs, kernel, strict=True):
            total = total + a * float(row[k])
    return total


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def simple_rnn(x, weights):
    kernel, recurrent, bias = weights
    h = [Pair(0.0, 0.0) for _ in recurrent]
    for x_t in x:
        h = [affine([(x_t, kernel), (h, recurrent), (None, bias)], k).through(math.tanh) for k in range(len(h))]
    return h


def lstm(x, weights):
    kernel, recurrent, bias = weights
    units = len(recurrent)
    h, c = ([Pair(0.0, 0.0) for _ in range(units)] for _ in range(2))
    for x_t in x:
        z = [affine([(x_t, kernel), (h, recurrent), (None, bias)], k) for k in range(4 * units)]
        i, f, o = ([z[gate * units + k].through(sigmoid) for k in range(units)] for gate in (0, 1, 3))
        g = [z[2 * units + k].through(math.tanh) for k in range(units)]
        c = [f[k] * c[k] + i[k] * g[k] for k in range(units)]
        h = [o[k] * c[k].through(math.tanh) for k in range(units)]
    return h


def gru(x, weights):
    """With reset_after, as Keras does by default."""
    kernel, recurrent, (bias, recurrent_bias) = weights
    units = len(recurrent)
    h = [Pair(0.0, 0.0) for _ in range(units)]
    for x_t in x:
        of_x = [affine([(x_t, kernel), (None, bias)], k) for k in range(3 * units)]
        of_h = [affine([(h, recurrent), (None, recurrent_bias)], k) for k in range(3 * units)]
        z, r = ([(of_x[n * units + k] + of_h[n * units + k]).through(sigmoid) for k in range(units)] for n in (0, 1))
        n = [(of_x[2 * units + k] + r[k] * of_h[2 * units + k]).through(math.tanh) for k in range(units)]
        h = [z[k] * h[k] + z[k].through(lambda g: 1 - g) * n[k] for k in range(units)]
    return h
