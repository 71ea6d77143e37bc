"""Epsilon-LRP of LSTM and GRU by NumPy, one sample at a time, from the formulas (Arras et al., 2017).

    linear maps:  R_j = a_j sum_k w_jk R_k / (z_k + epsilon sign(z_k)),  sign(0) = +1
    sums:         R_a = a / (z + epsilon sign(z)) R  of  z = a + b
    products:     all relevance to the signal, none to the gate

No library explains these layers by LRP; whoever needs it writes such a loop. Products are matrix products, not the
sums over messages of the authors' own program, which cost more.
"""

from types import SimpleNamespace

import numpy as np

from benchmarks.cases import EPSILON
from benchmarks.serving import Job, NotOffered, serve


def load(job: dict) -> Job:
    if job["case"] != "stock" or job["rule"] != "epsilon":
        raise NotOffered("written for epsilon-LRP of stock LSTM and GRU only")
    arrays = dict(np.load(job["file"]))
    weights = SimpleNamespace(**arrays)
    explain = {"lstm": lstm, "gru": gru}[job["kind"]]
    samples = arrays["x"][: job["single_samples"]]
    return lambda: np.stack([explain(x, weights, int(arrays["target"])) for x in samples])


def lstm(x, weights, target: int) -> np.ndarray:
    """Keras' order of gates: input, forget, candidate, output."""
    units = weights.recurrent_kernel.shape[0]
    candidate = slice(2 * units, 3 * units)
    h = c = np.zeros(units, np.float32)
    stored = []
    for x_t in x:
        z = x_t @ weights.kernel + h @ weights.recurrent_kernel + weights.bias
        i, f, o = sigmoid(z[:units]), sigmoid(z[units : 2 * units]), sigmoid(z[3 * units :])
        kept, written = f * c, i * np.tanh(z[candidate])
        stored.append((h, z[candidate], kept, written))
        c = kept + written
        h = o * np.tanh(c)
    relevance, R_h, R_c = np.zeros_like(x), relevance_of_hidden(h, weights, target), 0.0
    kernel, recurrent_kernel = weights.kernel[:, candidate], weights.recurrent_kernel[:, candidate]
    for t in reversed(range(len(x))):
        h_before, z, kept, written = stored[t]
        share = (R_c + R_h) / stabilised(kept + written)
        R_c, s = kept * share, written * share / stabilised(z)
        relevance[t], R_h = x[t] * (kernel @ s), h_before * (recurrent_kernel @ s)
    return relevance


def gru(x, weights, target: int) -> np.ndarray:
    """Keras' order of gates: update, reset, candidate; the reset gate acts after the recurrent product."""
    units = weights.recurrent_kernel.shape[0]
    update, reset, candidate = (slice(k * units, (k + 1) * units) for k in range(3))
    h, stored = np.zeros(units, np.float32), []
    for x_t in x:
        from_x, from_h = x_t @ weights.kernel + weights.bias[0], h @ weights.recurrent_kernel + weights.bias[1]
        u, r = sigmoid(from_x[update] + from_h[update]), sigmoid(from_x[reset] + from_h[reset])
        z = from_x[candidate] + r * from_h[candidate]
        kept, written = u * h, (1 - u) * np.tanh(z)
        stored.append((h, r, z, kept, written))
        h = kept + written
    relevance, R = np.zeros_like(x), relevance_of_hidden(h, weights, target)
    kernel, recurrent_kernel = weights.kernel[:, candidate], weights.recurrent_kernel[:, candidate]
    for t in reversed(range(len(x))):
        h_before, r, z, kept, written = stored[t]
        share = R / stabilised(kept + written)
        s = written * share / stabilised(z)
        relevance[t], R = x[t] * (kernel @ s), kept * share + h_before * (recurrent_kernel @ (r * s))
    return relevance


def relevance_of_hidden(h, weights, target: int) -> np.ndarray:
    """That of h_T, from the logit."""
    logit = h @ weights.output_kernel[:, target] + weights.output_bias[target]
    return h * weights.output_kernel[:, target] * logit / stabilised(logit)


def stabilised(z):
    return z + np.where(z >= 0, np.float32(EPSILON), np.float32(-EPSILON))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


if __name__ == "__main__":
    serve(load, {"NumPy": np.__version__})
