"""Scoring: rows by hand, whatever the size of a chunk, and the same numbers as each measure gives alone."""

import numpy as np
import pytest

import thesis_rnn
from thesis_rnn.attribution import explain_by, method_specs
from thesis_rnn.data.problem import Split
from thesis_rnn.measures import MEASURES, Measure, MeasureSpec, Scored, measure_specs
from thesis_rnn.measures.scoring import score, score_model, score_references
from thesis_rnn.statistics import mean_interval

KEYS = ["method", "label", "measure", "class", "step", "epoch", "value", "low", "high", "n"]


@pytest.fixture(scope="module")
def model():
    return thesis_rnn.build("shallow", steps=2, rows=6, columns=9, classes=3, sizes={"hidden": 4, "recur": 4})


@pytest.fixture(scope="module")
def split():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (20, 2, 6, 9)).astype(np.float32)
    return Split(x, rng.integers(0, 3, 20).astype(np.int32), np.tile([[1, 1, 0], [0, 1, 1]], (10, 1)))


def scored(values, target):
    """What is scored where the measure is the relevance itself."""
    values = np.asarray(values, float)
    return Scored(values, np.zeros(values.shape), np.asarray(target))


def rows_of(values, target, **row):
    with MEASURES.replaced("tried", Measure(lambda s: s.relevance, "stability", **row)):
        return score("m", [scored(values, target)], [MeasureSpec("tried")], "M")


def values_of(rows):
    return {(row["class"], row["step"]): row["value"] for row in rows}


# ---- rows by hand


def test_a_mean_with_its_interval():
    [row] = rows_of([1, 2, 3, np.nan], [0, 0, 1, 1])
    assert list(row) == KEYS
    mean, low, high, n = mean_interval([1, 2, 3])
    assert row == dict(zip(KEYS, ["m", "M", "tried", "", "", "", mean, low, high, n], strict=True))


@pytest.mark.parametrize(("summary", "value"), [("median", 2.0), ("sum", 7), ("largest", 4.0)])
def test_other_summaries_have_no_interval(summary, value):
    [row] = rows_of([1, 2, 4, np.nan], [0, 0, 1, 1], summary=summary)
    assert (row["value"], row["low"], row["high"], row["n"]) == (value, None, None, 3)


def test_one_sample_has_no_interval_and_none_has_no_row():
    [row] = rows_of([3], [0])
    assert (row["value"], row["low"], row["high"], row["n"]) == (3, None, None, 1)
    assert rows_of([np.nan, np.nan], [0, 1]) == []


def test_steps_count_from_1_and_classes_that_do_not_occur_have_no_rows():
    rows = rows_of([[1, 0], [3, 0], [8, 6]], [0, 0, 2], by_step=True, by_class=True)
    expected = {("", 1): 4, ("", 2): 2, (0, 1): 2, (0, 2): 0, (2, 1): 8, (2, 2): 6}
    assert values_of(rows) == expected


def test_expensive_measures_see_the_first_samples_together():
    seen = []

    def counted(sample):
        seen.append(len(sample.target))
        return sample.relevance

    chunks = [scored([float(i), i + 1.0], [0, 0]) for i in range(0, 10, 2)]
    with MEASURES.replaced("tried", Measure(counted, "stability", samples=5)):
        [row] = score("m", chunks, [MeasureSpec("tried")])
    assert seen == [5]
    assert (row["value"], row["n"]) == (2, 5)


def test_references_have_rows_of_their_own():
    measure = Measure(lambda s: s.relevance, "stability", references=lambda s: {"(ones)": np.ones(len(s.target))})
    with MEASURES.replaced("tried", measure):
        [row] = score_references(scored(np.zeros(7), np.zeros(7, int)), [MeasureSpec("tried")], chunk=3)
    assert (row["method"], row["label"], row["value"], row["n"]) == ("(ones)", "(ones)", 1, 7)


# ---- a model


def test_a_model_is_scored_as_each_measure_scores_it_alone(model, split):
    [spec] = method_specs("lrp(alpha=1.5, beta=0.5)")
    rows = score_model(model, split, [spec])
    record = explain_by(model, split.x, split.y, spec)
    alone = Scored(record.relevance, split.x, split.y, split.evidence, None, model.predict_on_batch, -1.0, True, record)
    of_method = {row["measure"]: row for row in rows if row["method"] == spec.text and row["step"] == ""}
    assert set(of_method) == {
        *("cosine", "evidence_percentage", "n_zero_relevance", "foreground_mass_accuracy", "step_flipping"),
        *("patch_flipping", "n_unexplained", "absorbed_share"),
    }
    for name, row in of_method.items():
        values = MEASURES[name].function(alone)
        total = {"sum": np.sum, "largest": np.max, "mean": np.mean}[MEASURES[name].summary]
        assert row["value"] == pytest.approx(total(values), rel=1e-5, abs=1e-7), name
        assert row["label"] == "LRP-a1.5b0.5"


def test_what_knows_nothing_stands_beside_in_brackets(model, split):
    rows = score_model(model, split, [], measure_specs("cosine; foreground_mass_accuracy; step_flipping; step_share"))
    found = {(row["method"], row["measure"]) for row in rows}
    assert found == {
        *((name, "cosine") for name in ("(uniform)", "(pixel mass)", "(last step)")),
        *(("(chance)", name) for name in ("foreground_mass_accuracy", "step_flipping")),
        ("(pixel mass)", "step_share"),
    }
    [uniform] = [row for row in rows if row["method"] == "(uniform)"]
    assert uniform["value"] == pytest.approx(2 / np.sqrt(6))


def test_scores_do_not_depend_on_how_many_samples_are_held_at_once(model, split):
    methods = method_specs("deep_taylor")
    at_once, in_chunks = (score_model(model, split, methods, chunk=chunk) for chunk in (500, 7))
    assert [{**row, "value": 0, "low": 0, "high": 0} for row in at_once] == [
        {**row, "value": 0, "low": 0, "high": 0} for row in in_chunks
    ]
    for one, other in zip(at_once, in_chunks, strict=True):
        assert one["value"] == pytest.approx(other["value"], rel=1e-4, abs=1e-6), one


def test_series_have_controls_and_chance():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(9, 6, 4)).astype(np.float32)
    evidence = np.zeros(x.shape, int)
    evidence[:, 1:3] = 1
    weights = rng.normal(size=(24, 2)).astype(np.float32)

    class Model:
        layers = ()

        def predict_on_batch(self, batch):
            return np.reshape(batch, (len(batch), -1)) @ weights

    split = Split(x, np.zeros(9, np.int32), evidence)
    rows = score_model(Model(), split, [], measure_specs("roc_auc; masked_accuracy(share=0.5)"))
    found = {(row["method"], row["measure"]): row["value"] for row in rows}
    assert [name for name, measure in found if measure == "roc_auc"] == [
        *("(uniform)", "(half_normal)", "(empty)", "(last_step)", "(oracle)")
    ]
    assert (found["(oracle)", "roc_auc"], found["(empty)", "roc_auc"]) == (1, 0.5)
    assert [name for name, measure in found if measure.startswith("masked")] == ["(random)", "(evidence)"]
