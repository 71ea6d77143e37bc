"""The tape engine and the matrix engine, written apart from each other, give the same relevance."""

import keras
import numpy as np
import pytest

from tests.helpers.small_networks import THESIS, lift, perturb, samples, small
from thesis_rnn.attribution import explain
from thesis_rnn.attribution.matrix import explain_batch

TOLERANCES = {"float32": 1e-3, "float64": 1e-9}
"""Of sum|R|, for each sample."""

ALPHAS = [1.0, 1.5, 2.0, 5.0]
ALL = [(name, steps, alpha) for name in THESIS for steps in (1, 3) for alpha in ALPHAS]
# Tracing the tape engine takes a second each time: architectures take turns with alpha, the slow run has all of them.
FAST = [(name, 3, ALPHAS[i % 4]) for i, name in enumerate(THESIS)]
FAST += [("shallow", 1, 2.0), ("deep", 1, 1.0), ("conv_plus_deep", 1, 1.5), ("conv_plus_rlstm_sd", 1, 5.0)]


@pytest.fixture
def float64():
    """Builds models in float64 for the length of a test."""
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx(before[0])
    keras.config.set_dtype_policy(before[1])


def assert_engines_agree(model, alpha):
    x, target = samples(model)
    method = {"method": "deep_taylor"} if alpha == 1 else {"method": "lrp", "alpha": alpha}
    tape = explain(model, x, target, low=-1.0, high=1.5, dtype=x.dtype.name, **method)
    assert tape.relevance.dtype == x.dtype
    relevance, logits, explained = explain_batch(model, x, target, alpha, alpha - 1, -1.0, 1.5, x.dtype)
    assert (explained > 0).any()
    tolerance = TOLERANCES[x.dtype.name]
    np.testing.assert_allclose(logits, tape.logits, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(explained, tape.explained, rtol=tolerance, atol=tolerance)
    total = np.abs(tape.relevance).sum(axis=(1, 2, 3))
    assert (np.abs(relevance - tape.relevance).sum(axis=(1, 2, 3)) <= tolerance * total).all()


def cases(fast):
    return [pytest.param(*case, marks=() if case in fast else pytest.mark.slow) for case in ALL]


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(("name", "steps", "alpha"), cases(FAST[::3]))
def test_engines_agree_in_float64(name, steps, alpha):
    model = lift(small(name, steps))
    assert_engines_agree(model, alpha)
    assert_engines_agree(perturb(model), alpha)


@pytest.mark.parametrize(("name", "steps", "alpha"), cases(FAST[::6]))
def test_engines_agree_in_float32(name, steps, alpha):
    model = lift(small(name, steps))
    assert_engines_agree(model, alpha)
    assert_engines_agree(perturb(model), alpha)
