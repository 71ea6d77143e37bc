"""The tutorial's advice on structure: the networks follow it, the table has a row for each."""

import keras
import numpy as np
import pytest

from thesis_rnn.layers import NonPositive, StepPooling
from thesis_rnn.papers.montavon_2018 import advice_table
from thesis_rnn.papers.montavon_2018.advice import ADVICE, advised_network


@pytest.mark.parametrize("name", ADVICE)
def test_a_network_follows_its_advice(name):
    advice, layers = ADVICE[name], advised_network(ADVICE[name]).layers
    dense = [layer for layer in layers if isinstance(layer, keras.layers.Dense)]
    dropout = [layer for layer in layers if isinstance(layer, keras.layers.Dropout)]
    [pooling] = [layer for layer in layers if isinstance(layer, StepPooling)]
    assert (len(dense), len(dropout)) == ((2, 1) if "few" in advice else (4, 0))
    assert pooling.kind == ("sum" if "sum" in advice else "max")
    constrained = [isinstance(layer.bias_constraint, NonPositive) for layer in dense]
    assert all(constrained) if "biases" in advice else not any(constrained)


@pytest.mark.slow
def test_the_table_has_a_row_for_each():
    table = advice_table(1, samples=40, epochs=1, test=4)
    assert [row[0] for row in table.rows] == list(ADVICE)
    assert all(np.isfinite(float(cell)) for row in table.rows for cell in row[1:])
