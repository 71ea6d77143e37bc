"""Contextual decomposition of one sample by loops over steps, gates and units, as Murdoch et al. (2018) write it.

Every signal is a (relevant, irrelevant) pair, beside which biases stand; a cell keeps no bias of its own.
"""

import math


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def three(a, b, c, f):
    """The parts of f(a + b + c), the bias c first."""
    to_a = (f(a + c) - f(c) + f(a + b + c) - f(b + c)) / 2
    to_b = (f(b + c) - f(c) + f(a + b + c) - f(a + c)) / 2
    return to_a, to_b, f(c)


def two(a, b, f):
    return ((f(a) + f(a + b) - f(b)) / 2, (f(b) + f(a + b) - f(a)) / 2)


def _added(x_t, kernel, h, recurrent, k, inside):
    """What x and h add to unit k: (relevant, irrelevant)."""
    of_x = sum(float(a) * float(row[k]) for a, row in zip(x_t, kernel, strict=True))
    of_h = [sum(part[j] * float(recurrent[j][k]) for j in range(len(part))) for part in h]
    return (of_h[0] + of_x, of_h[1]) if inside else (of_h[0], of_h[1] + of_x)


def written(i, g, together):
    """i g of two (relevant, irrelevant, bias): what is kept of it for the phrase, and for the rest."""
    relevant = i[0] * (g[0] + g[2]) + i[2] * g[0] + (i[2] * g[2] if together else 0)
    return relevant, sum(i) * sum(g) - relevant


def lstm(x, weights, start, stop, published=False):
    """(relevant, irrelevant) of h_T, lists of units."""
    kernel, recurrent, bias = weights
    units = len(recurrent)
    h, c = ([[0.0] * units for _ in range(2)] for _ in range(2))
    for t, x_t in enumerate(x):
        inside = start <= t < stop
        together = start <= t < stop - 1 if published else inside
        new_h, new_c = ([[0.0] * units for _ in range(2)] for _ in range(2))
        for k in range(units):
            parts = {}
            for gate, name in enumerate("ifgo"):
                column = gate * units + k
                a, b = _added(x_t, kernel, h, recurrent, column, inside)
                parts[name] = three(a, b, float(bias[column]), math.tanh if name == "g" else sigmoid)
            i, f, g, o = (parts[name] for name in "ifgo")
            new = written(i, g, together)
            new_c[0][k] = new[0] + (f[0] + f[2]) * c[0][k]
            new_c[1][k] = new[1] + sum(f) * c[1][k] + f[1] * c[0][k]
            shown = two(new_c[0][k], new_c[1][k], math.tanh)
            new_h[0][k], new_h[1][k] = sum(o) * shown[0], sum(o) * shown[1]
        h, c = new_h, new_c
    return h


def gru(x, weights, start, stop):
    """The same of a GRU with reset_after: z h as a forget gate, (1 - z) n as an input gate, r h as an output gate."""
    kernel, recurrent, (bias, recurrent_bias) = weights
    units = len(recurrent)
    h = [[0.0] * units for _ in range(2)]
    nothing = [[0.0] * units for _ in range(2)]
    for t, x_t in enumerate(x):
        inside = start <= t < stop
        new_h = [[0.0] * units for _ in range(2)]
        for k in range(units):
            gates = []
            for column in (k, units + k):
                a, b = _added(x_t, kernel, h, recurrent, column, inside)
                gates.append(three(a, b, float(bias[column] + recurrent_bias[column]), sigmoid))
            z, r = gates[0], sum(gates[1])
            column = 2 * units + k
            of_x = _added(x_t, kernel, nothing, recurrent, column, inside)
            of_h = _added([0.0] * len(x_t), kernel, h, recurrent, column, inside)
            constant = float(bias[column]) + r * float(recurrent_bias[column])
            n = three(of_x[0] + r * of_h[0], of_x[1] + r * of_h[1], constant, math.tanh)
            new = written((-z[0], -z[1], 1 - z[2]), n, inside)
            new_h[0][k] = new[0] + (z[0] + z[2]) * h[0][k]
            new_h[1][k] = new[1] + sum(z) * h[1][k] + z[1] * h[0][k]
        h = new_h
    return h
