"""The architectures: the shapes they take and refuse, their seeds and dropout, and that they learn at once."""

import functools
import warnings

import keras
import numpy as np
import pytest

from tests.helpers.small_networks import SIZES, THESIS, small
from tests.helpers.thinned import thinned
from thesis_rnn import build
from thesis_rnn.architectures import ARCHITECTURES, architecture_names
from thesis_rnn.errors import InputError
from thesis_rnn.layers import Dropout, StationaryDropout, ZeroLogitCrossentropy
from thesis_rnn.support.hints import listed

every_architecture = pytest.mark.parametrize("name", THESIS)
EVERY_SEQUENTIAL = [name for name in THESIS if name != "lenet"]


@functools.cache
def built(name):
    """A model that tests look at and do not train."""
    return small(name, 3, seed=5)


# ---- any shape that fits


@pytest.mark.parametrize("name", EVERY_SEQUENTIAL)
@pytest.mark.parametrize(("steps", "rows", "columns", "classes"), [(1, 1, 1, 1), (3, 9, 14, 7)])
def test_any_steps_rows_columns_and_classes(name, steps, rows, columns, classes):
    sizes = {layer: SIZES[layer] for layer in ARCHITECTURES[name].images.sizes}
    model = build(name, steps, rows, columns, classes, sizes=sizes)
    assert model(np.zeros((2, steps, rows, columns))).shape == (2, classes)


@pytest.mark.parametrize(("steps", "rows", "columns"), [(1, 21, 21), (3, 21, 7), (2, 30, 20)])
def test_lenet_takes_images_of_21_pixels_and_more(steps, rows, columns):
    model = build("lenet", steps, rows, columns, classes=3, sizes={"conv1": 2, "conv2": 2, "conv3": 2})
    assert model(np.zeros((2, steps, rows, columns))).shape == (2, 3)


def test_lenet_puts_the_steps_side_by_side():
    whole = build("lenet", 1, 21, 21, seed=3)
    cut = build("lenet", 3, 21, 7, seed=3)
    image = np.random.default_rng(0).uniform(-1, 1, (2, 21, 21)).astype(np.float32)
    steps = np.stack([image[:, :, :7], image[:, :, 7:14], image[:, :, 14:]], axis=1)
    np.testing.assert_array_equal(cut(steps), whole(image[:, None]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"name": "VGG16"},
            f"unknown architecture; known ones are {listed(architecture_names())}; received 'VGG16'",
        ),
        (
            {"name": "Deep"},
            f"unknown architecture; known ones are {listed(architecture_names())}; did you mean deep?; received 'Deep'",
        ),
        ({"name": "rlstm", "sizes": {"hidden": 3, "cells": 4}}, "rlstm has sizes for in1, cells; received hidden"),
        ({"name": "rlstm", "sizes": {"cells": 0}}, "cells must be a whole number of at least 1; received 0"),
        ({"name": "rlstm", "steps": 0}, "steps must be a whole number of at least 1; received 0"),
        ({"name": "rlstm", "columns": 3.5}, "columns must be a whole number from 1 to 1000000; received 3.5"),
        ({"name": "rlstm", "classes": -2}, "classes must be a whole number from 1 to 1000000; received -2"),
        ({"name": "rlstm", "dropout": 1.0}, "dropout must be a number in [0, 1); received 1.0"),
        ({"name": "lenet", "steps": 4, "columns": 5}, "lenet needs images of at least 21x21; received 28x20"),
        ({"name": "lenet", "rows": 20}, "lenet needs images of at least 21x21; received 20x84"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(arguments, message):
    with pytest.raises(ValueError, match="received") as refusal:
        build(**arguments)
    assert str(refusal.value) == message


# ---- the seed


@every_architecture
def test_the_seed_decides_the_weights(name):
    one, twin, other = built(name), small(name, 3, seed=5), small(name, 3, seed=6)
    kernels = 0
    for variable, same, different in zip(one.weights, twin.weights, other.weights, strict=True):
        np.testing.assert_array_equal(variable, same)
        if "kernel" in variable.name:
            kernels += 1
            assert (variable.numpy() != different.numpy()).mean() > 0.9
    assert kernels >= 3


@every_architecture
def test_no_two_kernels_start_with_the_same_numbers(name):
    kernels = [variable.numpy() for variable in built(name).weights if "kernel" in variable.name]
    # Divided by their deviation, so that kernels of other fan-ins would be recognised too.
    starts = [tuple((kernel.ravel()[:4] * np.sqrt(np.prod(kernel.shape[:-1]))).round(4)) for kernel in kernels]
    assert len(set(starts)) == len(starts)


# ---- dropout, where the author's code has it


def ordinary(*names):
    return dict.fromkeys(names, Dropout)


DROPOUT_LAYERS = {
    "shallow": {},
    "deep": ordinary("in1_dropout"),
    "deep_sd": {"in1_dropout": StationaryDropout},
    "deep_v2": ordinary("in1_dropout", "in2_dropout"),
    "convdeep": ordinary("in1_dropout"),
    "conv_plus_deep": ordinary("in1_dropout"),
    "rlstm": ordinary("in1_dropout"),
    "rlstm_sd": {"in1_dropout": StationaryDropout},
    "convrlstm": ordinary("in1_dropout"),
    "convrlstm_sd": {"in1_dropout": StationaryDropout},
    "conv_plus_rlstm_sd": {"in1_dropout": StationaryDropout},
    "lenet": ordinary("flat_dropout"),
}


@every_architecture
def test_where_activations_are_dropped_outside_the_cell(name):
    """Behind in1 and in2, not behind convolutions, out1 or logits."""
    placed = {layer.name: type(layer) for layer in built(name).layers if isinstance(layer, Dropout)}
    assert placed == DROPOUT_LAYERS[name]


@pytest.mark.parametrize("name", EVERY_SEQUENTIAL)
def test_what_the_cell_drops(name):
    """See test_layers_dropout for what ``drop_all`` and ``stationary`` mean."""
    cell = built(name).get_layer("cell")
    assert cell.dropout_rate == 0.2
    assert cell.stationary == name.endswith("_sd")
    if hasattr(cell, "drop_all"):
        assert cell.drop_all == (name != "shallow")


@every_architecture
def test_dropout_acts_in_training_only(name):
    model = built(name)
    x = np.random.default_rng(0).uniform(-1, 1, (16, *model.input_shape[1:])).astype(np.float32)
    np.testing.assert_array_equal(model(x, training=False), model(x))
    assert (model(x, training=True).numpy() != model(x).numpy()).any()


# ---- learning


def examples(model):
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (8, *model.input_shape[1:])).astype(np.float32), rng.integers(0, 4, 8)


@pytest.mark.parametrize(("name", "steps"), [("shallow", 1), ("convrlstm_sd", 2)])
def test_a_built_model_fits_at_once(name, steps):
    model = small(name, steps)
    history = model.fit(*examples(model), batch_size=4, epochs=2, verbose=0).history
    assert set(history) == {"loss", "accuracy"}
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize(
    ("name", "steps"),
    [*((name, 3) for name in THESIS), *(("shallow", 1), ("rlstm", 1), ("convdeep", 1), ("lenet", 1))],
)
def test_every_variable_learns_and_nothing_warns(name, steps):
    """With one step, recur has nothing to learn from: it must neither move nor make Keras warn."""
    model = small(name, steps)
    model.run_eagerly = True  # a graph would take longer to make than to use
    before = [variable.numpy() for variable in model.trainable_variables]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(*examples(model), batch_size=8, epochs=1, verbose=0)
    for variable, start in zip(model.trainable_variables, before, strict=True):
        moved = (variable.numpy() != start).any()
        assert moved == (not (steps == 1 and "recurrent" in variable.name)), variable.path


def test_the_learning_rate_may_be_a_schedule():
    schedule = keras.optimizers.schedules.CosineDecay(2e-3, 100)
    assert float(small("rlstm", 1).optimizer.learning_rate) == pytest.approx(1e-3)
    model = build("rlstm", 1, 4, 4, learning_rate=schedule, sizes={"in1": 2, "cells": 2})
    assert float(model.optimizer.learning_rate) == pytest.approx(2e-3)


@pytest.mark.parametrize("name", thinned(THESIS))
def test_a_saved_model_computes_the_same_and_stays_compiled(name, tmp_path):
    model = built(name)
    x, _ = examples(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(x), model(x))
    np.testing.assert_array_equal(loaded(x, training=True), model(x, training=True))
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    assert type(loaded.loss) is type(model.loss)


# ---- every row, for images and for series

SHAPES = {"images": {"rows": 21, "columns": 11}, "series": {"features": 4}}
OTHERS = [name for name in ARCHITECTURES if name not in THESIS]
# The thesis' learn from images above; the others take turns, the slow run has all.
FORMS = [(name, "series") for name in THESIS if ARCHITECTURES[name].series]
OF_BOTH = [name for name in OTHERS if ARCHITECTURES[name].images and ARCHITECTURES[name].series]
FORMS += [(name, ("images", "series")[turn % 2]) for turn, name in enumerate(OF_BOTH)]
FORMS += [(name, "series") for name in OTHERS if not ARCHITECTURES[name].images]
LATE = [(name, ("series", "images")[turn % 2]) for turn, name in enumerate(OF_BOTH)]


@pytest.mark.parametrize(("name", "kind"), [*FORMS, *(pytest.param(*form, marks=pytest.mark.slow) for form in LATE)])
def test_every_row_builds_and_learns_with_its_loss(name, kind):
    form = getattr(ARCHITECTURES[name], kind)
    sizes = {layer: SIZES[layer] for layer in form.sizes}
    model = build(name, 2, classes=4, sizes=sizes, **SHAPES[kind])
    assert isinstance(model.loss, ZeroLogitCrossentropy) == (kind == "images")
    model.run_eagerly = True
    before = [variable.numpy() for variable in model.trainable_variables]
    assert np.isfinite(model.train_on_batch(*examples(model))[0])
    moved = [
        (variable.numpy() != start).any() for variable, start in zip(model.trainable_variables, before, strict=True)
    ]
    assert sum(moved) > len(before) / 2


def test_architectures_of_one_kind_say_so():
    without = [name for name in ARCHITECTURES if ARCHITECTURES[name].series is None]
    assert without == ["convdeep", "conv_plus_deep", "convrlstm", "convrlstm_sd", "conv_plus_rlstm_sd", "lenet"]
    assert set(architecture_names("series")) == set(ARCHITECTURES) - set(without)
    assert architecture_names() == list(ARCHITECTURES)
    with pytest.raises(InputError, match=r"^kind must be images, series or None; received 'title'$"):
        architecture_names("title")
    only_series = ["imv_lstm", "imv_lstm_full", "gru_d", "decay_rnn", "min_gru", "dual_attention"]
    assert [name for name in ARCHITECTURES if name not in architecture_names("images")] == only_series
    with pytest.raises(ValueError, match=r"^series need .* one of shallow, .*lstm.*; received 'convrlstm'$"):
        build("convrlstm", features=4)


def test_units_are_those_of_the_cell():
    assert build("rlstm", 2, units=9).get_layer("cell").units == 9
    assert build("deep", 2, units=9).get_layer("cell").hidden == 9
    assert build("gru", 2, features=3, units=9).get_layer("cell").units == 9
    with pytest.raises(ValueError, match=r"^lenet has sizes for conv1, conv2, conv3; received units$"):
        build("lenet", units=9)


@pytest.mark.parametrize(("name", "kind"), [("lstm", Dropout), ("lstm_sd", StationaryDropout)])
def test_a_cell_of_keras_stands_where_the_r_lstm_stands(name, kind):
    model, twin = build(name, 3, dropout=0.3), build("rlstm", 3)
    names = [layer.name for layer in model.layers]
    assert [other for other in names if other != "cell_dropout"] == [layer.name for layer in twin.layers]
    assert type(model.get_layer("in1_dropout")) is kind
    assert type(model.get_layer("cell_dropout")) is Dropout  # of one vector a sequence
    assert {model.get_layer(f"{site}_dropout").rate for site in ("in1", "cell")} == {0.3}


# ---- by the name of a problem


@pytest.mark.parametrize(
    ("dataset", "shape", "classes", "rate"), [("digits_maj", (12, 28, 7), 10, 0.2), ("box_earlier", (100, 100), 2, 0.1)]
)
def test_a_problem_says_shape_classes_loss_and_dropout(dataset, shape, classes, rate):
    model = build("gru", dataset=dataset)
    assert model.input_shape == (None, *shape)
    assert model.output_shape == (None, classes)
    assert model.get_layer("cell_dropout").rate == rate
    assert isinstance(model.loss, ZeroLogitCrossentropy) == (dataset == "digits_maj")


def test_a_problem_takes_a_number_of_steps_and_nothing_else_of_the_shape():
    assert build("shallow", 2, dataset="digits").input_shape[1] == 2
    with pytest.raises(ValueError, match=r"^dataset='digits' says the shape and the classes; received rows too$"):
        build("shallow", rows=3, dataset="digits")
