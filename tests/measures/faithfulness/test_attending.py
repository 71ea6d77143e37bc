"""By how much the output changes where attention is permuted."""

import keras
import numpy as np
import pytest

from tests.helpers.stock_models import randomised
from thesis_rnn import explain
from thesis_rnn.measures import Scored
from thesis_rnn.measures.faithfulness.attending import attention_change


def model_of(scale):
    """Attention whose values the output sees by ``scale``: at 0 it does not matter where the model looks."""
    inputs = keras.Input((4, 3))
    attended = keras.layers.Attention(name="attend")([inputs, inputs])
    pooled = keras.layers.GlobalAveragePooling1D()(keras.layers.Rescaling(scale)(attended))
    return randomised(keras.Model(inputs, keras.layers.Dense(2)(pooled)))


def scored_by(model, x, method):
    record = explain(model, x, 1, method)
    return Scored(record.relevance, x, np.ones(len(x), int), explanation=record)


@pytest.mark.parametrize("scale", [0.0, 5.0])
def test_it_is_what_the_read_out_tells_and_nothing_where_the_output_does_not_see_it(scale):
    x = np.random.default_rng(0).normal(size=(3, 4, 3)).astype("float32")
    scored = scored_by(model_of(scale), x, "attention")
    change = attention_change(scored)
    np.testing.assert_array_equal(change, scored.explanation.details["change"])
    assert (change <= 1).all()
    assert (change > 1e-3).all() if scale else (change < 1e-6).all()


def test_it_says_nothing_of_a_method_that_reads_no_attention():
    x = np.ones((2, 4, 3), "float32")
    assert np.isnan(attention_change(scored_by(model_of(1.0), x, "gradient_x_input"))).all()
