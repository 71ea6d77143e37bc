"""What TensorBoard shows of two runs in one folder, read with TensorBoard's own reader and its own web pages."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from matplotlib.figure import Figure
from tensorboard import program
from tensorboard.backend import application
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util
from werkzeug.test import Client

import thesis_rnn
from tests.helpers import tiny_run
from tests.helpers.front_end_process import run
from thesis_rnn import Explanation
from thesis_rnn.data import problem_of
from thesis_rnn.reporting.run_report import step_shares
from thesis_rnn.reporting.saving import png_of
from thesis_rnn.reporting.tensorboard import write_curves, write_projector, write_results
from thesis_rnn.training.checkpoints import read_history
from thesis_rnn.training.run_folder import RunFolder

LABELS = ("SA", "GB", "DTD", "LRP-a1.5b0.5")
METHODS = ("sensitivity", "guided_backprop", "deep_taylor", "lrp_alpha_1_5_beta_0_5")
SIZES = {"tensors": 0, "scalars": 0}  # keep everything


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs below one folder; the second is the first, told to have another seed."""
    home = tmp_path_factory.mktemp("logs")
    tiny_run.copy(home / "runs" / "0")
    second = tiny_run.copy(home / "runs" / "1")
    tiny_run.other_flags(second, seed=1)
    metrics = second.read_metrics()
    metrics["facts"]["accuracy"] = 0.125
    second.write_json(second.metrics, metrics)
    done = run("report", "--run_dir=runs/1", cwd=home)
    assert done.status == 0, done
    return home / "runs"


@pytest.fixture(scope="module")
def folder(runs):
    return RunFolder(runs / "0")


@pytest.fixture(scope="module")
def pages(runs):
    """A client of TensorBoard's web pages on the folder of both runs."""
    tensorboard = program.TensorBoard()
    tensorboard.configure([None, "--logdir", str(runs), "--load_fast=false"])
    multiplexer = EventMultiplexer(tensor_size_guidance=SIZES).AddRunsFromDirectory(str(runs))
    multiplexer.Reload()
    provider = MultiplexerDataProvider(multiplexer, str(runs))
    loaders = tensorboard.plugin_loaders
    return Client(application.TensorBoardWSGIApp(tensorboard.flags, loaders, provider, None, multiplexer))


def events(path):
    accumulator = EventAccumulator(str(path), size_guidance=SIZES)
    accumulator.Reload()
    return accumulator


def values(accumulator, tag):
    """The steps and numbers of a scalar."""
    assert accumulator.SummaryMetadata(tag).plugin_data.plugin_name == "scalars"
    logged = accumulator.Tensors(tag)
    return [event.step for event in logged], [float(tensor_util.make_ndarray(event.tensor_proto)) for event in logged]


# ---- of a run


@pytest.mark.parametrize(("split", "prefix"), [("train", ""), ("validation", "val_")])
def test_loss_and_accuracy_of_training_and_validation(folder, split, prefix):
    logged = events(folder.tensorboard / split)
    history = read_history(folder)
    for name in ("loss", "accuracy"):
        steps, numbers = values(logged, f"epoch_{name}")
        assert steps == [0, 1]
        np.testing.assert_allclose(numbers, [float(epoch[prefix + name]) for epoch in history], rtol=1e-6)


def test_a_histogram_of_every_weight_for_every_epoch(folder):
    logged = events(folder.tensorboard / "train")
    weights = thesis_rnn.load(folder.path).trainable_variables
    assert len(weights) == 6
    for variable in weights:
        tag = f"{variable.path}/histogram"
        assert logged.SummaryMetadata(tag).plugin_data.plugin_name == "histograms"
        last = logged.Tensors(tag)[-1]
        buckets = tensor_util.make_ndarray(last.tensor_proto)  # rows of left edge, right edge, count
        assert last.step == 1
        assert buckets[:, 2].sum() == np.prod(variable.shape)
        np.testing.assert_allclose([buckets[0, 0], buckets[-1, 1]], [np.min(variable), np.max(variable)], rtol=1e-4)


def test_inputs_with_heatmaps_of_each_method_as_images(folder):
    logged = events(folder.tensorboard / "report")
    figures = ["heatmaps", "steps", "scores", *(f"heatmaps/{method}" for method in METHODS)]
    assert set(figures) <= set(logged.Tags()["tensors"])
    for tag in figures:
        assert logged.SummaryMetadata(tag).plugin_data.plugin_name == "images"
        [event] = logged.Tensors(tag)
        width, height, image = tensor_util.make_ndarray(event.tensor_proto)
        assert image.startswith(b"\x89PNG")
        assert int(width) > 200
        assert int(height) > 100
    # An input and a heatmap below each other, against both of all methods: less high.
    heights = [int(tensor_util.make_ndarray(logged.Tensors(tag)[0].tensor_proto)[1]) for tag in figures]
    assert heights[3] < heights[0]


def test_relevance_per_time_step_beside_the_pixel_mass_in_one_chart(folder):
    # One tag in runs of their own is one chart with a curve for each.
    shares = step_shares(folder.read_metrics())
    assert {path.name for path in (folder.tensorboard / "steps").iterdir()} == {"(pixel mass)", *LABELS} == set(shares)
    for label, expected in shares.items():
        steps, numbers = values(events(folder.tensorboard / "steps" / label), "share_per_step")
        assert steps == [1, 2]
        np.testing.assert_allclose(numbers, expected, rtol=1e-6)


def test_the_account_of_methods_that_conserve(folder):
    logged = events(folder.tensorboard / "report")
    [stored] = [Explanation.load(path) for path in folder.heatmaps.glob("deep_taylor.npz")]
    for name in ("explained", "received", "absorbed"):
        assert values(logged, f"ledger/{name}/DTD")[1] == pytest.approx([getattr(stored, name).mean()], rel=1e-5)
    assert "ledger/explained/SA" not in logged.Tags()["tensors"]


def test_hidden_states_in_the_projector_with_their_classes(folder, pages):
    described = json.loads(pages.get("/data/plugin/projector/info", query_string={"run": "0/tensorboard/report"}).data)
    [shown] = described["embeddings"]
    with np.load(folder.path / "hidden.npz") as arrays:
        states, y, predicted = arrays["cell"], arrays["y"], arrays["logits"].argmax(axis=1)
    assert (shown["tensorName"], shown["tensorShape"]) == ("cell", list(states.shape))
    asked = {"run": "0/tensorboard/report", "name": "cell"}
    lines = pages.get("/data/plugin/projector/metadata", query_string=asked).data.decode().splitlines()
    assert lines[0] == "class\tpredicted"
    names = problem_of("digits_maj").class_names
    assert lines[1:] == [f"{names[a]}\t{names[b]}" for a, b in zip(y, predicted, strict=True)]
    sent = np.frombuffer(pages.get("/data/plugin/projector/tensor", query_string=asked).data, np.float32)
    np.testing.assert_allclose(sent.reshape(states.shape), states, rtol=1e-5)


def test_the_hyperparameters_of_a_run_in_the_plugin_s_own_format(folder):
    logged = events(folder.tensorboard / "report")
    content = logged.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    start = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info
    hyperparameters = {name: value.string_value or value.number_value for name, value in start.hparams.items()}
    assert hyperparameters == {
        "arch": "shallow",
        "dataset": "digits_maj",
        "steps": 2,
        "epochs": 2,
        "sequences_per_epoch": 200,
        "updates": 0,
        "patience": 0,
        "batch_size": 50,
        "learning_rate": 0.002,
        "schedule": "cosine",
        "dropout": 0.2,
        "fold": 0,
        "folds": 7,
        "seed": 0,
        "attention_variant": "mean",
        **dict.fromkeys(("units", "attention_units", "attention_hops", "attention_window", "attend_last_steps"), 0),
    }


# ---- on the pages


def session_groups(pages):
    query = {"startIndex": 0, "sliceSize": 10, "allowedStatuses": ["STATUS_UNKNOWN", "STATUS_SUCCESS"]}
    answer = pages.post("/data/plugin/hparams/session_groups", json=query)
    return json.loads(answer.data)["sessionGroups"]


def test_the_hparams_table_compares_the_runs_by_their_results(pages, folder):
    metrics = folder.read_metrics()
    [cosine] = [row["value"] for row in metrics["scores"] if (row["label"], row["measure"]) == ("DTD", "cosine")]
    groups = {group["hparams"]["seed"]: group for group in session_groups(pages)}
    assert set(groups) == {0.0, 1.0}
    for seed, accuracy in ((0.0, metrics["facts"]["accuracy"]), (1.0, 0.125)):
        results = {metric["name"]["tag"]: metric["value"] for metric in groups[seed]["metricValues"]}
        assert set(results) >= {"accuracy/test", "accuracy/validation", *(f"cosine/{label}" for label in LABELS)}
        np.testing.assert_allclose(results["accuracy/test"], accuracy, rtol=1e-6)
        np.testing.assert_allclose(results["cosine/DTD"], cosine, rtol=1e-6)


def test_the_hparams_table_has_a_column_for_each_result(pages):
    experiment = json.loads(pages.post("/data/plugin/hparams/experiment", json={}).data)
    columns = {metric["name"]["tag"] for metric in experiment["metricInfos"]}
    assert columns > {"accuracy/test", "accuracy/validation", *(f"cosine/{label}" for label in LABELS)}
    assert {parameter["name"] for parameter in experiment["hparamInfos"] if parameter["differs"]} == {"seed"}


def graph(pages, run_name):
    answer = pages.get(
        "/data/plugin/graphs/graph", query_string={"run": run_name, "tag": "keras", "conceptual": "true"}
    )
    assert answer.status_code == 200
    return text_format.Parse(answer.data.decode(), GraphDef())


def test_the_graph_connects_the_layers(pages):
    described = json.loads(pages.get("/data/plugin/graphs/info").data)
    assert set(described) == {"0/tensorboard/train", "1/tensorboard/train"}
    nodes = {node.name: list(node.input) for node in graph(pages, "0/tensorboard/train").node}
    assert nodes == {
        "shallow/sequence": [],
        "shallow/pixels": ["shallow/sequence"],
        "shallow/cell": ["shallow/pixels"],
        "shallow/logits": ["shallow/cell"],
    }


def test_the_graph_of_the_largest_architecture_is_read_too(tmp_path):
    model = thesis_rnn.build("conv_plus_rlstm_sd", 4)
    callback = keras.callbacks.TensorBoard(tmp_path)
    callback.set_model(model)
    callback.on_train_end()
    logged = events(tmp_path / "train")
    config = json.loads(tensor_util.make_ndarray(logged.Tensors("keras")[0].tensor_proto).item())
    assert [layer["config"]["name"] for layer in config["config"]["layers"]] == [layer.name for layer in model.layers]


def test_pages_list_runs_and_charts(pages):
    names = json.loads(pages.get("/data/runs").data)
    parts = ["report", "train", "validation", *(f"steps/{curve}" for curve in ("(pixel mass)", *LABELS))]
    assert sorted(names) == sorted(f"{seed}/tensorboard/{part}" for seed in (0, 1) for part in parts)


# ---- the writers


def test_a_new_report_replaces_the_one_before(tmp_path):
    for value in (0.25, 0.5):
        write_results(tmp_path / "report", {"seed": 1}, {"accuracy": value}, {})
        write_curves(tmp_path / "steps", "share", {f"method {value}": [value, 1 - value]})
    assert values(events(tmp_path / "report"), "accuracy") == ([0], [0.5])
    assert [path.name for path in (tmp_path / "steps").iterdir()] == ["method 0.5"]
    assert values(events(tmp_path / "steps" / "method 0.5"), "share") == ([1, 2], [0.5, 0.5])


def test_labels_of_points_hold_no_tabs_and_one_column_has_no_heading(tmp_path):
    write_projector(tmp_path, {"a/b": np.eye(2), "c": np.ones((2, 1))}, {"class": ["a\tb", "c\nd"]})
    assert (tmp_path / "labels.tsv").read_text() == "a b\nc d\n"
    assert (tmp_path / "points1.tsv").read_text() == "1\n1\n"
    assert 'tensor_name: "a/b"' in (tmp_path / "projector_config.pbtxt").read_text()


def test_a_picture_is_logged_as_it_is(tmp_path):
    figure = Figure(figsize=(2, 1))
    figure.add_axes((0, 0, 0.5, 1)).set(facecolor="red", xticks=[], yticks=[])
    write_results(tmp_path, {}, {}, {"scores": png_of(figure, dpi=50)})
    (logged,) = events(tmp_path).Tensors("scores")
    width, height, png = logged.tensor_proto.string_val
    pixels = tf.io.decode_png(png).numpy()
    assert (int(width), int(height), *pixels.shape) == (100, 50, 50, 100, 4)
    assert pixels[25, 25].tolist() == [255, 0, 0, 255]
    assert pixels[25, 75].tolist() == [255, 255, 255, 255]
