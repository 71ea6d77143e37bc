"""The comparison of prototypes: what stands in its rows, and what it waits for."""

import numpy as np
import pytest

from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.papers.montavon_2018 import figures
from thesis_rnn.prototypes import Prototypes


def made_up(n=3):
    rng = np.random.default_rng(0)
    x, each, lengths = rng.normal(size=(n, 5, 4)), np.linspace(0.5, 0.9, n), np.full(n, 5)
    beside = {"x": x, "start": x, "neighbour": x, "lengths": lengths, "neighbour_lengths": lengths}
    beside |= dict.fromkeys(("value", "p", "p_embedded", "density", "distance", "data_distance", "outside"), each)
    beside |= {"target": np.arange(n), "nearest": np.arange(n), "data_density": np.zeros(4)}
    return Prototypes(unit="", expert="l2", curve=np.zeros((3, n)), **beside)


def test_a_figure_waits_for_its_run():
    for make in figures.FIGURES.values():
        with pytest.raises(MissingError):
            make(Material(None, []))


def test_each_class_has_a_column_and_p_stands_below_prototypes():
    found = {name: made_up() for name in figures.EXPERTS}
    pictures = list(made_up().x.transpose(0, 2, 1))
    rows = {"start": (pictures, None), "l2": (pictures, found["l2"].p)}
    figure = figures._grid(rows, ["one", "two", "three"], "title", found, ink=False)
    titles, below = (
        [text(axis) for axis in figure.axes] for text in (lambda a: a.get_title(), lambda a: a.get_xlabel())
    )
    assert titles[:3] == ["one", "two", "three"]
    assert below == ["", "", "", "p = 0.500", "p = 0.700", "p = 0.900"]
    assert "median distance from the nearest sample: l2 0.7, Gaussian RBM 0.7" in figure._supxlabel.get_text()
