"""judge: from a model and samples to a table, a ranking and words."""

import re

import keras
import numpy as np
import pytest

import thesis_rnn
from thesis_rnn.attribution.stock.tokens import present_steps
from thesis_rnn.errors import InputError
from thesis_rnn.judging.candidates import candidates
from thesis_rnn.judging.judgement import COLUMNS
from thesis_rnn.judging.transfer import planted
from thesis_rnn.measures import Scored
from thesis_rnn.measures.stability.nearby import function_continuity

METHODS = "gradient_x_input; sensitivity; lrp_epsilon; saliency; lstm_arras_2017; simple_taylor"
RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 5, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    layers = [keras.Input((5, 3)), keras.layers.SimpleRNN(4), keras.layers.Dense(3, activation="softmax")]
    return keras.Sequential(layers)


@pytest.fixture(scope="module")
def judgement(model):
    return thesis_rnn.judge(model, X, methods=METHODS)


def test_a_row_for_each_method_and_measure(judgement):
    frame = judgement.to_frame()
    assert list(frame.columns) == list(COLUMNS)
    methods = {"gradient_x_input", "sensitivity", "lrp_epsilon", "saliency"}
    assert set(frame.method) == methods == set(judgement.ranking.methods) == set(judgement.seconds)
    assert judgement.left_out["lstm_arras_2017"] == "its maps are those of lrp_epsilon, on this model"
    assert judgement.left_out["simple_taylor"] == "its maps are those of gradient_x_input, on this model"
    of_one = set(frame[frame.method == "lrp_epsilon"].measure)
    assert {"selectivity", "comprehensiveness", "sufficiency", "log_odds_drop", "infidelity", "continuity"} <= of_one
    assert {"max_sensitivity", "randomisation", "agreement", "entropy", "gini", "absorbed_share"} <= of_one
    assert np.isfinite(frame[["value", "low", "high"]].to_numpy()).all()
    assert (frame.n <= 12).all()  # the half that did not rank
    assert judgement.ranking.n == 12


def test_the_continuity_of_the_output_stands_beside_that_of_maps(judgement, model):
    order = np.random.default_rng(0).permutation(24)[12:]
    x, target = X[order], model.predict(X, verbose=0).argmax(1)[order]
    logits = keras.Model(model.inputs[0], model.layers[0].output)
    kernel, bias = model.layers[-1].get_weights()
    given = {"predict": lambda x: np.asarray(logits(x)) @ kernel + bias, "explain": lambda x, _: x}
    scored = Scored(x, x, target, **given)
    value = float(re.search(r"The output itself has continuity ([\d.e-]+), ", " ".join(judgement.notes))[1])
    assert value == pytest.approx(np.nanmedian(function_continuity(scored)), rel=0.01)


def test_the_models_weights_are_as_they_were(model):
    before = model.get_weights()
    thesis_rnn.judge(model, X[:8], methods="gradient_x_input", measures="selectivity; randomisation")
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_scores_are_those_of_the_measure_on_the_second_half(judgement, model):
    order = np.random.default_rng(0).permutation(24)[12:]
    target = model.predict(X, verbose=0).argmax(1)
    record = thesis_rnn.explain(model, X[order], target[order], "gradient_x_input", dtype="float64")
    sizes = np.abs(record.relevance).reshape(12, -1)
    p = sizes / sizes.sum(1, keepdims=True)
    row = next(r for r in judgement.rows if r["method"] == "gradient_x_input" and r["measure"] == "entropy")
    np.testing.assert_allclose(row["value"], -(p * np.log(p)).sum(1).mean(), rtol=1e-6)


def test_the_page_says_what_to_use_and_files_are_written(judgement, tmp_path):
    assert judgement.recommendation.startswith(("Use ", "No method did better"))
    page = judgement.save(tmp_path / "out")
    assert {path.name for path in page.parent.iterdir()} == {
        "judgement.md", "judgement.html", "judgement.csv", "ranking.png", "curves.png"
    }  # fmt: skip
    text = page.read_text()
    assert all(part in text for part in ("## Ranking", "## Scores", "## Left out", "(chance)", "curves.png"))
    assert (page.parent / "judgement.csv").read_text().startswith(",".join(COLUMNS))


@pytest.mark.slow
def test_padding_is_not_scored_whether_told_or_masked():
    keras.utils.set_random_seed(1)
    layers = [keras.Input((5, 3)), keras.layers.Masking(), keras.layers.SimpleRNN(3), keras.layers.Dense(2)]
    masking = keras.Sequential(layers)
    lengths = np.arange(24) % 4 + 2
    x = np.where((np.arange(5) < lengths[:, None])[..., None], X, 0)
    np.testing.assert_array_equal(present_steps(masking, x), np.arange(5) < lengths[:, None])
    one, other = (
        thesis_rnn.judge(masking, x, 0, "gradient_x_input", "entropy; selectivity", lengths=given, background=1.0)
        for given in (None, lengths)
    )
    assert [row["value"] for row in one.rows] == [row["value"] for row in other.rows]
    assert one.rows[0]["value"] < np.log(9)  # of 3.5 steps on average, not of five


def test_tokens_are_judged_too():
    keras.utils.set_random_seed(2)
    layers = [keras.Input((6,)), keras.layers.Embedding(9, 3, mask_zero=True), keras.layers.SimpleRNN(3)]
    model = keras.Sequential([*layers, keras.layers.Dense(1, activation="sigmoid")])
    x = np.random.default_rng(0).integers(1, 9, (16, 6)).astype(np.int32)
    x[:8, 4:] = 0
    evidence = (x % 2).astype(int)
    judgement = thesis_rnn.judge(model, x.astype(float), methods="gradient_x_input; lrp_epsilon", evidence=evidence,
                                 valence=np.random.default_rng(1).normal(size=x.shape))  # fmt: skip
    measures = {row["measure"] for row in judgement.rows}
    assert {"selectivity", "log_odds_drop", "infidelity", "roc_auc", "valence_correlation"} <= measures
    assert "continuity" not in measures  # whole numbers, of whatever type: they are not varied by a little
    with pytest.raises(InputError, match="tokens must be whole numbers; received 0"):
        thesis_rnn.judge(model, x + 0.5 * (x == 0), methods="gradient_x_input")


def test_a_budget_leaves_out_and_says_so(model, capsys):
    judgement = thesis_rnn.judge(model, X, methods="gradient_x_input; sensitivity", budget=1e-3)
    assert judgement.left_out["sensitivity"] == "no time left in the budget"
    assert any("no time left in the budget" in reason for name, reason in judgement.left_out.items() if " of " in name)
    assert "about" in capsys.readouterr().err


def test_fast_methods_fit_the_data():
    fast = candidates("fast", X)
    texts = [spec.text for spec in fast.specs]
    assert "lrp(inputs=real)" in texts
    assert "integrated_gradients(points=16)" in texts
    assert "needs rule" in fast.left_out["composite"]
    assert "costs 200 gradients" in fast.left_out["learned_mask"]
    assert "says nothing of its cost" in fast.left_out["kernel_shap"]
    assert fast.left_out["lrp_alpha_beta"] == "the same as lrp(inputs=real)"
    pixels = [spec.text for spec in candidates("fast", np.zeros((1, 2, 4, 4), np.float32)).specs]
    assert any(text.startswith("lrp(low=0") for text in pixels)
    long = candidates("fast", np.zeros((1, 90, 2), np.float32))
    assert "30 gradients" in long.left_out["occlusion"]
    assert "occlusion" in [spec.text for spec in candidates("all", np.zeros((1, 90, 2), np.float32)).specs]


@pytest.mark.parametrize("shape", [(9, 6), (4, 6, 3)])
def test_planted_boxes_are_where_the_evidence_is(shape):
    split = planted(shape, 400, 0)
    marked, sign = split.evidence.astype(bool), (2 * split.y - 1).reshape(-1, *[1] * len(shape))
    assert (marked.reshape(400, -1).sum(1) == np.prod([length // 3 for length in shape])).all()
    assert abs((split.x * sign)[marked].mean() - 1) < 0.1
    assert abs(split.x[~marked].mean()) < 0.1


def test_planted_words_are_in_the_majority():
    split = planted((12,), 50, 0, words=9)
    counts = np.stack([(split.x == word).sum(1) for word in (1, 2)], axis=1)
    assert (counts.argmax(1) == split.y).all()
    assert (counts.sum(1) == 5).all()
    np.testing.assert_array_equal(split.evidence, split.x == 1 + split.y[:, None])


@pytest.mark.slow
def test_transfer_trains_a_copy(model):
    before = model.get_weights()
    judgement = thesis_rnn.judge(model, X, methods="gradient_x_input", measures="selectivity", transfer=True)
    assert "new copy of the architecture is right on" in judgement.notes[0]
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"x": X[:7]}, "x must be at least 8 samples"),
        ({"target": 3}, r"target must lie in 0\.\.2; received 3\.\.3"),
        ({"target": np.zeros(3, int)}, "target must have an entry for each of 24 samples; received 3"),
        ({"lengths": np.ones(2, int)}, "lengths must have an entry for each"),
        ({"methods": "nothing"}, "unknown attribution method"),
        ({"methods": []}, "methods are 'fast', 'all', or a list"),
        ({"measures": "beauty"}, "unknown measure"),
        ({"measures": "roc_auc"}, "no measure fits; roc_auc: needs evidence:cells"),
        ({"measures": "entropy"}, "methods are ranked by one of selectivity, .*; received entropy"),
        ({"methods": "guided_backprop"}, "no method applies; guided_backprop: guided backprop is defined for ReLU"),
    ],
)
def test_bad_input(model, more, message):
    given = {"x": X, "methods": "gradient_x_input", "measures": "selectivity"} | more
    with pytest.raises(InputError, match=message) as refusal:
        thesis_rnn.judge(model, **given)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) <= 400 or str(refusal.value).startswith("unknown")  # lists the known ones


@pytest.mark.slow
def test_models_of_other_seeds_are_asked_too(model):
    layers = [keras.Input((5, 3)), keras.layers.SimpleRNN(4, seed=7), keras.layers.Dense(3, "softmax")]
    other = keras.Sequential(layers)
    asked = {"methods": "gradient_x_input", "measures": "selectivity; seed_agreement"}
    same, other = (thesis_rnn.judge(model, X, models=[one], **asked).rows[1]["value"] for one in (model, other))
    assert same == pytest.approx(1)
    assert other < 0.9


@pytest.mark.parametrize(
    ("x", "given", "message"),
    [
        (X[:, :, :2], {}, r"x must have the shape \[n, 5, 3\] with n >= 1; received \[24, 5, 2\]"),
        (np.where(X > 2, np.nan, X), {}, "(x|pixels) must be finite"),
        (X, {"batch_size": 0}, "batch_size must be"),
        (X, {"budget": -1}, "budget must be more than 0 seconds; received -1"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(model, x, given, message):
    with pytest.raises(InputError, match=f"^{message}"):
        thesis_rnn.judge(model, x, 0, "gradient_x_input", **given)


def test_negated_texts_are_scored_and_tokens_of_no_vocabulary_refused():
    keras.utils.set_random_seed(0)
    layers = [keras.Input((6,), dtype="int32"), keras.layers.Embedding(9, 4, mask_zero=True), keras.layers.SimpleRNN(4)]
    model = keras.Sequential([*layers, keras.layers.Dense(2, "softmax")])
    x = np.tile([[2, 3, 8, 0, 0, 0], [2, 3, 7, 0, 0, 0]], (8, 1))
    valence = np.where(x == 8, 2.0, np.where(x == 7, -2.0, np.nan))
    given = {"valence": valence, "negated": np.insert(x, 2, 4, axis=1)[:, :6]}
    judgement = thesis_rnn.judge(model, x, 1, "gradient_x_input", "selectivity; negation", **given)
    row = [row for row in judgement.rows if row["measure"] == "negation"]
    assert all(0 <= one["value"] <= 1 for one in row)
    with pytest.raises(InputError, match=r"^tokens must lie in 0\.\.8"):
        thesis_rnn.judge(model, x + 3, 1, "gradient_x_input", "selectivity")


def test_what_is_no_model_is_refused():
    with pytest.raises(InputError, match=r"^model must be a Keras model or a callable; received a str"):
        thesis_rnn.judge("my.keras", X, 0, "occlusion", "selectivity")
    with pytest.raises(InputError, match=r"^prototypes are of Keras models; put a .*; received <function"):
        thesis_rnn.prototype(lambda x: x, 0, data=X)


def test_a_copy_is_not_trained_where_the_budget_ends_before(model, capsys):
    asked = {"methods": "gradient_x_input", "measures": "selectivity", "transfer": True}
    judgement = thesis_rnn.judge(model, X, budget=1e-6, **asked)
    assert judgement.left_out["transfer"].startswith("no time left in the budget, ")
    assert judgement.transfer == ()
    assert "about 0 s to go\n" in capsys.readouterr().err
