"""Listings: every row of every table is there, in lines that fit a terminal."""

import pytest

from thesis_rnn.analysis import ANALYSES
from thesis_rnn.architectures import architecture_names
from thesis_rnn.attribution import method_names
from thesis_rnn.attribution.composites.composite import COMPOSITES
from thesis_rnn.attribution.rules import RULES
from thesis_rnn.attribution.stock import covered_names
from thesis_rnn.cli.listings import LISTINGS, WIDTH, listing
from thesis_rnn.data import PROBLEMS
from thesis_rnn.errors import InputError
from thesis_rnn.measures import MEASURES
from thesis_rnn.training.zoo import zoo_card, zoo_names

NAMES = {
    "": list(LISTINGS),
    "problems": [*PROBLEMS, "file:PATH"],
    "architectures": architecture_names(),
    "methods": method_names(),
    "measures": list(MEASURES),
    "composites": list(COMPOSITES),
    "rules": list(RULES),
    "covered-layers": covered_names(),
    "zoo": zoo_names(),
    "analyses": list(ANALYSES),
}


def test_what_can_be_listed_is_tested_here():
    assert set(NAMES) == {"", *LISTINGS}


@pytest.mark.parametrize("what", NAMES)
def test_every_row_is_listed_once_in_lines_that_fit(what):
    lines = listing(what).splitlines()
    assert [line.split()[0] for line in lines[2:] if not line.startswith(" ")] == NAMES[what]
    assert max(map(len, lines)) <= WIDTH


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("problems", ["12 x 28 x 7", "blocks", "patience 50", "Ismail et al."]),
        ("architectures", ["ConvR-LSTM-SD", "cells 72", "units 5", "Chormai (2018)"]),
        ("methods", ["alpha=1.5", "Bach et"]),
        ("measures", ["faithfulness", "lower", "threshold=0.05", "evidence:cells"]),
        ("composites", ["Montavon et"]),
        ("rules", ["epsilon=0.001", "bias=absorb"]),
        ("analyses", ["depth=4", "Karpathy et al."]),
        ("zoo", ["LRP-a1.5b0.5", f"{zoo_card('deep/mnist_maj')['accuracy']:.4f}"]),
    ],
)
def test_rows_tell_parameters_and_sources(what, words):
    text = listing(what)
    assert [word for word in words if word not in text] == []


def test_what_cannot_be_listed_is_refused_with_what_can():
    expected = r"^what can be listed is problems, .*, zoo; did you mean measures\?; received 'measure'$"
    with pytest.raises(InputError, match=expected):
        listing("measure")
