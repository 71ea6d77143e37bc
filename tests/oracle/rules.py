"""Propagation rules for one sample: the relevance of the inputs of a layer from the relevance of its neurons.

Activations, biases and relevance are vectors; connections are lists of (j, w_jk) for each neuron k.
"""

import numpy as np

DEAD = 1e-30
"""A denominator of this magnitude or less has nothing to share relevance by; what it held is lost."""


def share_out(connections, relevance, inputs, numerator, completed):
    """R_j = sum_k n_jk / d_k R_k with n_jk = numerator(j, w_jk) and d_k = completed(k, sum_j n_jk)."""
    received = np.zeros(inputs)
    for k, inputs_of_k in enumerate(connections):
        total = 0.0
        for j, w in inputs_of_k:
            total += numerator(j, w)
        denominator = completed(k, total)
        if abs(denominator) <= DEAD:
            continue
        for j, w in inputs_of_k:
            received[j] += numerator(j, w) / denominator * relevance[k]
    return received


def unchanged(_k, total):
    return total


def plain_z(a, connections, bias, relevance):
    """R_j = sum_k a_j w_jk / z_k R_k, with z_k = sum_j a_j w_jk + b_k."""
    return share_out(connections, relevance, len(a), lambda j, w: a[j] * w, lambda k, total: total + bias[k])


def epsilon(a, connections, bias, relevance, stabiliser):
    """R_j = sum_k a_j w_jk / (z_k + e sign(z_k)) R_k, with sign(0) = +1 (Bach et al., 2015, equation 58)."""
    return share_out(
        connections,
        relevance,
        len(a),
        lambda j, w: a[j] * w,
        lambda k, total: stabilised(total + bias[k], stabiliser),
    )


def stabilised(z, stabiliser):
    return z + stabiliser if z >= 0 else z - stabiliser


def gamma(a, connections, bias, relevance, factor):
    """R_j = sum_k a_j (w_jk + g w+_jk) / (sum_j a_j (w_jk + g w+_jk) + b_k + g b+_k) R_k, for a_j >= 0."""
    return share_out(
        connections,
        relevance,
        len(a),
        lambda j, w: a[j] * (w + factor * max(0.0, w)),
        lambda k, total: total + bias[k] + factor * max(0.0, bias[k]),
    )


def w_square(inputs, connections, relevance):
    """R_j = sum_k w_jk^2 / sum_j w_jk^2 R_k (thesis, table 2.1)."""
    return share_out(connections, relevance, inputs, lambda j, w: w**2, unchanged)


def flat(inputs, connections, relevance):
    """R_j = sum_k 1 / n_k R_k, with n_k the number of inputs that neuron k has."""
    return share_out(connections, relevance, inputs, lambda j, w: 1.0, unchanged)


def z_plus(a, connections, relevance):
    """R_j = sum_k a_j w+_jk / sum_j a_j w+_jk R_k (thesis, equation 2.66)."""
    return share_out(connections, relevance, len(a), lambda j, w: a[j] * max(0.0, w), unchanged)


def z_beta(x, connections, relevance, low, high):
    """R_i = sum_k (x_i w_ik - l_i w+_ik - h_i w-_ik) / z_k R_k, z_k the sum of the numerator (equations 2.73, 3.5)."""
    return share_out(connections, relevance, len(x), lambda i, w: box_term(x[i], w, low[i], high[i]), unchanged)


def box_term(x, w, low, high):
    return x * w - low * max(0.0, w) - high * min(0.0, w)


def alpha_beta(a, connections, relevance, alpha, beta):
    """R_j = sum_k (alpha_k a_j w+_jk / P_k - beta_k a_j w-_jk / N_k) R_k (thesis, equation 2.34).

    P_k = sum_j a_j w+_jk, N_k = sum_j a_j w-_jk. The part that exists carries all relevance: see ``weights_of_parts``.
    """
    _, received = mixed([], [[] for _ in connections], [], [], a, connections, relevance, alpha, beta)
    return received


def mixed(x, pixel_connections, low, high, r, recurrent_connections, relevance, alpha, beta):
    """Relevance of pixels i and activations j that enter the same layer (equations 3.5 and 3.6 with alpha and beta).

    P_k = sum_i (x_i w_ik - l_i w+_ik - h_i w-_ik) + sum_j r_j w+_jk, N_k = sum_j r_j w-_jk;
    R_i = sum_k alpha_k (x_i w_ik - l_i w+_ik - h_i w-_ik) / P_k R_k;
    R_j = sum_k (alpha_k r_j w+_jk / P_k - beta_k r_j w-_jk / N_k) R_k.
    """
    of_pixels, of_activations = np.zeros(len(x)), np.zeros(len(r))
    for k in range(len(relevance)):
        excitation = inhibition = 0.0
        for i, w in pixel_connections[k]:
            excitation += box_term(x[i], w, low[i], high[i])
        for j, w in recurrent_connections[k]:
            excitation += r[j] * max(0.0, w)
            inhibition += r[j] * min(0.0, w)
        alpha_k, beta_k = weights_of_parts(excitation, inhibition, alpha, beta)
        for i, w in pixel_connections[k]:
            if alpha_k:
                of_pixels[i] += alpha_k * box_term(x[i], w, low[i], high[i]) / excitation * relevance[k]
        for j, w in recurrent_connections[k]:
            if alpha_k:
                of_activations[j] += alpha_k * r[j] * max(0.0, w) / excitation * relevance[k]
            if beta_k:
                of_activations[j] -= beta_k * r[j] * min(0.0, w) / inhibition * relevance[k]
    return of_pixels, of_activations


def weights_of_parts(excitation, inhibition, alpha, beta):
    """(alpha_k, beta_k): (1, 0) where N_k = 0, (0, -1) where P_k = 0, (0, 0) where both are, else (alpha, beta).

    beta = 0 is the z+ rule, which has no N_k: without excitation the relevance is lost.
    """
    excites, inhibits = abs(excitation) > DEAD, abs(inhibition) > DEAD
    if excites and inhibits:
        return alpha, beta
    if excites:
        return 1.0, 0.0
    return (0.0, -1.0) if inhibits and beta > 0 else (0.0, 0.0)


def sum_pooling(a, connections, relevance):
    """R_j = sum_k a_j / sum_j a_j R_k over the cells j of window k (Montavon et al., 2018, section 5)."""
    return share_out(connections, relevance, len(a), lambda j, _: a[j], unchanged)


def accumulation(a, b, relevance, stabiliser=0.0):
    """Each term of z = a + b gets its share: R_a = a / (z + e sign(z)) R, R_b = b / (z + e sign(z)) R."""
    denominator = stabilised(a + b, stabiliser)
    if abs(denominator) <= DEAD:
        return 0.0, 0.0
    return a / denominator * relevance, b / denominator * relevance


def gate(policy, gate_z, signal_z, relevance):
    """(R_gate, R_signal) of a gated product, by the pre-activations of gate and signal (Arras et al., 2019)."""
    if policy == "all":
        return 0.0, relevance
    if policy == "half":
        return relevance / 2, relevance / 2
    if policy == "abs":
        gate_z, signal_z = abs(gate_z), abs(signal_z)
    return accumulation(gate_z, signal_z, relevance)
