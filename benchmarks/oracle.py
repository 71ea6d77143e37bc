"""The right answer to every case, in float64, one loop per sum: the oracle of the package's tests.

Where the tests have no need of a rule (gradients), it is written here in the same way.
"""

import sys

import numpy as np

from benchmarks.cases import EPSILON, HIGH, LOW
from benchmarks.process import ROOT

sys.path.append(str(ROOT / "tests"))  # the oracle belongs to the tests, and imports nothing but NumPy

from oracle import connections as connect
from oracle import rules, stock_cells

SQUARED = ("sensitivity", "guided_backprop")


def relevance(case: str, rule: str, arrays: dict[str, np.ndarray], kind: str = "") -> np.ndarray:
    """The relevance of every sample of a case."""
    weights = {name: np.asarray(array, np.float64) for name, array in arrays.items() if name not in ("x", "target")}
    explain = {"dense": _dense, "cell": _cell, "stock": _stock}[case]
    return np.stack([explain(x, int(arrays["target"]), weights, rule, kind) for x in np.asarray(arrays["x"], float)])


def _dense(x, target, weights, rule, _):
    kernels = [weights[f"kernel_{k}"] for k in range(len(weights))]
    activations = [x]
    for kernel in kernels[:-1]:
        activations.append(np.maximum(activations[-1] @ kernel, 0))
    signal = _start(activations[-1] @ kernels[-1], target, rule)
    for position in reversed(range(len(kernels))):
        pixels = len(x) if position == 0 else 0
        signal = _through(activations[position], pixels, kernels[position], signal, rule)
        if position > 0:
            signal = _through_relu(activations[position], signal, rule)
    return signal**2 if rule in SQUARED else signal


def _cell(x, target, weights, rule, _):
    joint = np.concatenate([weights["input_kernel"], weights["recurrent_kernel"]])
    steps, features = x.shape
    hidden = [np.zeros(len(weights["recurrent_kernel"]))]
    for x_t in x:
        hidden.append(np.maximum(np.concatenate([x_t, hidden[-1]]) @ joint, 0))
    logits = hidden[-1] @ weights["output_kernel"]
    signal = _through(hidden[-1], 0, weights["output_kernel"], _start(logits, target, rule), rule)
    received = np.zeros(x.shape)
    for t in reversed(range(steps)):
        signal = _through_relu(hidden[t + 1], signal, rule)
        of_both = _through(np.concatenate([x[t], hidden[t]]), features, joint, signal, rule)
        received[t], signal = of_both[:features], of_both[features:]
    return received**2 if rule in SQUARED else received


def _stock(x, target, weights, rule, kind):
    cell = stock_cells.lstm if kind == "lstm" else _gru
    own = [weights[name] for name in ("kernel", "recurrent_kernel", "bias")]
    column = weights["output_kernel"][:, target]
    hidden, _ = cell(x, own, np.zeros(len(column)), EPSILON)
    logit = hidden @ column + weights["output_bias"][target]
    return cell(x, own, hidden * column * logit / rules.stabilised(logit, EPSILON), EPSILON)[1]


def _gru(x, weights, relevance, epsilon):
    return stock_cells.gru(x, weights, relevance, epsilon, reset_after=True)


def _start(logits, target, rule):
    """What starts at the logits: the logit that is explained, or 1 for a derivative."""
    start = np.zeros(len(logits))
    start[target] = 1 if rule in SQUARED else logits[target]
    return start


def _through_relu(a, signal, rule):
    """Relevance passes a ReLU unchanged; a derivative where it is active; guided, also only where it is positive."""
    if rule not in SQUARED:
        return signal
    passed = np.where(a > 0, signal, 0)
    return np.maximum(passed, 0) if rule == "guided_backprop" else passed


def _through(a, pixels, kernel, signal, rule):
    """From the outputs of a layer without bias to its inputs, of which the first ``pixels`` are the network's."""
    joined = connect.dense(kernel)
    if rule == "epsilon":
        return rules.epsilon(a, joined, np.zeros(len(joined)), signal, EPSILON)
    if rule == "alpha2_beta1":
        return rules.alpha_beta(a, joined, signal, 2.0, 1.0)
    if rule == "dtd" and pixels:
        box = [LOW] * pixels, [HIGH] * pixels
        of_pixels, of_others = connect.dense(kernel[:pixels]), connect.dense(kernel[pixels:])
        received = rules.mixed(a[:pixels], of_pixels, *box, a[pixels:], of_others, signal, 1.0, 0.0)
        return np.concatenate(received)
    if rule in ("dtd", "z_plus"):
        return rules.z_plus(a, joined, signal)
    received = np.zeros(len(a))
    for k, inputs in enumerate(joined):
        for j, w in inputs:
            received[j] += w * signal[k]
    return received
