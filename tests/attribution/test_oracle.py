"""The rules: the oracle by hand and by law, and both engines' rules against the oracle."""

import ast
import math
import pathlib

import numpy as np
import pytest
from keras import ops

from tests.helpers import rule_engines
from tests.oracle import connections, rules
from tests.oracle.layers import Parameters

ENGINES = {"oracle": rule_engines.oracle, "matrix": rule_engines.matrix, "tape": rule_engines.tape}
DTD = Parameters(1.0, 0.0, -1.0, 1.0)
LRP = Parameters(2.0, 1.0, -1.0, 1.0)


def arrays(kind, a, kernel):
    return kind, np.array(a, float), np.array(kernel, float)


# ---- worked by hand: two inputs, two neurons, kernel[j][k] from input j to neuron k

BY_HAND = {
    # P = (1*2 + 2*1, 2*3) = (4, 6); R_1 = 2/4*4 = 2, R_2 = 2/4*4 + 6/6*6 = 8
    "z+": (DTD, [arrays("positive", [1, 2], [[2, -1], [1, 3]])], [4, 6], [[2, 8]]),
    # P = (2, 6), N = (-2, -1); R_1 = 2*2/2*4 - 1*1/1*6 = 2, R_2 = -1*2/2*4 + 2*6/6*6 = 8
    "alpha-beta": (LRP, [arrays("positive", [1, 2], [[2, -1], [-1, 3]])], [4, 6], [[2, 8]]),
    # Neuron 1 has no N: (alpha, beta) = (1, 0) there, 2 and 2. Neuron 2: P = 6, N = -1; -6 and 12.
    "only excited": (LRP, [arrays("positive", [1, 2], [[2, -1], [1, 3]])], [4, 6], [[-4, 14]]),
    # Neuron 1 has no P: (0, -1) there, N = -1 - 6 = -7: 1 and 6. Neuron 2 has neither: its 5 is lost.
    "only inhibited": (LRP, [arrays("positive", [1, 2], [[-1, 0], [-3, 0]])], [7, 5], [[1, 6]]),
    # The z+ rule knows no N: what an inhibited neuron holds is lost.
    "only inhibited, z+": (DTD, [arrays("positive", [1, 2], [[-1, 0], [-3, 0]])], [7, 5], [[0, 0]]),
    # x w - l w+ - h w-: [[0.5 + 1, -0.5 + 1], [-1 + 2, -0.5 + 1]] = [[1.5, 0.5], [1, 0.5]], z = (2.5, 1);
    # R_1 = 1.5/2.5*5 + 0.5/1*2 = 4, R_2 = 1/2.5*5 + 0.5/1*2 = 3. With w+ and w- swapped, as equation 2.74 is
    # printed, [[-0.5, -1.5], [-3, -1.5]] and z = (-3.5, -3): 12/7 and 37/7. Positive and conserved too, and wrong.
    "z-beta": (DTD, [arrays("bounded", [0.5, -0.5], [[1, -1], [2, 1]])], [5, 2], [[4, 3]]),
    # Pixels keep the z-beta rule whatever alpha is.
    "z-beta under alpha-beta": (LRP, [arrays("bounded", [0.5, -0.5], [[1, -1], [2, 1]])], [5, 2], [[4, 3]]),
    # A box that is not symmetric, l = -1, h = 2: [[1.5, -0.5 + 2], [1, 0.5]], z = (2.5, 2);
    # R_1 = 1.5/2.5*5 + 1.5/2*2 = 4.5, R_2 = 1/2.5*5 + 0.5/2*2 = 2.5
    "z-beta, another box": (
        Parameters(1.0, 0.0, -1.0, 2.0),
        [arrays("bounded", [0.5, -0.5], [[1, -1], [2, 1]])],
        [5, 2],
        [[4.5, 2.5]],
    ),
    # One pixel, numerators (0.5 + 1, -0.5 + 1) = (1.5, 0.5), and one recurrent activation, (-2, 2).
    # Neuron 1: P = 1.5, N = -2: pixel 2*3 = 6, activation -1*3 = -3.
    # Neuron 2: P = 0.5 + 2, no N: pixel 0.5/2.5*5 = 1, activation 2/2.5*5 = 4.
    "mixed": (LRP, [arrays("bounded", [0.5], [[1, -1]]), arrays("positive", [2], [[-1, 1]])], [3, 5], [[7], [1]]),
    # The same under z+ (equations 3.5 and 3.6): neuron 1 has P = 1.5 and gives its 3 to the pixel; neuron 2 as above.
    "mixed, z+": (DTD, [arrays("bounded", [0.5], [[1, -1]]), arrays("positive", [2], [[-1, 1]])], [3, 5], [[4], [4]]),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", BY_HAND)
def test_rules_by_hand(case, engine):
    parameters, inputs, relevance, expected = BY_HAND[case]
    received = ENGINES[engine](inputs, relevance, parameters)
    for of_input, by_hand in zip(received, expected, strict=True):
        np.testing.assert_allclose(of_input, by_hand, rtol=1e-12, atol=1e-12)


def test_a_padded_border_has_fewer_inputs_by_hand():
    # A row of two pixels, a 1x3 kernel (1, 2, 3), zeros around: z_1 = 2 x_1 + 3 x_2, z_2 = 1 x_1 + 2 x_2.
    # Box [-1, 1], x = (0, 1): numerators x w + w: neuron 1: 2, 6 (z = 8); neuron 2: 1, 4 (z = 5).
    # R = (8, 5): pixel 1 gets 2 + 1 = 3, pixel 2 gets 6 + 4 = 10. A constant denominator would divide by the box of
    # all three weights.
    inputs = [arrays("bounded", [[[0], [1]]], np.reshape([1, 2, 3], (1, 3, 1, 1)))]
    for engine in (rule_engines.oracle, rule_engines.tape):
        [received] = engine(inputs, np.reshape([8, 5], (1, 2, 1)), DTD)
        np.testing.assert_allclose(received.ravel(), [3, 10])


A, KERNEL, BIAS, RELEVANCE = np.array([1.0, 2.0]), np.array([[2.0, -1.0], [1.0, 3.0]]), [-1.0, 1.0], [6.0, 12.0]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # z = (2 + 2 - 1, -1 + 6 + 1) = (3, 6): R_1 = 2/3*6 - 1/6*12 = 2, R_2 = 2/3*6 + 6/6*12 = 16
        (lambda c: rules.plain_z(A, c, BIAS, RELEVANCE), [2, 16]),
        # z + 1 = (4, 7): R_1 = 2/4*6 - 1/7*12 = 3 - 12/7, R_2 = 3 + 72/7
        (lambda c: rules.epsilon(A, c, BIAS, RELEVANCE, 1.0), [3 - 12 / 7, 3 + 72 / 7]),
        # w + 1 w+ = [[4, -1], [2, 6]], b + b+ = (-1, 2): denominators 4 + 4 - 1 = 7 and -1 + 12 + 2 = 13
        (lambda c: rules.gamma(A, c, BIAS, RELEVANCE, 1.0), [4 / 7 * 6 - 12 / 13, 4 / 7 * 6 + 12 / 13 * 12]),
        # w^2 = [[4, 1], [1, 9]]: R_1 = 4/5*6 + 1/10*12 = 6, R_2 = 1/5*6 + 9/10*12 = 12
        (lambda c: rules.w_square(2, c, RELEVANCE), [6, 12]),
        # half of everything to each
        (lambda c: rules.flat(2, c, RELEVANCE), [9, 9]),
    ],
)
def test_other_rules_of_the_oracle_by_hand(rule, expected):
    np.testing.assert_allclose(rule(connections.dense(KERNEL)), expected)


def test_the_sign_of_zero_is_plus():
    assert rules.stabilised(0.0, 0.1) == 0.1
    assert rules.stabilised(-1.0, 0.1) == -1.1


def test_gates_accumulation_and_pooling_by_hand():
    assert rules.gate("all", 1.0, -3.0, 6.0) == (0, 6)
    assert rules.gate("half", 1.0, -3.0, 6.0) == (3, 3)
    assert rules.gate("prop", 1.0, -3.0, 6.0) == (-3, 9)  # 1/-2 and -3/-2 of 6
    assert rules.gate("abs", 1.0, -3.0, 6.0) == (1.5, 4.5)  # 1/4 and 3/4 of 6
    assert rules.accumulation(1.0, 3.0, 8.0) == (2, 6)
    assert rules.accumulation(1.0, 3.0, 10.0, stabiliser=1.0) == (2, 6)  # the stabiliser keeps 1/5
    assert rules.accumulation(0.0, 0.0, 8.0) == (0, 0)
    # Windows of a 1x3 image (1, 3 | 2): sums 4 and 2, relevance (8, 5): 1/4*8, 3/4*8, 2/2*5
    window = connections.pooling(1, 3, 1)
    np.testing.assert_allclose(rules.sum_pooling(np.array([1.0, 3, 2]), window, [8, 5]), [2, 6, 5])


# ---- connections against Keras' own convolution


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(
    ("image", "kernel", "strides"),
    [
        ((5, 4, 2), (3, 3), (1, 1)),
        ((6, 5, 1), (5, 4), (1, 1)),
        ((7, 6, 2), (3, 2), (2, 3)),
        ((4, 9, 1), (2, 5), (3, 2)),
    ],
)
def test_connections_are_those_of_a_convolution(image, kernel, strides, padding):
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=image), rng.normal(size=(*kernel, image[-1], 3))
    listed = connections.convolution(weights, *image[:2], strides, padding)
    z = [sum(x.ravel()[j] * w for j, w in inputs) for inputs in listed]
    expected = ops.convert_to_numpy(ops.conv(ops.convert_to_tensor(x[None]), weights, strides, padding))
    np.testing.assert_allclose(z, expected.ravel(), atol=1e-12)


# ---- both engines' rules against the oracle


def one_sided(rng, shape):
    """A kernel some of whose neurons are only excited, some only inhibited, and some of whose weights are zero."""
    kernel = rng.normal(size=shape) * (rng.random(shape) < 0.9)
    kernel[..., 1::4] = np.abs(kernel[..., 1::4])
    kernel[..., 2::4] = -np.abs(kernel[..., 2::4])
    return kernel


def random_layer(rng, kinds, image, neurons, size=None):
    """Inputs of the given kinds to a dense layer, or to a convolution with a kernel of ``size``."""
    inputs = []
    for kind in kinds:
        shape = image if kind == "bounded" or size is None else (*image[:-1], int(rng.integers(1, 4)))
        a = rng.uniform(-1, 1, shape) if kind == "bounded" else np.maximum(0, rng.normal(size=shape))
        kernel_shape = (*shape, neurons) if size is None else (size, size, shape[-1], neurons)
        inputs.append((kind, a, one_sided(rng, kernel_shape)))
    return inputs


def relevance_difference(received, expected):
    """The largest difference as a share of sum|R|."""
    total = sum(np.abs(of_input).sum() for of_input in expected)
    return max(np.abs(a - b).sum() for a, b in zip(received, expected, strict=True)) / total


KINDS = [("positive",), ("bounded",), ("bounded", "positive")]
ALPHAS = [1.0, 1.5, 2.0, 5.0]


@pytest.mark.parametrize("engine", ["matrix", "tape"])
@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("kinds", KINDS)
def test_dense_rules_agree_with_the_oracle(kinds, alpha, engine):
    parameters = Parameters(alpha, alpha - 1, -1.0, 1.5)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        inputs = random_layer(rng, kinds, (int(rng.integers(1, 9)),), neurons=6)
        relevance = rng.normal(size=6)
        expected = rule_engines.oracle(inputs, relevance, parameters)
        assert relevance_difference(ENGINES[engine](inputs, relevance, parameters), expected) <= 1e-9


@pytest.mark.parametrize("engine", ["matrix", "tape"])
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("kinds", KINDS)
def test_convolution_rules_agree_with_the_oracle(kinds, alpha, padding, engine):
    parameters = Parameters(alpha, alpha - 1, -1.0, 1.5)
    for seed, (image, size) in enumerate([((5, 4, 1), 3), ((4, 6, 2), 4), ((3, 5, 3), 2)]):
        rng = np.random.default_rng(seed)
        inputs = random_layer(rng, kinds, image, 4, size)
        lost = 0 if padding == "same" else size - 1
        relevance = rng.normal(size=(image[0] - lost, image[1] - lost, 4))
        expected = rule_engines.oracle(inputs, relevance, parameters, padding)
        assert relevance_difference(ENGINES[engine](inputs, relevance, parameters, padding), expected) <= 1e-9


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kinds", KINDS[:2])
def test_strided_convolutions_agree_with_the_oracle(kinds, padding):
    for seed, strides in enumerate([(2, 2), (3, 1), (1, 2)]):
        rng = np.random.default_rng(seed)
        inputs = random_layer(rng, kinds, (7, 6, 2), 4, size=3)
        outputs = [connections.extent(n, 3, stride, padding)[0] for n, stride in zip((7, 6), strides, strict=True)]
        relevance = rng.normal(size=(*outputs, 4))
        expected = rule_engines.oracle(inputs, relevance, LRP, padding, strides)
        assert relevance_difference(rule_engines.tape(inputs, relevance, LRP, padding, strides), expected) <= 1e-9


# ---- laws


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("kinds", [("bounded",), ("bounded", "positive")])
def test_relevance_is_conserved(kinds, alpha, engine):
    """Pixels inside a box around zero always excite, so that every neuron has something to share relevance by."""
    rng = np.random.default_rng(7)
    inputs = random_layer(rng, kinds, (4, 5, 1), neurons=4, size=3)
    relevance = rng.random((4, 5, 4))
    received = ENGINES[engine](inputs, relevance, Parameters(alpha, alpha - 1, -1.5, 1.5))
    assert sum(of_input.sum() for of_input in received) == pytest.approx(relevance.sum(), rel=1e-9)


@pytest.mark.parametrize("strides", [(1, 1), (2, 3)])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_rules_of_the_oracle_conserve_on_convolutions(padding, strides):
    """w-square, flat and z+ have no bias; plain z and gamma keep what is due to it, epsilon also its stabiliser."""
    rng = np.random.default_rng(3)
    kernel = rng.normal(size=(3, 3, 2, 4))
    listed = connections.convolution(kernel, 7, 6, strides, padding)
    a, relevance, none = rng.random(7 * 6 * 2), rng.random(len(listed)), np.zeros(len(listed))
    bias = rng.normal(size=len(listed))
    z = np.array([sum(a[j] * w for j, w in inputs) for inputs in listed])
    for received in (
        rules.w_square(len(a), listed, relevance),
        rules.flat(len(a), listed, relevance),
        rules.z_plus(a, listed, relevance),
        rules.plain_z(a, listed, none, relevance),
        rules.gamma(a, listed, none, relevance, 0.25),
    ):
        assert received.sum() == pytest.approx(relevance.sum(), rel=1e-9)
    kept = (relevance * bias / (z + bias)).sum()
    assert rules.plain_z(a, listed, bias, relevance).sum() == pytest.approx(relevance.sum() - kept, rel=1e-9)
    received = rules.epsilon(a, listed, bias, z + bias, 0.1)  # R_k = z_k: each passes on z_k - b_k of z_k, less 0.1
    passed_on = np.abs(z + bias) / (np.abs(z + bias) + 0.1)
    assert received.sum() == pytest.approx((z * passed_on).sum(), rel=1e-9)


def test_limits_of_the_rules_meet():
    """epsilon -> plain z at 0, gamma -> plain z at 0 and -> z+ at infinity, z-beta -> z+ on the box [0, inf] x {0}."""
    rng = np.random.default_rng(5)
    listed, a = connections.dense(rng.normal(size=(5, 4))), rng.random(5)
    bias, none, relevance = rng.normal(size=4), np.zeros(4), rng.random(4)
    plain = rules.plain_z(a, listed, bias, relevance)
    np.testing.assert_allclose(rules.epsilon(a, listed, bias, relevance, 0.0), plain)
    np.testing.assert_allclose(rules.gamma(a, listed, bias, relevance, 0.0), plain)
    z_plus = rules.z_plus(a, listed, relevance)
    np.testing.assert_allclose(rules.gamma(a, listed, none, relevance, 1e9), z_plus, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(rules.z_beta(a, listed, relevance, np.zeros(5), a), z_plus)  # l = 0, h = a: a w - a w-
    np.testing.assert_allclose(rules.alpha_beta(a, listed, relevance, 1.0, 0.0), z_plus)
    assert not math.isclose(plain.sum(), relevance.sum())  # the bias does keep some


# ---- independence


def test_the_oracle_imports_numpy_only():
    imported = set()
    for path in (pathlib.Path(__file__).parents[1] / "oracle").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            if isinstance(node, ast.ImportFrom):
                imported.add("." * node.level + (node.module or ""))
    assert {name.partition(".")[0] for name in imported} <= {"math", "typing", "numpy", "tests"}
