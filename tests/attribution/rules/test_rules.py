"""The propagation rules as pure functions: by hand, against the oracle's loops in float64, and by law."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.oracle import connections
from tests.oracle import rules as oracle
from thesis_rnn.attribution.composites.composite import Composite
from thesis_rnn.attribution.rules import AlphaBeta, Epsilon, Flat, Gamma, WSquare, ZBeta, ZPlus, apply_rule
from thesis_rnn.core.linear_maps import SlidingKernel, linear
from thesis_rnn.errors import InputError

# ---- worked by hand: a = (1, 2), kernel[j][k] from input j to neuron k, b = (-1, 1), R = (6, 12)
#
# z = (1*2 + 2*1 - 1, 1*(-1) + 2*3 + 1) = (3, 6); without the bias (4, 5).

A, KERNEL, BIAS, RELEVANCE = [1.0, 2.0], [[2.0, -1.0], [1.0, 3.0]], [-1.0, 1.0], [6.0, 12.0]

BY_HAND = {
    # s = (6/3, 12/6) = (2, 2): R_1 = 1 (2*2 - 1*2) = 2, R_2 = 2 (1*2 + 3*2) = 16. The bias keeps -1*2 + 1*2 = 0.
    "plain z": (Epsilon(0.0), "positive", [2, 16]),
    # s = (6/4, 12/7): R_1 = 2*1.5 - 12/7, R_2 = 2 (1.5 + 36/7)
    "epsilon": (Epsilon(1.0), "positive", [3 - 12 / 7, 3 + 72 / 7]),
    # As plain z, and each input gets half of the bias' b_k s_k = (-2, 2), in sum nothing.
    "epsilon, bias redistributed": (Epsilon(0.0, bias="redistribute"), "positive", [2 - 1 + 1, 16 - 1 + 1]),
    # z = (4, 5), s = (1.5, 2.4): R_1 = 2*1.5 - 2.4, R_2 = 2 (1.5 + 3*2.4)
    "epsilon, bias ignored": (Epsilon(0.0, bias="ignore"), "positive", [0.6, 17.4]),
    # w + w+ = [[4, -1], [2, 6]], b + b+ = (-1, 2): denominators 4 + 4 - 1 = 7 and -1 + 12 + 2 = 13
    "gamma": (Gamma(1.0), "positive", [4 / 7 * 6 - 12 / 13, 4 / 7 * 6 + 12 / 13 * 12]),
    # w^2 = [[4, 1], [1, 9]]: R_1 = 4/5*6 + 1/10*12 = 6, R_2 = 1/5*6 + 9/10*12 = 12
    "w-square": (WSquare(), "real", [6, 12]),
    # half of everything to each
    "flat": (Flat(), "real", [9, 9]),
    # w+ only: R_1 = 2/4*6 = 3, R_2 = 2/4*6 + 12 = 15
    "z+": (ZPlus(), "positive", [3, 15]),
    # l = (0, -2), h = (1, 3): x w - l w+ - h w-: [[2, -1 + 1], [2 + 2, 6 + 6]] = [[2, 0], [4, 12]], z = (6, 12):
    # R_1 = 2, R_2 = 4 + 12
    "z-beta, a box for each feature": (AlphaBeta(low=(0.0, -2.0), high=(1.0, 3.0)), "bounded", [2, 16]),
    "z-beta whatever the domain": (ZBeta(low=(0.0, -2.0), high=(1.0, 3.0)), "positive", [2, 16]),
}


def run(rule, a, kernel, bias, relevance, domain="positive", form=None):
    """``apply_rule`` for one sample, in float64."""
    a, kernel, bias, relevance = (tf.constant(np.asarray(part, np.float64)) for part in (a, kernel, bias, relevance))
    return apply_rule(rule, a[None], kernel, bias, relevance[None], domain, form)[0].numpy()


@pytest.mark.parametrize("case", BY_HAND)
def test_rules_by_hand(case):
    rule, domain, expected = BY_HAND[case]
    np.testing.assert_allclose(run(rule, A, KERNEL, BIAS, RELEVANCE, domain), expected, rtol=1e-12)


def test_negative_inputs_by_hand():
    # a = (-1, 2), w = (-2, 1): contributions 2 and 2, both excite, though one weight is negative: half of 6 each.
    np.testing.assert_allclose(run(AlphaBeta(2.0, 1.0), [-1, 2], [[-2], [1]], [0], [6], "real"), [3, 3])
    # w = (2, 1): contributions -2 and 2: -beta * 6 and alpha * 6.
    np.testing.assert_allclose(run(AlphaBeta(2.0, 1.0), [-1, 2], [[2], [1]], [0], [6], "real"), [-6, 12])
    # gamma = 1, z = -2*2 + 3 = -1 < 0 favours what is negative: c = (-4, 3), c + c- = (-8, 3), sum -5; R = 5.
    np.testing.assert_allclose(run(Gamma(1.0), [-2, 1], [[2], [3]], [0], [5], "real"), [8, -3])


def test_what_rules_do_at_zero():
    # z = 1*1 + 1*(-1) = 0: sign(0) = +1, the denominator is +epsilon: 6 * 1/0.5 and 6 * -1/0.5.
    np.testing.assert_allclose(run(Epsilon(0.5), [1, 1], [[1], [-1]], [0], [6]), [12, -12])
    # Without a stabiliser nothing can be shared, nor under gamma, nor under z+ without excitation.
    for rule in (Epsilon(0.0), Gamma(0.5)):
        np.testing.assert_array_equal(run(rule, [1, 1], [[1], [-1]], [0], [6]), [0, 0])
    np.testing.assert_array_equal(run(ZPlus(), [1, 1], [[-1], [-1]], [0], [6]), [0, 0])
    np.testing.assert_array_equal(run(WSquare(), [1, 1], [[0], [0]], [0], [6]), [0, 0])
    # just below zero the stabiliser is subtracted: z = -0.5, z - 0.5 = -1
    np.testing.assert_allclose(run(Epsilon(0.5), [1, 1], [[0.5], [-1]], [0], [6]), [-3, 6])


# ---- against the oracle


def signed_parts(a, listed, bias, relevance, factor):
    """Gamma for inputs of any sign: c + g c+ shares where z > 0, c + g c- where z < 0."""
    received = np.zeros(len(a))
    for k, inputs in enumerate(listed):
        z = sum(a[j] * w for j, w in inputs) + bias[k]
        favour = (lambda c: c + factor * max(0.0, c)) if z > 0 else (lambda c: c + factor * min(0.0, c))
        total = sum(favour(a[j] * w) for j, w in inputs) + favour(bias[k])
        for j, w in inputs:
            received[j] += favour(a[j] * w) / total * relevance[k]
    return received


def alpha_beta_of_contributions(a, listed, relevance, alpha, beta):
    """Alpha-beta by the sign of each contribution a_j w_jk."""
    received = np.zeros(len(a))
    for k, inputs in enumerate(listed):
        positive = sum(max(0.0, a[j] * w) for j, w in inputs)
        negative = sum(min(0.0, a[j] * w) for j, w in inputs)
        alpha_k, beta_k = oracle.weights_of_parts(positive, negative, alpha, beta)
        for j, w in inputs:
            if a[j] * w > 0 and alpha_k:
                received[j] += alpha_k * a[j] * w / positive * relevance[k]
            if a[j] * w < 0 and beta_k:
                received[j] -= beta_k * a[j] * w / negative * relevance[k]
    return received


def redistributed(a, listed, bias, relevance, stabiliser):
    """Epsilon, with b_k divided equally among the inputs that k really has."""
    received = oracle.epsilon(a, listed, bias, relevance, stabiliser)
    for k, inputs in enumerate(listed):
        z = oracle.stabilised(sum(a[j] * w for j, w in inputs) + bias[k], stabiliser)
        for j, _ in inputs:
            received[j] += bias[k] / len(inputs) / z * relevance[k]
    return received


def per_feature(low, size):
    """The bounds of the features of the last axis, for every cell of a flattened input."""
    return np.tile(low, size // len(low))


LOW, HIGH = (-1.0, -2.5), (1.5, 2.0)
AGAINST = {
    "plain z": (Epsilon(0.0), "real", lambda a, c, b, R: oracle.plain_z(a, c, b, R)),
    "epsilon": (Epsilon(0.3), "real", lambda a, c, b, R: oracle.epsilon(a, c, b, R, 0.3)),
    "bias redistributed": (
        Epsilon(0.3, "redistribute"),
        "real",
        lambda a, c, b, R: redistributed(a, c, b, R, 0.3),
    ),
    "bias ignored": (Epsilon(0.3, "ignore"), "real", lambda a, c, b, R: oracle.epsilon(a, c, 0 * b, R, 0.3)),
    "gamma, positive": (Gamma(0.4), "positive", lambda a, c, b, R: signed_parts(a, c, b, R, 0.4)),
    "gamma, real": (Gamma(0.4), "real", lambda a, c, b, R: signed_parts(a, c, b, R, 0.4)),
    "w-square": (WSquare(), "real", lambda a, c, b, R: oracle.w_square(len(a), c, R)),
    "flat": (Flat(), "real", lambda a, c, b, R: oracle.flat(len(a), c, R)),
    "z-beta": (
        AlphaBeta(low=LOW, high=HIGH),
        "bounded",
        lambda a, c, b, R: oracle.z_beta(a, c, R, per_feature(LOW, len(a)), per_feature(HIGH, len(a))),
    ),
    "alpha-beta, real": (
        AlphaBeta(2.5, 1.5),
        "real",
        lambda a, c, b, R: alpha_beta_of_contributions(a, c, R, 2.5, 1.5),
    ),
    "z+, real": (ZPlus(), "real", lambda a, c, b, R: alpha_beta_of_contributions(a, c, R, 1.0, 0.0)),
    "alpha-beta, positive": (
        AlphaBeta(2.5, 1.5),
        "positive",
        lambda a, c, b, R: oracle.alpha_beta(a, c, R, 2.5, 1.5),
    ),
}


def causal(kernel, steps, stride, dilation):
    """The connections of a kernel [size, channels, filters] whose last tap is at the output's own step."""
    size, channels, filters = kernel.shape
    listed = []
    for step in range(0, steps, stride):
        for k in range(filters):
            taps = [(step - (size - 1 - u) * dilation, u) for u in range(size)]
            listed.append(
                [(t * channels + c, float(kernel[u, c, k])) for t, u in taps if t >= 0 for c in range(channels)]
            )
    return listed


def layers(seed):
    """Layers as (shape of the input, kernel, form, connections): features are two everywhere."""
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(2, 5)) * (rng.random((2, 5)) < 0.9)
    yield (2,), dense, None, connections.dense(dense)
    for padding, strides, size in (("same", (1, 1), 3), ("same", (2, 1), 2), ("valid", (1, 2), 2)):
        kernel = rng.normal(size=(size, size, 2, 3))
        yield (
            (4, 5, 2),
            kernel,
            SlidingKernel(strides, padding),
            connections.convolution(kernel, 4, 5, strides, padding),
        )
    kernel = rng.normal(size=(3, 2, 2))
    for stride, dilation in ((1, 1), (1, 2), (2, 1)):
        yield (6, 2), kernel, SlidingKernel(stride, "causal", dilation, axes=1), causal(kernel, 6, stride, dilation)


@pytest.mark.parametrize("case", AGAINST)
@pytest.mark.parametrize("seed", range(3))
def test_rules_agree_with_the_oracle(case, seed):
    rule, domain, loops = AGAINST[case]
    rng = np.random.default_rng(seed)
    for shape, kernel, form, listed in layers(seed):
        a = np.abs(rng.normal(size=shape)) if domain == "positive" else rng.uniform(-1, 1, shape)
        bias = rng.normal(size=kernel.shape[-1])
        z = linear(tf.constant(a[None]), tf.constant(kernel), form)[0].numpy()
        assert z.size == len(listed)
        relevance = rng.normal(size=z.shape)
        expected = loops(a.ravel(), listed, np.tile(bias, z.size // len(bias)), relevance.ravel())
        difference = run(rule, a, kernel, bias, relevance, domain, form).ravel() - expected
        assert np.abs(difference).sum() <= 1e-9 * np.abs(expected).sum()


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (1, 2), (2, 1)])
def test_causal_connections_are_those_of_keras(stride, dilation):
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(6, 2)), rng.normal(size=(3, 2, 2))
    layer = keras.layers.Conv1D(2, 3, stride, "causal", dilation_rate=dilation, use_bias=False, dtype="float64")
    layer.build((None, 6, 2))
    layer.set_weights([kernel])
    z = [sum(x.ravel()[j] * w for j, w in inputs) for inputs in causal(kernel, 6, stride, dilation)]
    np.testing.assert_allclose(layer(x[None]).numpy().ravel(), z, atol=1e-12)


# ---- laws


@pytest.mark.parametrize("case", AGAINST)
def test_what_is_received_and_what_is_absorbed_sum_to_the_relevance(case):
    rule, domain, _ = AGAINST[case]
    rng = np.random.default_rng(4)
    for shape, kernel, form, _ in layers(4):
        a = np.abs(rng.normal(size=shape)) if domain == "positive" else rng.uniform(-1, 1, shape)
        a, kernel, bias = (tf.constant(part) for part in (a[None], kernel, rng.normal(size=kernel.shape[-1])))
        parts = rule.split(a, kernel, domain, form)
        relevance = tf.constant(rng.normal(size=parts.z.shape))
        received = apply_rule(rule, a, kernel, bias, relevance, domain, form).numpy().sum()
        absorbed = rule.absorbed(parts, bias, relevance)
        accounted = received + sum(part.numpy().sum() for part in absorbed)
        assert accounted == pytest.approx(relevance.numpy().sum(), abs=1e-9 * np.abs(relevance).sum())


# ---- bad input


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Epsilon(-0.1), r"^epsilon must be at least 0; received -0.1$"),
        (lambda: Epsilon(float("nan")), r"^epsilon must be at least 0; received nan$"),
        (lambda: Epsilon(0.1, "spread"), r"must be one of absorb, redistribute, ignore; received 'spread'$"),
        (lambda: Gamma(-1.0), r"^gamma must be at least 0; received -1$"),
        (lambda: AlphaBeta(2.0, 2.0), r"alpha - beta must be 1 .*; received alpha=2, beta=2$"),
        (lambda: AlphaBeta(0.5, -0.5), r"beta >= 0; received alpha=0.5, beta=-0.5$"),
        (lambda: AlphaBeta(low=1.0, high=-1.0), r"low must be below high; received low=1.0, high=-1.0$"),
        (lambda: ZBeta(low=(0.0, 2.0), high=(1.0, 1.0)), r"low must be below high; received low=\(0.0, 2.0\), high="),
        (lambda: Composite(Epsilon(), stabiliser=-1.0), r"^the stabiliser must be at least 0; received -1$"),
    ],
)
def test_parameters_without_a_meaning_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
