"""What is covered is told beforehand, and as it then is."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import thesis_rnn
from tests.helpers.stock_models import OwnAttention, chain, dense, graph, samples
from thesis_rnn.errors import InputError


def test_layers_are_told_with_their_primitives():
    model = chain(
        dense(3, "relu", name="below"), layers.LayerNormalization(name="norm"), layers.Dropout(0.1, name="drop")
    )
    told = {row.layer: row for row in thesis_rnn.coverage(model)}
    assert told["below"].by == "affine, rectify"
    assert told["norm"].by == "affine, normalise"
    assert told["drop"].by == "passed on"
    assert thesis_rnn.coverage(model).covered


def test_a_layer_of_the_users_own_is_told_by_what_it_is_made_of():
    [row] = [row for row in thesis_rnn.coverage(graph(OwnAttention())) if row.kind == "OwnAttention"]
    assert row.covered
    assert {"product", "softmax"} <= set(row.by.split(", "))


def test_what_is_told_is_what_happens():
    model = graph(lambda x: dense(name="above")(layers.Lambda(lambda t: ops.sin(t), name="wave")(x)))
    told = thesis_rnn.coverage(model)
    assert [row.layer for row in told if not row.covered] == ["wave"]
    assert "no   layer 'wave' of class Lambda: its call uses keras.ops Sin" in str(told)
    [row] = [row for row in told if not row.covered]
    with pytest.raises(InputError) as refusal:
        thesis_rnn.explain(model, samples(model), 0, "lrp_epsilon")
    assert str(refusal.value) == row.reason


def test_nothing_changes():
    model = chain(layers.BatchNormalization(), layers.LSTM(2), shape=(3, 3))
    weights, nodes = model.get_weights(), [len(layer._inbound_nodes) for layer in model.layers]
    thesis_rnn.coverage(model)
    assert [len(layer._inbound_nodes) for layer in model.layers] == nodes
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)


def test_a_model_without_a_graph_is_refused():
    with pytest.raises(InputError, match=r"^a subclassed model is followed on samples"):
        thesis_rnn.coverage(type("Mine", (keras.Model,), {})())
