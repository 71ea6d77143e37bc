"""Every covered layer of Keras: explained as it computes, accounted for, and left as it was."""

import keras
import numpy as np
import pytest

from tests.helpers.stock_models import COVERED, samples
from tests.helpers.thinned import thinned
from thesis_rnn import explain
from thesis_rnn.attribution.stock import covered_names
from thesis_rnn.attribution.stock.graph import operations_of

ALIKE = {"AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D", "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D"}
ALIKE |= {"Embedding", "ReversibleEmbedding", "SpatialDropout3D", "SpectralNormalization"}
ALIKE |= {"SimpleRNNCell", "LSTMCell", "GRUCell"}
"""Tested through another of their kind, or with tokens."""

SLOW = {
    *("SimpleRNN", "GRU", "BatchNormalization", "Conv1D, causal", "ReLU, leaky", "Conv1D, grouped", "Conv3D"),
    *("DepthwiseConv1D", "SeparableConv2D", "Conv2DTranspose", "Conv3DTranspose", "ConvLSTM2D", "ConvLSTM3D"),
    *("Bidirectional, None", "Attention, concat", "GroupQueryAttention", "GlobalMaxPooling3D", "UpSampling3D"),
    *("Multiply, wavenet", "transformer", "own subclass", "Dot, attention", "LayerNormalization, axes", "Tensordot"),
    *("Cumsum", "Maximum", "Activation, many", "RMSNormalization", "AdaptiveMaxPooling1D", "Softmax, of a signal"),
    *("DepthwiseConv2D", "Multiply, signals", "UpSampling2D", "Max", "Square", "own attention", "Rescaling"),
}
"""Others of their kind run every time."""


def inbound_nodes(model):
    """How often each layer is called, in nested models too."""
    return [
        (layer.name, len(layer._inbound_nodes), inbound_nodes(layer) if isinstance(layer, keras.Model) else [])
        for layer in model.layers
    ]


@pytest.mark.slow
def test_every_covered_layer_class_has_a_case():
    """Operations are covered in groups, which run the same code."""
    met = {type(operation) for build in COVERED.values() for operation in operations_of(build())}
    classes = {name for name in covered_names() if hasattr(keras.layers, name)}
    missing = classes - {kind.__name__ for kind in met} - ALIKE
    assert not missing


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) for name in COVERED if name in SLOW]
    + thinned([name for name in COVERED if name not in SLOW], every=2),
)
def test_covered_layers_are_explained_and_left_alone(name):
    model = COVERED[name]()
    x = samples(model)
    if name == "Masking":
        x[0, 2:] = 0
    config, weights, nodes = model.to_json(), model.get_weights(), inbound_nodes(model)
    logits = model(x).numpy()
    explanation = explain(model, x, 0, "lrp_epsilon", epsilon=0.01, ledger=True)
    np.testing.assert_allclose(explanation.logits, logits, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(explanation.explained, logits[:, 0], rtol=1e-4, atol=1e-5)
    assert explanation.relevance.shape == x.shape
    total = abs(explanation.relevance).sum() + abs(explanation.explained).sum()
    assert abs(explanation.relevance).max() > 1e-3
    assert abs(explanation.unaccounted).max() <= 1e-5 * total
    assert model.to_json() == config
    assert inbound_nodes(model) == nodes
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("name", ["Dense", "Conv2D, same", "MaxPooling1D", "Average", "nested"])
def test_alpha_beta_on_real_inputs_is_accounted_for(name):
    model = COVERED[name]()
    x = samples(model, 8)
    target = model(x).numpy().argmax(axis=1)
    explanation = explain(model, x, target, method="lrp", inputs="real", alpha=2, ledger=True)
    assert (explanation.explained > 0).any()
    assert abs(explanation.unaccounted).max() <= 1e-5 * abs(explanation.relevance).sum()


def test_a_saved_model_is_the_same_before_and_after(tmp_path):
    model = COVERED["nested"]()
    model.save(tmp_path / "before.keras")
    explain(model, samples(model), 0, "lrp_epsilon")
    model.save(tmp_path / "after.keras")
    before, after = (keras.models.load_model(tmp_path / f"{name}.keras") for name in ("before", "after"))
    assert before.to_json() == after.to_json()
    np.testing.assert_array_equal(before(samples(model)), after(samples(model)))
