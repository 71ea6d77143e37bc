"""The two recurrences of the thesis for one sample: a list of vectors in, a list with the last hidden vector out."""

from math import exp

import numpy as np

from tests.oracle import connections as connect
from tests.oracle import rules
from tests.oracle.layers import neurons, recurrent_neurons


def dense_recurrence(steps, weights, parameters, pixels=False):
    """hidden_t = max(0, W [x_t, r_t] - softplus(b)), r_{t+1} = max(0, V hidden_t - softplus(c)), r_1 = 0."""
    kernel, features = weights["cell/kernel"], len(steps[0])
    kernels = kernel[:features], kernel[features:]
    recurrent_connections = connect.dense(weights["cell/recurrent_kernel"])
    r, ways_back = np.zeros(len(kernels[1])), []
    for t, x in enumerate(steps):
        hidden, back = recurrent_neurons(x, r, kernels, connect.dense, weights["cell/bias"], parameters, pixels)
        ways_back.append(back)
        if t + 1 < len(steps):
            r, back = neurons(hidden, recurrent_connections, weights["cell/recurrent_bias"], parameters)
            ways_back.append(back)

    def back_through_time(relevance):
        [relevance] = relevance
        received = []
        for t in range(len(steps) - 1, -1, -1):
            of_x, of_recurrent = ways_back[2 * t](relevance)
            received.insert(0, of_x)
            if t > 0:
                relevance = ways_back[2 * t - 1](of_recurrent)
        return received

    return [hidden], back_through_time


def rlstm(steps, weights, parameters):
    """C_t = f_t * C_{t-1} + i_t * c_t, h_t = o_t * C_t; products with a gate give all relevance to their signal."""
    kernel, features = weights["cell/candidate_kernel"], len(steps[0])
    kernels = kernel[:features], kernel[features:]
    units = kernel.shape[1]
    cell, hidden, stored = np.zeros(units), np.zeros(units), []
    for x in steps:
        gates = sigmoid_gates(np.concatenate([x, hidden]), weights["cell/gate_kernel"], weights["cell/gate_bias"])
        candidate, back = recurrent_neurons(
            x, hidden, kernels, connect.dense, weights["cell/candidate_bias"], parameters, pixels=False
        )
        kept = [gates[units + k] * cell[k] for k in range(units)]
        written = [gates[k] * candidate[k] for k in range(units)]
        cell = np.array([kept[k] + written[k] for k in range(units)])
        hidden = np.array([gates[2 * units + k] * cell[k] for k in range(units)])
        stored.append((kept, written, back))

    def back_through_time(relevance):
        of_hidden, of_cell, received = relevance[0], np.zeros(units), []
        for kept, written, back in reversed(stored):
            of_candidate = np.zeros(units)
            for k in range(units):
                of_cell[k], of_candidate[k] = rules.accumulation(kept[k], written[k], of_cell[k] + of_hidden[k])
            of_x, of_hidden = back(of_candidate)
            received.insert(0, of_x)
        return received

    return [hidden], back_through_time


def sigmoid_gates(a, kernel, bias):
    """1 / (1 + exp(-(sum_j a_j w_jk + b_k))), for the input, forget and output gates in turn."""
    gates = []
    for k in range(len(bias)):
        z = float(bias[k])
        for j in range(len(a)):
            z += a[j] * kernel[j, k]
        gates.append(1 / (1 + exp(-z)))
    return gates
