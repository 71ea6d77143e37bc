"""Every row of the table of measures: what it takes, what it gives, and that the oracle is no worse than chance."""

import numpy as np
import pytest

from thesis_rnn import Explanation
from thesis_rnn.data import PROBLEMS
from thesis_rnn.data.problem import Problem, Split
from thesis_rnn.errors import InputError
from thesis_rnn.measures import MEASURES, Scored, chosen_measures, given_by_problem, given_by_split, measure_specs
from thesis_rnn.measures.measure import NEEDS

N = 12


class NoWeights:
    """What is shuffled of a model: nothing."""

    layers = ()

    def get_weights(self):
        return []

    def set_weights(self, weights):
        assert weights == []


def scored(form, seed=0):
    """Signed relevance of images with evidence by blocks, or of series or tokens with evidence by cells."""
    rng = np.random.default_rng(seed)
    shape = {"images": (N, 6, 8, 4), "series": (N, 12, 5), "tokens": (N, 12)}[form]
    x = rng.integers(1, 9, size=shape) if form == "tokens" else rng.uniform(-1, 1, shape).astype(np.float32)
    if form == "images":
        evidence = np.tile([[1, 1, 0], [0, 1, 1], [1, 0, 1]], (N // 3, 1))
        x[:, 2:4] = -1  # a dark block
    else:
        evidence = np.zeros(shape, int)
        evidence[:, 3:7] = 1
    target = rng.integers(0, 3, N)
    relevance, weights = rng.normal(size=shape), rng.normal(size=(int(np.prod(shape[1:])), 3))
    record = Explanation(relevance, np.zeros((N, 3)), target, np.ones(N), np.ones(N), "lrp", conserves=True)

    def predict(batch):
        return batch.reshape(len(batch), -1) @ weights

    def explain(batch, target):
        moved = batch - np.resize(x, batch.shape)
        return relevance[np.arange(len(batch)) % N] + 0.01 * moved

    return Scored(
        relevance,
        x,
        target,
        evidence,
        predict=predict,
        explanation=record,
        explain=explain,
        model=NoWeights(),
        others={"another": relevance**2},
        seeds={"model 0": relevance**2},
        valence=rng.normal(size=shape) if form == "tokens" else None,
        negated=np.insert(x, 3, 1, axis=1)[:, :-1] if form == "tokens" else None,
    )


def fitting():
    for form in ("images", "series", "tokens"):
        sample = scored(form)
        given = given_by_split(Split(sample.x, sample.target, sample.evidence)) | {"others", "seeds"}
        given |= {"valence", "negated"} if form == "tokens" else set()
        for name in MEASURES:
            if set(MEASURES[name].needs) <= given:
                yield pytest.param(name, form, id=f"{name}-{form}")


FITTING = list(fitting())


def test_every_measure_is_tried():
    assert {case.values[0] for case in FITTING} == set(MEASURES)


@pytest.mark.parametrize(("name", "form"), FITTING)
def test_a_finite_value_for_every_sample(name, form):
    sample, measure = scored(form), MEASURES[name]
    x, relevance = sample.x.copy(), sample.relevance.copy()
    values = measure.function(sample)
    assert values.shape == ((N, sample.x.shape[1]) if measure.by_step else (N,))
    left_out = name in ("negation", "attention_change")  # where the model knows none, or the method reads none
    assert np.isfinite(values.astype(float)).all() or left_out
    if measure.family != "cost":  # no two waits are alike
        np.testing.assert_array_equal(values, measure.function(sample))  # chance is seeded
    np.testing.assert_array_equal(sample.x, x)
    np.testing.assert_array_equal(sample.relevance, relevance)


@pytest.mark.parametrize(("name", "form"), FITTING)
def test_samples_are_scored_one_by_one(name, form):
    if MEASURES[name].samples or MEASURES[name].needs == ("explanation",):
        pytest.skip("ties are drawn for all samples at once; records are not cut")
    sample, function = scored(form), MEASURES[name].function
    np.testing.assert_allclose(function(sample)[:5], function(sample.first(5)), rtol=1e-12)


@pytest.mark.parametrize(("name", "form"), FITTING)
def test_the_oracle_is_at_least_as_good_as_chance(name, form):
    sample, measure = scored(form), MEASURES[name]
    if not (measure.chance and measure.oracle):
        pytest.skip("nothing knows nothing, or all")
    chance, oracle = (measure.function(sample.beside(maps(sample))) for maps in (measure.chance, measure.oracle))
    sign = 1 if measure.better == "higher" else -1
    assert (sign * (oracle - chance) >= -1e-12).all()


@pytest.mark.parametrize(("name", "form"), FITTING)
def test_references_are_heatmaps_with_names_in_brackets(name, form):
    sample, measure = scored(form), MEASURES[name]
    for reference, heatmaps in (measure.references(sample) if measure.references else {}).items():
        assert reference.startswith("(")
        assert reference.endswith(")")
        assert heatmaps.shape == sample.x.shape
        assert np.isfinite(measure.function(sample.beside(heatmaps)).astype(float)).all() or name == "half_life"


def test_rows_say_what_they_are():
    for name in MEASURES:
        measure = MEASURES[name]
        assert measure.title, name
        assert measure.better in ("higher", "lower", ""), name
        assert set(measure.needs) <= set(NEEDS), name
        assert measure.summary in ("mean", "median", "sum", "largest"), name


# ---- specifications


def test_a_list_is_read_and_written_back():
    specs = measure_specs("cosine; step_flipping( removed=3 ); patch_flipping(30, 2)")
    assert [spec.text for spec in specs] == ["cosine", "step_flipping(removed=3)", "patch_flipping(removed=30, size=2)"]
    assert specs == measure_specs("; ".join(spec.text for spec in specs))
    assert specs[1].measure is MEASURES["step_flipping"]
    assert specs[1].title == "step flipping (removed=3)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cosin", r"unknown measure; .* did you mean cosine\?; received 'cosin'"),
        ("cosine(blocks=3)", r"cosine has no parameters; received cosine\(blocks=3\)"),
        ("step_flipping(n=3)", r"has the parameters removed, each once; received step_flipping\(n=3\)"),
        ("step_flipping(3, removed=3)", r"each once; received step_flipping\(3, removed=3\)"),
        ("step_flipping(3, 4)", r"each once; received step_flipping\(3, 4\)"),
        ("step_flipping(removed=half)", "removed of step_flipping must be a whole number; received 'half'"),
        ("cosine; cosine", "name each measure once; received cosine twice"),
        ("cosine;", "separated by semicolons; received 'cosine;'"),
    ],
)
def test_wrong_lists_are_one_line(text, message):
    with pytest.raises(InputError, match=message + "$"):
        measure_specs(text)


class Source:
    def __init__(self, *shape, evidence=None):
        self.sample, self.evidence = shape, evidence

    def shape(self, steps):
        return self.sample


def usual(problem):
    return [spec.name for spec in chosen_measures("", given_by_problem(problem))]


def test_usual_measures_follow_the_problem():
    images = ["foreground_mass_accuracy", "step_flipping", "patch_flipping"]
    everywhere = ["n_unexplained", "absorbed_share", "step_share"]
    blocks = ["cosine", "evidence_percentage", "n_zero_relevance"]
    assert set(usual(Problem("", Source(12, 28, 7, evidence="blocks"), "bounded"))) == {*blocks, *images, *everywhere}
    assert set(usual(Problem("", Source(12, 28, 7), "bounded"))) == {*images, *everywhere}
    assert set(usual(Problem("", Source(100, 9)))) == {"masked_accuracy", "half_life", *everywhere}
    cells = set(usual(Problem("", Source(100, 9, evidence="cells"))))
    assert {"roc_auc", "weighted_jaccard", "time_cosine", "masked_accuracy", "half_life"} <= cells
    assert cells.isdisjoint([*blocks, *images])


def test_a_named_measure_that_does_not_fit_is_refused():
    given = given_by_problem(Problem("", Source(100, 9, evidence="cells")))
    assert [spec.name for spec in chosen_measures("step_flipping; roc_auc", given)] == ["step_flipping", "roc_auc"]
    with pytest.raises(InputError, match=r"^cosine needs evidence by column blocks; here .* fits; received 'cosine'$"):
        chosen_measures("cosine", given)


@pytest.mark.parametrize("name", list(PROBLEMS))
def test_the_measures_that_problems_declare_fit_them(name):
    problem = PROBLEMS[name]
    assert chosen_measures(problem.measures, given_by_problem(problem))
