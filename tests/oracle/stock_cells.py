"""Epsilon-LRP of Keras' recurrent cells for one sample, in loops over time: relevance of h_T to that of every x_t.

All gate relevance goes to the signal (Arras et al., 2017). Sums of signals are stabilised by the same epsilon.
"""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def stabilised(z, epsilon):
    return z + np.where(z >= 0, epsilon, -epsilon)


def linear(a, kernel, z, relevance, epsilon):
    """R_j = sum_k a_j w_jk / (z_k + e sign z_k) R_k."""
    received = np.zeros(len(a))
    for j in range(len(a)):
        for k in range(len(z)):
            received[j] += a[j] * kernel[j, k] / stabilised(z[k], epsilon) * relevance[k]
    return received


def simple_rnn(x, weights, relevance, epsilon):
    kernel, recurrent, bias = weights
    states, sums = [np.zeros(recurrent.shape[0])], []
    for x_t in x:
        sums.append(x_t @ kernel + states[-1] @ recurrent + bias)
        states.append(np.tanh(sums[-1]))
    received, R = np.zeros(x.shape), relevance
    for t in reversed(range(len(x))):
        received[t] = linear(x[t], kernel, sums[t], R, epsilon)
        R = linear(states[t], recurrent, sums[t], R, epsilon)
    return states[-1], received


def lstm(x, weights, relevance, epsilon):
    """Keras' order of gates: input, forget, candidate, output."""
    kernel, recurrent, bias = weights
    units = recurrent.shape[0]
    candidate = slice(2 * units, 3 * units)
    h, c, stored = np.zeros(units), np.zeros(units), []
    for x_t in x:
        z = x_t @ kernel + h @ recurrent + bias
        i, f, o = sigmoid(z[:units]), sigmoid(z[units : 2 * units]), sigmoid(z[3 * units :])
        kept, written = f * c, i * np.tanh(z[candidate])
        stored.append((h, z[candidate], kept, written))
        c = kept + written
        h = o * np.tanh(c)
    received, R_h, R_c = np.zeros(x.shape), relevance, np.zeros(units)
    for t in reversed(range(len(x))):
        h_before, z, kept, written = stored[t]
        share = (R_c + R_h) / stabilised(kept + written, epsilon)
        R_c = kept * share
        received[t] = linear(x[t], kernel[:, candidate], z, written * share, epsilon)
        R_h = linear(h_before, recurrent[:, candidate], z, written * share, epsilon)
    return h, received


def gru(x, weights, relevance, epsilon, reset_after):
    """Keras' order of gates: update, reset, candidate. With reset_after the reset gate scales the recurrent kernel."""
    kernel, recurrent, bias = weights
    units = recurrent.shape[0]
    bias, recurrent_bias = bias if reset_after else (bias, np.zeros(3 * units))
    update, reset, candidate = (slice(k * units, (k + 1) * units) for k in range(3))
    h, stored = np.zeros(units), []
    for x_t in x:
        from_x, from_h = x_t @ kernel + bias, h @ recurrent + recurrent_bias
        u, r = sigmoid(from_x[update] + from_h[update]), sigmoid(from_x[reset] + from_h[reset])
        scaled = recurrent[:, candidate]
        if reset_after:
            z, fed_back, scaled = from_x[candidate] + r * from_h[candidate], h, scaled * r
        else:
            z, fed_back = from_x[candidate] + (r * h) @ scaled, r * h
        kept, written = u * h, (1 - u) * np.tanh(z)
        stored.append((fed_back, scaled, z, kept, written))
        h = kept + written
    received, R = np.zeros(x.shape), relevance
    for t in reversed(range(len(x))):
        fed_back, scaled, z, kept, written = stored[t]
        share = R / stabilised(kept + written, epsilon)
        received[t] = linear(x[t], kernel[:, candidate], z, written * share, epsilon)
        R = kept * share + linear(fed_back, scaled, z, written * share, epsilon)
    return h, received
