"""Figures of prototypes: what stands where, for images, series and texts."""

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.prototypes import Prototypes
from thesis_rnn.reporting.prototypes import plot_prototypes


def found(shape, tokens=False, n=2):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 5, (n, *shape)) if tokens else rng.normal(size=(n, *shape)).astype(np.float32)
    each, lengths = np.full(n, 0.5), np.full(n, shape[0])
    beside = {"x": x, "start": x, "neighbour": x, "lengths": lengths, "neighbour_lengths": lengths}
    beside |= dict.fromkeys(("value", "p", "p_embedded", "density", "distance", "data_distance", "outside"), each)
    beside |= {"target": np.arange(n), "nearest": np.arange(n), "data_density": np.array([0.0, 1.0])}
    return Prototypes(unit="", expert="l2", curve=np.zeros((3, n)), **beside)


@pytest.mark.parametrize(
    ("shape", "axes"), [((2, 6, 3), 6), ((6, 6, 1), 6), ((5, 2), 6), ((5, 7), 6), ((4,), 6), ((2, 6, 3, 3), 6)]
)
def test_start_prototype_and_neighbour_stand_side_by_side(shape, axes):
    figure = plot_prototypes(found(shape))
    assert len(figure.axes) == axes
    text = {axis.get_title() for axis in figure.axes} | {axis.get_ylabel() for axis in figure.axes}
    assert {"start", "prototype", "nearest sample"} <= text
    assert any("p = 0.500\ndenser than 50%" in each for each in text)


def test_texts_are_written(tmp_path):
    record = found((4,), tokens=True)
    figure = plot_prototypes(record, tmp_path / "texts.png", ["bad", "good"], words=["", "a", "b", "c", "d"])
    assert any("good, p = 0.500" in text.get_text() for text in figure.texts)
    assert (tmp_path / "texts.png").stat().st_size > 1000


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(InputError, match=r"received shape \[2, 2, 2, 2, 2, 2\]$"):
        plot_prototypes(found((2, 2, 2, 2, 2)))
    with pytest.raises(InputError, match=r"^feature_names must name each of 2 features; received 1$"):
        plot_prototypes(found((5, 2)), feature_names=["one"])
    with pytest.raises(InputError, match=r"^words must have one for each token up to 4; received 2$"):
        plot_prototypes(found((9,), tokens=True), words=["", "a"])
