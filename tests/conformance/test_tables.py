"""Every architecture, problem kind, method and measure works with the others, as the tables say.

By default every architecture meets one kind of problem, and every fourth one method, in turns that a new row enters by
itself; every method meets images or series, and every kind all measures; elsewhere those that are expensive are left
out. The full product, and a run of each architecture on each kind through all stages, has the marker slow.
"""

import re

import numpy as np
import pytest

import thesis_rnn
from tests.helpers.conformance import (
    ALL,
    KINDS,
    VARYING,
    Case,
    applying_measures,
    built,
    dataset,
    fitting_spec,
    is_explained_early,
    one_kind_each,
    problem,
    quick_measures,
    samples,
    settings_of,
    turn_of,
    with_small_box,
)
from tests.helpers.thinned import thinned
from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.attribution import explain_by, method_names
from thesis_rnn.data import Split
from thesis_rnn.errors import InputError
from thesis_rnn.measures import MEASURES, MeasureSpec, chosen_measures, given_by_split
from thesis_rnn.measures.scoring import score_model
from thesis_rnn.runs.pipeline import make_run
from thesis_rnn.runs.stored import read_heatmaps
from thesis_rnn.training.run_folder import RunFolder


def check_trains_and_returns(case, path):
    """Trains one step, saves and loads; returns the loaded model, which has the same weights and logits."""
    model, split = built(case), samples(case.kind)
    before = [np.copy(weight) for weight in model.get_weights()]
    one_class = np.full_like(split.y, split.y[0])  # two that balance would leave a network of dead neurons as it is
    loss = model.train_on_batch(split.x, one_class)[0]
    assert np.isfinite(loss)
    assert any((one != other).any() for one, other in zip(before, model.get_weights(), strict=True))
    model.save(path)
    loaded = thesis_rnn.load(path)
    loaded.run_eagerly = True
    for one, other in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    logits = [each.predict_on_batch(split.x) for each in (loaded, model)]
    np.testing.assert_allclose(*logits, rtol=1e-5, atol=1e-6)
    return loaded


def check_explains(model, kind, name, applying=quick_measures):
    """Explains the samples by a method and scores it by the measures that apply; False if the method refuses."""
    split, spec = samples(kind), fitting_spec(name, kind)
    try:
        record = explain_by(model, split.x, split.y, spec)
    except InputError as refusal:
        check_is_one_line(str(refusal))
        return False
    assert record.relevance.shape == split.x.shape
    assert np.isfinite(record.relevance).all()
    if split.lengths is not None:
        padded = np.arange(split.x.shape[1]) >= split.lengths[:, np.newaxis]
        assert (record.relevance[padded] == 0).all()
    if record.conserves:
        np.testing.assert_allclose(record.received + record.absorbed, record.explained, rtol=1e-3, atol=1e-4)
    measures = [MeasureSpec(measure) for measure in applying(given_by_split(split))]
    rows = score_model(model, split, [spec], measures, problem(kind), explain=lambda *_: record)
    check_rows(rows, spec, measures)
    return True


def check_is_one_line(refusal):
    assert re.fullmatch(r".+; received .+|layer .+ is not covered; .+", refusal)


def check_rows(rows, spec, measures):
    assert {row["method"] for row in rows if not row["method"].startswith("(")} == {spec.text}
    assert {row["measure"] for row in rows} <= {measure.text for measure in measures}
    assert all(np.isfinite(row["value"]) and row["n"] >= 1 for row in rows)


@pytest.fixture(scope="module", autouse=True)
def small_box():
    with with_small_box() as row:
        yield row


@pytest.fixture(scope="module")
def models(small_box):
    """Two models for each method, in the order of the kinds: the thesis' simplest, and Keras' simplest cell."""
    return {kind: built(Case("shallow" if kind == "majority" else "simple_rnn", kind)) for kind in TWO_KINDS}


OF_OTHER_MODELS = ("mutation_map", "counterfactual", "cam", "grad_cam", "grad_cam_plus_plus")
OF_OTHER_MODELS += (
    "attention",
    "attention_rollout",
    "attention_x_gradient",
    "beta_decomposition",
    "gamma_decomposition",
    "contributions",
)
"""Methods of tokens, of data beside the samples, or of layers that the two have not; their own tests meet them."""
TWO_KINDS = ("majority", "series with cells")


@pytest.mark.parametrize("case", thinned(one_kind_each()))
def test_an_architecture_trains_is_explained_and_scored_and_comes_back(case, tmp_path):
    model = check_trains_and_returns(case, tmp_path / "model.keras")
    if is_explained_early(case):
        assert check_explains(model, case.kind, turn_of(case)) or check_explains(model, case.kind, "sensitivity")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_scored_by_every_measure(kind):
    name = "lstm" if kind == "series with cells" else "simple_rnn"  # gates are met once
    assert check_explains(built(Case(name, kind)), kind, "lrp_epsilon", applying_measures)


@pytest.mark.parametrize("name", method_names())
def test_a_method_explains_images_or_series(name, models):
    turn = method_names().index(name) % 2  # the other kind where this one is refused
    explained = any(check_explains(models[kind], kind, name) for kind in (TWO_KINDS[turn], TWO_KINDS[not turn]))
    assert explained or name in OF_OTHER_MODELS


@pytest.mark.slow
@pytest.mark.parametrize("case", ALL, ids=str)
def test_an_architecture_with_each_kind_and_method(case, tmp_path):
    model = check_trains_and_returns(case, tmp_path / "model.keras")
    explained = [name for name in method_names() if check_explains(model, case.kind, name)]
    assert explained
    assert check_explains(model, case.kind, explained[0], applying_measures)


RUNS = [
    pytest.param(case, marks=() if case == Case("simple_rnn_mean", VARYING) else pytest.mark.slow, id=str(case))
    for case in ALL
]


@pytest.mark.parametrize("case", RUNS)
def test_a_run_is_explained_evaluated_and_reported_and_comes_back(case, tmp_path):
    settings, folder = settings_of(case, "gradient_x_input"), RunFolder(tmp_path / "run")
    table = make_run(settings, folder)
    [arrays] = read_heatmaps(folder).values()
    model = thesis_rnn.load(folder.path)
    assert model.name == case.architecture
    np.testing.assert_allclose(arrays["logits"], model.predict_on_batch(arrays["x"]), rtol=1e-4, atol=1e-5)
    rows = folder.read_metrics()["scores"]
    assert {row["measure"] for row in rows} <= set(applying_measures(given_by_split(samples(case.kind))))
    assert str(arrays["label"]) in table
    assert {"heatmaps.png", "steps.png"} <= {path.name for path in folder.path.iterdir()}


# ---- the rule that thins out the product


def test_every_row_is_met():
    cases = one_kind_each()
    assert {case.architecture for case in cases} == {case.architecture for case in ALL}
    assert {case.kind for case in cases} == set(KINDS)
    of_no_sample_here = {"others", "seeds", "valence", "negated"}
    given = set().union(*(given_by_split(samples(kind)) for kind in KINDS)) | of_no_sample_here
    assert [name for name in MEASURES if name not in applying_measures(given)] == []


# ---- what does not go together


@pytest.mark.parametrize("case", [case for case in ALL if case.architecture == "shallow"], ids=str)
def test_an_input_of_another_form_is_refused_in_one_line(case):
    split, model = samples(case.kind), built(case)
    for name in method_names():
        with pytest.raises(InputError, match=r"^x must have the shape [^\n]+; received [^\n]+$"):
            explain_by(model, split.x[:, :, :1], split.y, fitting_spec(name, case.kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_measure_that_needs_more_is_refused_in_one_line(kind):
    given = given_by_split(Split(*samples(kind)))
    for name in set(MEASURES) - set(applying_measures(given)):
        with pytest.raises(InputError, match=rf"^{name} needs [^\n]+; received '{name}'$"):
            chosen_measures(name, given)


@pytest.mark.parametrize("kind", KINDS)
def test_an_architecture_that_takes_other_inputs_is_refused_in_one_line(kind):
    form, _, steps = KINDS[kind]
    for name in set(ARCHITECTURES) - {case.architecture for case in ALL if case.kind == kind}:
        with pytest.raises(InputError, match=rf"^{form} .*need an architecture that .*; received '{name}'$"):
            thesis_rnn.build(name, steps, dataset=dataset(kind), masked=problem(kind).masked)
