"""``judge``: every applicable method, scored on the user's own model and data."""

import inspect
import time
from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.inputs.models import graph_or_callable
from thesis_rnn.attribution.inputs.samples import read_samples
from thesis_rnn.data.problem import Split
from thesis_rnn.errors import InputError
from thesis_rnn.judging import scores
from thesis_rnn.judging.candidates import candidates
from thesis_rnn.judging.judgement import Judgement
from thesis_rnn.judging.ranking import ranked
from thesis_rnn.judging.subject import Subject, in_order, subject_of
from thesis_rnn.judging.transfer import training_seconds
from thesis_rnn.judging.wording import recommendation
from thesis_rnn.measures import MEASURES as TABLE
from thesis_rnn.measures import MeasureSpec, given_by_split, measure_specs, selectivity_curve
from thesis_rnn.measures.reference_maps import uniform_noise
from thesis_rnn.measures.stability.nearby import function_continuity
from thesis_rnn.reporting.tables import short
from thesis_rnn.support import progress
from thesis_rnn.support.checks import at_least_one, checked

MEASURES = (
    "selectivity",
    "comprehensiveness",
    "sufficiency",
    "log_odds_drop",
    "infidelity",
    "roc_auc",
    "mass_accuracy",
    "cosine",
    "valence_correlation",
    "negation",
    "randomisation",
    "continuity",
    "max_sensitivity",
    "agreement",
    "seed_agreement",
    "entropy",
    "gini",
    "absorbed_share",
)
"""What is asked where nobody says otherwise, the most telling first; those that the samples do not fit are left out."""
RANKING = ("faithfulness", "localisation", "human")
"""Families of measures that rank."""
LEAST = 8
"""Samples without which nothing is said."""


@checked
def judge(
    model,
    x,
    target=None,
    methods="fast",
    measures=None,
    *,
    lengths=None,
    evidence=None,
    valence=None,
    negated=None,
    models: Sequence = (),
    background: float | None = None,
    outputs: str | None = None,
    head: int = 0,
    step: int | None = None,
    channels_last: bool = False,
    transfer: bool = False,
    budget: float | None = None,
    dtype: str = "float64",
    batch_size: int = 500,
    seed: int = 0,
) -> Judgement:
    """Scores every method that applies to ``model`` on ``x``: which explanation of this model can be trusted?

    The samples are shuffled and cut in two: one half ranks the methods, the other gives the scores that are told, so
    that the winner's scores are not flattered by the choice. Methods that refuse the model or the data are listed with
    the reason.

    Args:
      model: what ``explain`` takes, with one input. A copy of it is used; the model itself is only read. Any callable
        f(x) -> outputs [n, classes] is judged by methods and measures that need its values alone or, where it computes
        in TensorFlow, its gradients; the others are left out, by name.
      x: at least 8 samples, ``[n, steps, features]``, tokens ``[n, steps]`` or images of four axes.
      target: the class or classes to explain; by default the predicted ones.
      methods: "fast", all within 20 gradients' cost; "all"; or a text or list of methods.
      measures: a text such as "selectivity(fill=mean); entropy"; by default all that fit and train nothing.
      lengths: ``[n]``, own steps of padded samples. Steps that the model's ``Masking`` or ``Embedding(mask_zero=True)``
        masks need not be told.
      evidence: 0 and 1 where it is known, in the shape of ``x`` or by column blocks: scored too.
      valence: what people say of each token, ``[n, steps]``, NaN where unknown: scored too.
      negated: tokens in the shape of ``x``, with a rated word of each negated, as ``data.negated`` makes them: must
        relevance turn, where the model's decision does?
      models: the same model trained with other seeds, or others of the same inputs and classes: do their maps agree?
      background: what "removed" means; by default -1 for images of pixels in [-1, 1], else 0.
      outputs: what linear outputs and those of a callable are: "logits", "probabilities" or "values". By default what
        a loss, a layer or its name says; probabilities where they sum to 1; else values, of which there is no log p.
      head, step: as for ``explain``.
      channels_last: whether inputs of four axes are images [n, height, width, channels].
      transfer: train a new copy of the architecture on evidence planted in inputs of this shape, and say which methods
        find it there.
      budget: seconds; what does not fit is left out and listed, an estimate is printed first.
      dtype: the floating-point type to compute in. Continuity needs float64.
      batch_size: inputs that are predicted or explained at once; bounds the memory.
      seed: of the halves, random orders, perturbations and resamples.

    Returns:
      The judgement: ``print`` it, ``.to_frame()``, ``.save(folder)``.

    Raises:
      InputError: for too few samples, a model that is not covered, or when no method applies.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((4, 2)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
      >>> x = np.random.default_rng(0).normal(size=(20, 4, 2)).astype("float32")
      >>> judgement = judge(model, x, methods="gradient_x_input; sensitivity", measures="selectivity")
      >>> judgement.ranking.methods[0]
      'gradient_x_input'
    """
    started = time.perf_counter()
    at_least_one(batch_size=batch_size)
    if budget is not None and not budget > 0:
        raise InputError(f"budget must be more than 0 seconds; received {budget}")
    x = _checked(x)
    order = np.random.default_rng(seed).permutation(len(x))
    per_sample = {"lengths": lengths, "evidence": evidence, "valence": valence, "negated": negated}
    per_sample = {name: in_order(name, values, order) for name, values in per_sample.items() if values is not None}
    if target is not None and np.ndim(target):
        target = in_order("target", target, order)
    subject = subject_of(
        model,
        x[order],
        target,
        outputs=outputs,
        head=head,
        step=step,
        background=background,
        dtype=dtype,
        batch_size=batch_size,
        seed=seed,
        channels_last=channels_last,
        **per_sample,
    )
    x = subject.scored.x
    chosen = candidates(methods, x)
    specs, left_out = _fitting_measures(measures, subject, bool(models))
    left_out = dict(chosen.left_out) | left_out
    deadline = None if budget is None else started + budget
    made = _try_all(subject, chosen.specs, left_out, deadline)
    for method in made:
        method.scored = method.scored._replace(others=_others(method, made))
    if models:
        others = [graph_or_callable(one, read_samples(x, None))[0] for one in models]
        _add_seeds(subject, made, others, left_out)
    each = _seconds_per_prediction(subject)
    training = 0.0
    if transfer and not subject.uncopied and (training := training_seconds(each)) > _left(deadline):
        left_out["transfer"] = f"no time left in the budget, {training:.0f} s"
        transfer, training = False, 0.0
    say = budget is not None or methods == "all" or transfer
    plan = _plan(each, made, specs, left_out, _left(deadline) - training, training if say else None)
    for method, measure in progress.bar(plan, "judging", "score"):
        _measure(method, measure, left_out)
    made = [method for method in made if method.values]
    rows = _rows(subject, made, specs)
    ranking = _ranking(made, specs, seed)
    found_again, said = _transferred(subject, made, seed) if transfer else ((), [])
    asked = per_sample | {"target": target, "methods": methods, "measures": measures, "models": models}
    asked |= {"background": background, "outputs": outputs, "head": head, "step": step, "channels_last": channels_last}
    asked |= {"transfer": transfer, "budget": budget, "dtype": dtype, "batch_size": batch_size, "seed": seed}
    return Judgement(
        rows,
        ranking,
        recommendation(ranking, rows),
        left_out,
        {method.spec.text: method.seconds / len(x) for method in made},
        _curves(subject, made, ranking),
        found_again,
        said + _notes(subject, made, specs),
        _shown(made, ranking),
        _as_written(asked),
    )


def _as_written(asked: dict) -> dict[str, str]:
    """The arguments that are not those of ``judge`` by default, as a call has them: arrays and models by name."""
    defaults = inspect.signature(judge).parameters
    asked |= {name: "; ".join(map(str, asked[name])) for name in ("methods", "measures") if _is_list(asked[name])}
    asked = {name: value.item() if isinstance(value, np.generic) else value for name, value in asked.items()}
    plain = {name: isinstance(value, str | int | float) or value is None for name, value in asked.items()}
    given = [name for name, value in asked.items() if not plain[name] or value != defaults[name].default]
    return {name: repr(asked[name]) if plain[name] else name for name in given if plain[name] or len(asked[name])}


def _is_list(value) -> bool:
    return isinstance(value, list | tuple)


def _shown(made: Sequence[scores.Method], ranking) -> dict[str, Explanation]:
    """The best methods' explanations of the first sample that is scored."""
    from thesis_rnn.judging.figures import SHOWN

    by_name = {method.spec.text: method for method in made}
    return {name: scores.of_first(by_name[name]) for name in ranking.methods[:SHOWN]}


def _checked(x) -> np.ndarray:
    x = np.asarray(x)
    if x.ndim < 2 or x.dtype.kind not in "fiu" or len(x) < LEAST:
        raise InputError(f"x must be at least {LEAST} samples of numbers [n, steps, ...]; received {x.dtype} {x.shape}")
    return x


def _fitting_measures(measures, subject: Subject, has_seeds: bool) -> tuple[list[MeasureSpec], dict[str, str]]:
    """The measures, and those that do not fit, with the reason."""
    scored, named = subject.scored, measures is not None
    text = "; ".join(MEASURES) if measures is None else measures if isinstance(measures, str) else "; ".join(measures)
    given = given_by_split(Split(scored.x, scored.target, scored.evidence, scored.lengths)) | {"others"}
    given |= {name for name in ("valence", "negated") if getattr(scored, name) is not None}
    given |= {"seeds"} if has_seeds else set()
    given -= {"model"} if subject.uncopied else set()
    fitting, left_out = [], {}
    for spec in measure_specs(text):
        missing = [need for need in spec.measure.needs if need not in given]
        if spec.measure.by_step:
            left_out[spec.text] = "tells of each step, and does not judge"
        elif spec.name == "log_odds_drop" and scored.activation == "linear":
            left_out[spec.text] = "the model's outputs are not known to be logits of classes; outputs='logits' says so"
        elif missing == ["model"]:
            left_out[spec.text] = f"{subject.uncopied}, so that no weights could be made random"
        elif not missing:
            fitting.append(spec)
        elif named:
            left_out[spec.text] = f"needs {', '.join(missing)}, which was not given"
    if not fitting:
        raise InputError(f"{_reasons('no measure fits', left_out)}; received {measures!r}")
    return fitting, left_out


def _try_all(subject: Subject, specs: Sequence, left_out: dict, deadline: float | None) -> list[scores.Method]:
    """The methods that apply; half of a budget is for finding them."""
    made: list[scores.Method] = []
    began = time.perf_counter()
    for spec in progress.bar(specs, "trying methods", "method"):
        if deadline is not None and made and time.perf_counter() > began + (deadline - began) / 2:
            left_out[spec.text] = "no time left in the budget"
            continue
        try:
            method = scores.tried(subject, spec)
        except InputError as refusal:
            left_out[spec.text] = str(refusal)
            continue
        except Exception as error:  # one method that fails must not cost what the others found
            left_out[spec.text] = f"failed with {type(error).__name__}: {' '.join(str(error).split())[:200]}"
            continue
        same = [one.spec.text for one in made if scores.are_same(one, method)]
        if same:
            left_out[spec.text] = f"its maps are those of {same[0]}, on this model"
        else:
            made.append(method)
    if not made:
        tried = {spec.text for spec in specs}
        reasons = {name: reason for name, reason in left_out.items() if name in tried}
        raise InputError(_reasons("no method applies", reasons))
    return made


def _reasons(what: str, left_out: dict[str, str]) -> str:
    """The first reasons, as many as fit into a line."""
    told = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
    return f"{what}; {told if len(told) < 300 else f'{told[:300]}...'}"


def _others(method: scores.Method, made: Sequence[scores.Method]) -> dict[str, np.ndarray] | None:
    return {one.spec.text: one.scored.relevance for one in made if one is not method} or None


def _add_seeds(subject: Subject, made: Sequence[scores.Method], models: Sequence, left_out: dict[str, str]) -> None:
    """The heatmaps of each method by the other models, of the same classes."""
    scored, rounds = subject.scored, [(method, place) for method in made for place in range(len(models))]
    for method, place in progress.bar(rounds, "other seeds", "map"):
        try:
            explainer = subject.explainer(method.spec, models[place])
            map_ = explainer(scored.x, scored.target, batch_size=scored.batch_size).relevance
        except InputError as refusal:
            left_out[f"seed_agreement of {method.spec.text} with model {place}"] = str(refusal)
            continue
        method.scored = method.scored._replace(seeds=(method.scored.seeds or {}) | {f"model {place}": map_})


def _seconds_per_prediction(subject: Subject) -> float:
    part, began = subject.scored.x[: subject.scored.batch_size], time.perf_counter()
    cast(Callable, subject.scored.predict)(part)
    return (time.perf_counter() - began) / len(part)


def _left(deadline: float | None) -> float:
    return np.inf if deadline is None else deadline - time.perf_counter()


def _plan(each: float, made, specs, left_out: dict, left: float, training: float | None) -> list[tuple]:
    """The pairs of method and measure to compute, the most telling measures first, as far as the time allows.

    Args:
      each: seconds for a prediction.
      made, specs, left_out: methods, measures, and what is left out, to which is added.
      left: seconds.
      training: what a copy's training takes, with which the estimate is printed; None for no estimate.
    """
    pairs: list[tuple[scores.Method, MeasureSpec]] = []
    total = 0.0
    for measure in specs:
        for method in made:
            if measure.name == "agreement" and len(made) == 1:
                left_out["agreement"] = "there is only one method"
                continue
            seconds = scores.estimate(method, measure, each)
            if total + seconds > left and pairs:
                left_out[f"{measure.text} of {method.spec.text}"] = f"no time left in the budget, {seconds:.0f} s"
                continue
            total += seconds
            pairs.append((method, measure))
    if training is not None:
        copy = f" and {training:.0f} s at most for training a copy" if training else ""
        progress.tell(f"judge: {len(made)} methods, {len(specs)} measures, about {total:.0f} s to go{copy}")
    return pairs


def _measure(method: scores.Method, measure: MeasureSpec, left_out: dict) -> None:
    try:
        scores.measured(method, measure, ranks=measure.measure.family in RANKING)
    except InputError as refusal:
        left_out[f"{measure.text} of {method.spec.text}"] = str(refusal)


def _rows(subject: Subject, made: Sequence[scores.Method], specs: Sequence[MeasureSpec]) -> list[dict]:
    _, half = scores.halves(subject.scored)
    chances = {}
    for measure in specs:
        values = scores.chance_of(measure, half)
        chances[measure.text] = np.nan if values is None else scores.summary(values)[0]
    rows = []
    for method in made:
        for measure in specs:
            if measure.text not in method.values:
                continue
            value, low, high, n = scores.summary(method.values[measure.text][1])
            if n:
                rows.append(
                    {
                        "method": method.spec.text,
                        "measure": measure.text,
                        "family": measure.measure.family,
                        "better": measure.measure.better,
                        "value": value,
                        "low": low,
                        "high": high,
                        "n": n,
                        "chance": chances[measure.text],
                        "seconds": method.took[measure.text],
                    }
                )
    return rows


def _ranking(made: Sequence[scores.Method], specs: Sequence[MeasureSpec], seed: int):
    """By the measures of families that rank, as far as every method has them."""
    fit = [one for one in specs if one.measure.family in RANKING]
    ranking = [one for one in fit if all(one.text in method.values for method in made)]
    if not ranking:
        known = ", ".join(name for name in MEASURES if TABLE[name].family in RANKING)
        raise InputError(f"methods are ranked by one of {known}, of all of them; received {', '.join(map(str, specs))}")
    values = [[scores.better(one, np.asarray(method.values[one.text][0])) for one in ranking] for method in made]
    return ranked([method.spec.text for method in made], [one.text for one in ranking], np.array(values), seed)


def _curves(subject: Subject, made: Sequence[scores.Method], ranking) -> dict:
    """Mean curves, on the samples that are scored, of the best methods and of a random map."""
    from thesis_rnn.judging.figures import SHOWN

    best = [method for method in made if method.spec.text in ranking.methods[:SHOWN]]
    halves = {method.spec.text: scores.halves(method.scored)[1] for method in best}
    half = scores.halves(subject.scored)[1]
    halves["(random)"] = half.beside(uniform_noise(half))
    return {name: tuple(_mean_curve(one, order) for order in ("most", "least")) for name, one in halves.items()}


def _mean_curve(scored, order: str) -> np.ndarray:
    return selectivity_curve(scored, order=order).outputs.mean(axis=0)


def _notes(subject: Subject, made: Sequence[scores.Method], specs: Sequence[MeasureSpec]) -> list[str]:
    uncopied = [f"{_capital(subject.uncopied)}: nothing was asked of random weights."] if subject.uncopied else []
    own = [_own_continuity(subject, one) for one in specs if one.name == "continuity"]
    return uncopied + list(subject.notes) + own + [f"{_capital(text)}." for method in made for text in method.warned]


def _own_continuity(subject: Subject, measure: MeasureSpec) -> str:
    """What a map's continuity is read beside: that of the output which it explains, large where an output is near 0."""
    half = scores.halves(subject.scored)[1].first(measure.measure.samples)
    asked = half.beside(np.zeros(half.x.shape))  # whose maps are not looked at
    values = function_continuity(asked, **measure.parameters)
    value = short(float(np.nanmedian(values))) if (~np.isnan(values)).any() else "-"
    return f"The output itself has {measure} {value}, by its own size (median): that of maps is read beside it."


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _transferred(subject: Subject, made: Sequence[scores.Method], seed: int) -> tuple[list[dict], list[str]]:
    from thesis_rnn.judging.transfer import transferred

    if subject.uncopied:
        return [], [f"Transfer: {subject.uncopied}; nothing was trained."]
    try:
        return transferred(subject, [method.spec for method in made], seed)
    except InputError as refusal:
        return [], [f"Transfer: {refusal}."]
