"""Drawn architectures: boxes and arrows by hand, every size found again, nothing clipped or covered."""

import functools
import itertools

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from tests.helpers.small_networks import THESIS
from thesis_rnn.architectures import ARCHITECTURES, build
from thesis_rnn.errors import InputError
from thesis_rnn.layers import Dense, SelfAttention
from thesis_rnn.reporting.architecture.diagram import architecture_figure, draw_architecture
from thesis_rnn.reporting.architecture.drawing import bounds
from thesis_rnn.reporting.architecture.graph import Edge, architecture_graph

ORDINARY, STATIONARY = ("ordinary",), ("stationary",)
# Sizes that no architecture has by itself, and where each is written.
CHANGED = {
    "in1": 51,
    "in2": 52,
    "hidden": 53,
    "recur": 54,
    "out1": 55,
    "cells": 56,
    "conv1": 7,
    "conv2": 9,
    "conv3": 11,
}
WRITTEN = {
    "conv1": "conv1\n5x5x7",
    "conv2": "conv2\n3x3x9",
    "cells": "R-LSTM, 56 cells",
}
WRITTEN_IN_LENET = {"conv1": "conv1\n5x5x7", "conv2": "conv2\n5x5x9", "conv3": "conv3\n4x4x11"}


def model_of(name, **options):
    """Few steps build fast, and are drawn as many are; LeNet-5 needs a whole image."""
    return build(name, **({"steps": 4} if name == "lenet" else {"steps": 2}) | options)


@functools.cache
def default(name):
    return model_of(name)


def texts_of(axis):
    return [text.get_text() for text in axis.texts]


def drawn(model):
    axis = Figure(figsize=(9, 3)).add_subplot()
    draw_architecture(model, "title", axis)
    return axis


def test_shallow_by_hand():
    graph = architecture_graph(default("shallow"))
    boxes = {(node.title, node.size, node.row) for node in graph.nodes.values()}
    assert boxes == {("input", "28x7", 0), ("hidden", "256", 0), ("recur", "256", 1), ("logits", "10", 0)}
    # Shallow drops the hidden layer only where it feeds the recurrent one.
    assert set(graph.edges) == {
        Edge("input", "cell/hidden", "forward"),
        Edge("cell/hidden", "cell/recur", "recurrent", "", ORDINARY),
        Edge("cell/recur", "cell/hidden", "recurrent", "t-1"),
        Edge("cell/hidden", "logits", "forward", "t=T"),
    }
    assert graph.nodes["input"].below == "2 steps"
    # hidden (28 * 7 + 256) * 256 + 256, recurrent 256 * 256 + 256, logits 256 * 10 + 10: the thesis' Table 3.3
    assert graph.variables == 115_968 + 65_792 + 2_570 == 184_330


def test_deep_drops_everything_that_meets_in_the_cell():
    edges = {(edge.source, edge.target): edge.dropout for edge in architecture_graph(default("deep_sd")).edges}
    assert edges == {
        ("input", "in1"): (),
        ("in1", "cell/hidden"): STATIONARY * 2,  # the layer's own, and that of the cell on all it reads
        ("cell/hidden", "cell/recur"): STATIONARY,
        ("cell/recur", "cell/hidden"): STATIONARY,
        ("cell/hidden", "out1"): STATIONARY,
        ("out1", "logits"): (),
    }


@pytest.mark.parametrize(("name", "dropped", "gates"), [("rlstm", ORDINARY, ORDINARY), ("rlstm_sd", STATIONARY, ())])
def test_rlstm_by_hand(name, dropped, gates):
    """The equations of section 3.4.2, arrow by arrow; with stationary dropout, gates are not dropped."""
    graph = architecture_graph(default(name))
    assert set(graph.edges) == {
        Edge("input", "in1", "forward"),
        Edge("in1", "cell/join", "forward", "", dropped),
        Edge("cell/join", "cell/candidate", "forward"),
        *(Edge("cell/join", f"cell/{gate}_gate", "control") for gate in ("input", "forget", "output")),
        Edge("cell/candidate", "cell/written", "forward"),  # i * candidate
        Edge("cell/input_gate", "cell/written", "control", "", gates),
        Edge("cell/cell", "cell/kept", "recurrent", "t-1"),  # f * C_{t-1}
        Edge("cell/forget_gate", "cell/kept", "control", "", gates),
        Edge("cell/written", "cell/cell", "forward"),
        Edge("cell/kept", "cell/cell", "recurrent"),
        Edge("cell/cell", "cell/shown", "forward"),  # o * C_t
        Edge("cell/output_gate", "cell/shown", "control", "", gates),
        Edge("cell/shown", "cell/hidden", "forward"),
        Edge("cell/hidden", "cell/join", "recurrent", "t-1", dropped),
        Edge("cell/hidden", "logits", "forward", "t=T", dropped),
    }


@pytest.mark.parametrize("name", THESIS)
def test_every_changed_size_is_in_the_drawing(name):
    """Each size of the architecture is changed, and stands in its own box and in no drawing of the defaults."""
    sizes = {layer: CHANGED[layer] for layer in ARCHITECTURES[name].images.sizes}
    written = WRITTEN_IN_LENET if name == "lenet" else WRITTEN
    expected = [written.get(layer, f"{layer}\n{size}") for layer, size in sizes.items()]
    changed = texts_of(drawn(model_of(name, sizes=sizes, classes=13)))
    unchanged = texts_of(drawn(default(name)))
    assert set(expected) | {"logits\n13"} <= set(changed)
    assert not set(expected) & set(unchanged)
    assert "logits\n10" in unchanged


def test_parts_of_a_gated_cell_have_its_size():
    texts = texts_of(drawn(model_of("rlstm", sizes={"cells": 56})))
    parts = ("candidate", "cell", "hidden", "input\ngate", "forget\ngate", "output\ngate")
    assert {f"{part}\n56" for part in parts} <= set(texts)


def test_feature_maps_of_a_convolution_are_written_under_it():
    texts = texts_of(drawn(default("convdeep")))  # 28x7, its borders kept, halved twice, rounding up
    assert {"28x7x24", "14x4x24", "14x4x32", "7x2x32"} <= set(texts)


@pytest.mark.parametrize("name", THESIS)
def test_literal_connections_are_those_of_the_plus_architectures(name):
    edges = architecture_graph(default(name)).edges
    literal = [(edge.source, edge.target) for edge in edges if edge.kind == "literal"]
    assert literal == ([("conv1", "conv1"), ("conv2", "conv2")] if name.startswith("conv_plus") else [])


def test_lenet_sees_the_whole_image_at_once():
    graph = architecture_graph(default("lenet"))
    assert graph.nodes["input"].size == "28x28"
    assert {edge.kind for edge in graph.edges} == {"forward"}
    assert not any(edge.label for edge in graph.edges)


@pytest.mark.parametrize("name", ["deep", "rlstm"])
def test_a_single_step_has_no_loop(name):
    graph = architecture_graph(model_of(name, steps=1, columns=28))
    assert {edge.kind for edge in graph.edges} <= {"forward", "control"}
    assert graph.nodes["input"].below == "1 step"
    if name == "deep":
        assert graph.nodes["cell/recur"].below == "unused"
        assert graph.variables == 271_338  # with the unused ones: the thesis' Table 3.3


@pytest.mark.parametrize("name", ["shallow", "rlstm", "lenet"])
def test_without_dropout_there_are_no_dots(name):
    assert not any(edge.dropout for edge in architecture_graph(model_of(name, dropout=0.0)).edges)
    with_dots = architecture_graph(default(name)).edges
    axis = drawn(default(name))
    circles = [patch for patch in axis.patches if isinstance(patch, Circle)]
    joints = 4 if "lstm" in name else 0  # an R-LSTM has three products and a join
    assert len(circles) - joints == sum(len(edge.dropout) for edge in with_dots) > 0


@pytest.mark.parametrize("name", THESIS)
def test_nothing_is_clipped_or_covered(name):
    """All text inside the figure, titles and sizes inside their boxes, no two boxes or texts on each other."""
    model = default(name)
    figure = architecture_figure({ARCHITECTURES[name].title: model})
    figure.draw_without_rendering()
    texts = [text for text in figure.axes[0].texts if text.get_text()]
    extents = {text: text.get_window_extent() for text in texts}
    for text, extent in extents.items():
        assert figure.bbox.x0 <= extent.x0 < extent.x1 <= figure.bbox.x1, text.get_text()
        assert figure.bbox.y0 <= extent.y0 < extent.y1 <= figure.bbox.y1, text.get_text()
    for one, other in itertools.combinations(texts, 2):
        assert not extents[one].overlaps(extents[other]), (one.get_text(), other.get_text())
    boxes = [bounds([node]) for node in architecture_graph(model).nodes.values()]
    for (left, right, bottom, top), (left2, right2, bottom2, top2) in itertools.combinations(boxes, 2):
        assert right < left2 or right2 < left or top < bottom2 or top2 < bottom
    to_inches = figure.axes[0].transData.inverted()
    for text, extent in extents.items():
        if "\n" in text.get_text():
            inside = extent.transformed(to_inches)
            assert any(
                x0 <= inside.x0 and inside.x1 <= x1 and y0 <= inside.y0 and inside.y1 <= y1 for x0, x1, y0, y1 in boxes
            ), text.get_text()


def test_panels_stand_side_by_side_until_the_width_is_full():
    names = ("shallow", "deep", "convrlstm_sd")
    figure = architecture_figure({ARCHITECTURES[name].title: default(name) for name in names})
    first, second, third = (axis.get_position() for axis in figure.axes)
    assert first.x1 < second.x0 < second.x1 <= 1  # on one line
    np.testing.assert_allclose([first.y1, third.x0], [second.y1, first.x0], atol=1e-9)
    assert third.y1 < min(first.y0, second.y0)
    assert [axis.texts[0].get_text() for axis in figure.axes] == ["Shallow", "Deep", "ConvR-LSTM-SD"]
    assert figure.axes[0].texts[1].get_text() == "184,330 trainable variables"
    explained = [text.get_text() for text in figure.legends[0].get_texts()]
    assert explained == [
        "loop to the next step",
        "to and from gates",
        "dropout",
        "stationary dropout: one mask per sequence",
    ]


def test_a_figure_of_plain_forward_arrows_needs_no_legend():
    assert not architecture_figure({"LeNet-5": model_of("lenet", dropout=0.0)}).legends


def test_a_sequential_model_is_drawn_too():
    layers = [keras.Input((3, 4, 5)), keras.layers.Flatten(), Dense(6, name="only")]
    assert architecture_graph(keras.Sequential(layers)).edges == [Edge("input", "only", "forward")]


def test_cells_of_keras_are_one_box_with_a_loop():
    graph = architecture_graph(model_of("lstm"))
    assert graph.edges == [
        Edge("input", "in1", "forward"),
        Edge("in1", "cell", "forward", "", ORDINARY),
        Edge("cell", "cell", "recurrent", "t-1"),
        Edge("cell", "logits", "forward", "t=T", ORDINARY),
    ]
    assert (graph.nodes["cell"].title, graph.nodes["cell"].size) == ("LSTM", "72")


def test_series_are_drawn_by_their_features():
    graph = architecture_graph(build("gru", 6, features=4))
    assert [(node.title, node.size) for node in graph.nodes.values()] == [
        ("input", "4"),
        ("GRU", "5"),
        ("logits", "10"),
    ]


def test_bad_input():
    with pytest.raises(InputError, match=r"at least one model; received 0$"):
        architecture_figure({})
    inputs = keras.Input((3, 4, 5))
    flat = keras.layers.Flatten()(inputs)
    shared = Dense(60)
    branched = keras.layers.Add()([Dense(6)(flat), Dense(6, name="branch")(flat)])
    refused = {
        r"^\w+ must be a layer that can be drawn; received Conv2D$": keras.Model(
            inputs, keras.layers.Conv2D(2, 2)(inputs)
        ),
        r"^only must be a layer that can be drawn; received SelfAttention$": keras.Model(
            series := keras.Input((3, 4)), SelfAttention(2, 2, name="only")(series)
        ),
        r"received a branch at branch$": keras.Model(inputs, branched),
        r"received other outputs than": keras.Model(inputs, shared(shared(flat))),
        r"\[batch, steps, rows, columns\] or .*; received \(None, 20\)$": keras.Model(
            flat_input := keras.Input((20,)), Dense(2)(flat_input)
        ),
        r"\[batch, steps, rows, columns\] or .*; received none$": keras.Sequential([Dense(2)]),
    }
    for message, model in refused.items():
        with pytest.raises(InputError, match=message):
            architecture_graph(model)
