"""The primitives: plain operations outside an explanation, the given semantics inside one, for its length only."""

import threading

import numpy as np
import pytest
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import SlidingKernel, linear, sum_windows
from thesis_rnn.core.primitives import ForwardSemantics, Site, explained_by
from thesis_rnn.layers import RLSTM, Convolution, SumPooling

SITE = Site("layer")


def array(*values):
    return np.array(values, np.float64)


def test_the_plain_operations_by_hand():
    a = array([1, 2])
    # (1, 2) . [[1, -1], [2, 0.5]] + (1, 2) = (1 + 4 + 1, -1 + 1 + 2)
    kernel, bias = array([1, -1], [2, 0.5]), array(1, 2)
    np.testing.assert_array_equal(primitives.affine(a, kernel, bias, SITE), [[6, 2]])
    np.testing.assert_array_equal(primitives.rectify(array(-1, 0, 2)), [0, 0, 2])
    np.testing.assert_allclose(primitives.squash(array(0, 1), ops.tanh), np.tanh([0, 1]))
    np.testing.assert_array_equal(primitives.gate(array(0, 0.5), array(4, 6)), [0, 3])
    np.testing.assert_array_equal(primitives.add(array(1, 2), array(3, -5)), [4, -3])


def test_contributions_of_parts_complete_to_the_map_of_the_whole():
    rng = np.random.default_rng(0)
    x, r, kernel, bias = (
        rng.normal(size=(4, 3, 5)),
        rng.normal(size=(4, 2)),
        rng.normal(size=(7, 6)),
        rng.normal(size=6),
    )
    whole = primitives.affine(np.concatenate([x[:, 1], r], axis=1), kernel, bias, SITE)
    of_x = primitives.contribution(x, kernel[:5], SITE)  # of all three steps at once
    of_r = primitives.contribution(r, kernel[5:], SITE)
    np.testing.assert_allclose(primitives.preactivation(of_x[:, 1] + of_r, bias, SITE), whole)


# ---- the linear map and the sums of windows


@pytest.mark.parametrize("leading", [(3,), (3, 2), (2, 3, 2)])
def test_leading_axes_are_a_batch_of_dense_maps(leading):
    rng = np.random.default_rng(0)
    a, kernel = rng.normal(size=(*leading, 4)), rng.normal(size=(4, 5))
    np.testing.assert_allclose(linear(a, kernel), np.einsum("...j,jk->...k", a, kernel), rtol=1e-12)


@pytest.mark.parametrize("leading", [(3,), (3, 2), (2, 3, 2)])
@pytest.mark.parametrize(
    "window", [SlidingKernel(), SlidingKernel(padding="valid"), SlidingKernel(strides=2), SlidingKernel(dilation=2)]
)
def test_leading_axes_are_a_batch_of_convolutions(leading, window):
    rng = np.random.default_rng(0)
    a, kernel = rng.normal(size=(*leading, 7, 6, 2)), rng.normal(size=(3, 3, 2, 4))
    one_by_one = [
        ops.conv(image[None], kernel, window.strides, window.padding, dilation_rate=window.dilation)[0]
        for image in a.reshape(-1, 7, 6, 2)
    ]
    expected = np.reshape(one_by_one, (*leading, *one_by_one[0].shape))
    np.testing.assert_allclose(linear(a, kernel, window), expected, rtol=1e-10, atol=1e-12)


def test_window_sums_at_the_border_by_hand():
    # [[1, 2, 3], [4, 5, 6], [7, 8, 9]] in windows of 2: 1 + 2 + 4 + 5, 3 + 6, 7 + 8, 9.
    image = np.arange(1.0, 10).reshape(1, 3, 3, 1)
    np.testing.assert_array_equal(sum_windows(image, 2)[0, ..., 0], [[12, 9], [15, 9]])


# ---- the semantics


class Marked(ForwardSemantics):
    """The plain forward, but a rectified value shows that it was asked."""

    def __init__(self, mark):
        super().__init__()
        self.mark = mark

    def rectify(self, z):
        return z * 0 + self.mark


def asked():
    """The mark of the semantics in force; 0 outside of any."""
    return float(primitives.rectify(array(0.0))[0])


def test_semantics_hold_inside_the_block_only():
    with explained_by(Marked(1)):
        assert asked() == 1
        with explained_by(Marked(2)):
            assert asked() == 2
        assert asked() == 1
    assert asked() == 0


def test_an_exception_leaves_no_semantics_behind():
    with pytest.raises(KeyError, match="inside"), explained_by(Marked(1)), explained_by(Marked(2)):
        raise KeyError("inside")
    assert asked() == 0


def test_another_thread_is_not_explained():
    marks = []
    with explained_by(Marked(1)):
        thread = threading.Thread(target=lambda: marks.append(asked()))
        thread.start()
        thread.join()
        assert asked() == 1
    assert marks == [0]


class Recording(ForwardSemantics):
    """The plain forward, and remembers which primitives were asked of it."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def __getattribute__(self, name):
        if name in ("contribution", "preactivation", "rectify", "gate", "add", "pool"):
            self.asked.append(name)
        return super().__getattribute__(name)


@pytest.mark.parametrize(
    ("layer", "shape", "primitives_of_layer"),
    [
        (Convolution(2, 3), (4, 4, 1), {"contribution", "preactivation", "rectify"}),
        (SumPooling(), (4, 4, 1), {"pool"}),
        (RLSTM(3), (2, 4), {"contribution", "preactivation", "rectify", "gate", "add"}),
    ],
)
def test_layers_ask_the_semantics_for_every_primitive_of_theirs(layer, shape, primitives_of_layer):
    x = np.random.default_rng(0).uniform(size=(2, *shape)).astype(np.float32)
    plain = layer(x)
    recording = Recording()
    with explained_by(recording):
        np.testing.assert_array_equal(layer(x), plain)
    assert primitives_of_layer <= set(recording.asked)
