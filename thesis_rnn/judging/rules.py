"""Choosing rules of propagation by a measure (Montavon et al., 2018, section 6, choosing the LRP rules).

The tutorial's advice is the starting order: deep Taylor decomposition first; alpha 2, beta 1 in hidden layers where
negative relevance is wanted or maps are diffuse; else rules for each layer, by what the scores of section 7 say. What
is chosen on one half of the samples is scored on the other.
"""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from thesis_rnn.attribution.inputs.callables import described, is_wrapped
from thesis_rnn.attribution.methods import MethodSpec, method_spec
from thesis_rnn.attribution.tape.network import Network, model_inputs, network_of
from thesis_rnn.core.primitives import ForwardSemantics, Site, explained_by
from thesis_rnn.data.problem import Split
from thesis_rnn.errors import InputError
from thesis_rnn.judging import scores
from thesis_rnn.judging.candidates import box_of
from thesis_rnn.judging.subject import Subject, in_order, subject_of
from thesis_rnn.measures import MeasureSpec, given_by_split, measure_specs
from thesis_rnn.measures.measure import NEEDS
from thesis_rnn.reporting.tables import markdown_table, short
from thesis_rnn.statistics.intervals import mean_interval
from thesis_rnn.support.keras_errors import own_errors
from thesis_rnn.support.progress import bar

WHOLE = (
    "alpha_beta(1, 0{box})",
    "alpha_beta(2, 1{box})",
    "epsilon(0.001)",
    "epsilon(0.01)",
    "gamma(0.25)",
)
"""Rules for all layers, in the order of the advice."""
OF_A_LAYER = ("alpha_beta(1, 0{box})", "alpha_beta(2, 1{box})", "epsilon(0.001)", "gamma(0.25)", "flat")
"""Rules that are tried at each layer, from the output down."""


@dataclass(frozen=True)
class RuleChoice:
    """The rules that explain a model best, by a measure.

    Attributes:
      method: the composite, as ``explain`` takes it.
      measure: by which it was chosen.
      tried: (composite, mean of the measure on the samples that choose), in the order in which they were tried.
      value, low, high: the mean of the measure, with its 95% interval, on the other samples.
      start: the same mean of deep Taylor decomposition, the start of the search.
      gain: by how much the choice is better than the start on those samples, with its interval (mean, low, high).

    Example:
      >>> choice = RuleChoice("composite(epsilon)", "selectivity", (), 2.0, 1.0, 3.0, 1.5, (0.5, 0.1, 0.9))
      >>> choice.method
      'composite(epsilon)'
    """

    method: str
    measure: str
    tried: tuple[tuple[str, float], ...]
    value: float
    low: float
    high: float
    start: float
    gain: tuple[float, float, float]

    def __str__(self) -> str:
        rows = [[text, short(value)] for text, value in self.tried]
        gain = f"{short(self.gain[0])} (95% {short(self.gain[1])} to {short(self.gain[2])})"
        return (
            f"{self.method}\n\n{self.measure} on the other samples: {short(self.value)} ({short(self.low)} to "
            f"{short(self.high)}), deep Taylor decomposition {short(self.start)}; better by {gain}.\n\n"
            f"{markdown_table(('tried', self.measure), rows)}"
        )


def choose_rules(
    model,
    x,
    target=None,
    measure: str = "selectivity",
    *,
    layers: int = 8,
    lengths=None,
    evidence=None,
    valence=None,
    background: float | None = None,
    head: int = 0,
    step: int | None = None,
    channels_last: bool = False,
    dtype: str = "float64",
    batch_size: int = 500,
    seed: int = 0,
) -> RuleChoice:
    """Searches the composite of rules that a measure likes best, greedily: for all layers first, then layer by layer.

    Rules for all layers are tried in the order of the tutorial's advice; the best one stays. Then each layer, from the
    output down, keeps the rule that brings the measure up. Half of the samples choose, the other half give the value.

    Args:
      model: a model of covered layers, with one input.
      x: at least 8 samples.
      target: the class or classes to explain; by default the predicted ones.
      measure: a measure with a better side that needs no other method, such as "selectivity(fill=mean)".
      layers: how many layers get a rule of their own, at most, from the output down; 0 for none.
      lengths: ``[n]``, own steps of padded samples.
      evidence, valence: as for ``judge``, for measures that need them.
      background: what "removed" means; as for ``judge``.
      head, step, channels_last: as for ``judge``: which output, which step of an output per step, images.
      dtype: the floating-point type to compute in.
      batch_size: inputs that are predicted or explained at once.
      seed: of the halves and of random orders.

    Returns:
      The choice, with all that was tried.

    Raises:
      InputError: for a measure without a better side, samples that are too few, or a model that is not covered.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((4, 2)), keras.layers.Flatten(), keras.layers.Dense(2)])
      >>> x = np.random.default_rng(0).normal(size=(20, 4, 2)).astype("float32")
      >>> choose_rules(model, x, 0, layers=0).tried[0][0]
      'composite(alpha_beta(1, 0), inputs=real, signed=true)'
    """
    x = np.asarray(x)
    if len(x) < 8 or layers < 0:
        raise InputError(f"rules are chosen on at least 8 samples, layers at least 0; received {len(x)} and {layers}")
    [spec] = measure_specs(measure)
    if not spec.measure.better or spec.measure.by_step or "others" in spec.measure.needs:
        raise InputError(f"rules are chosen by a measure of one method with a better side; received {measure!r}")
    order = np.random.default_rng(seed).permutation(len(x))
    target = target if target is None or not np.ndim(target) else in_order("target", target, order)
    per_sample: dict[str, Any] = {"lengths": lengths, "evidence": evidence, "valence": valence}
    per_sample = {name: in_order(name, values, order) for name, values in per_sample.items() if values is not None}
    subject = subject_of(
        model,
        x[order],
        target,
        background=background,
        head=head,
        step=step,
        channels_last=channels_last,
        dtype=dtype,
        batch_size=batch_size,
        seed=seed,
        **per_sample,
    )
    if is_wrapped(subject.model):
        raise InputError(f"rules are chosen for the layers of a model; received {described(model)}")
    scored = subject.scored
    given = given_by_split(Split(scored.x, scored.target, scored.evidence)) | set(per_sample)
    if missing := [need for need in spec.measure.needs if need not in given]:
        raise InputError(f"{spec.name} needs {', '.join(NEEDS[need] for need in missing)}; received none")
    names = _layer_names(network_of(subject.model, dtype, head, step), scored.x)[:layers]
    return _Search(subject, spec, names).choice()


class _Search:
    """What was tried so far, and how good it was on the half that chooses."""

    def __init__(self, subject: Subject, measure: MeasureSpec, names: list[str]):
        self.subject = subject
        self.measure = measure
        given = box_of(subject.scored.x)
        self.box = f", low={given['low']}, high={given['high']}" if "low" in given else ""
        self.ending = "signed=true" if "low" in given else f"inputs={given['inputs']}, signed=true"
        self.names = names
        self.made: dict[str, tuple[float, scores.Method]] = {}

    def choice(self) -> RuleChoice:
        for rule in bar(WHOLE, "rules of all layers", "rule"):
            self.value(self.text(rule, {}))
        best = max(WHOLE, key=lambda rule: self.value(self.text(rule, {})))
        own: dict[str, str] = {}
        for name in bar(self.names, "rules of a layer", "layer"):
            options = [own, *({**own, name: rule} for rule in OF_A_LAYER)]
            own = max(options, key=lambda rules: self.value(self.text(best, rules)))
        return self.scored(self.text(best, own), self.text(WHOLE[0], {}))

    def text(self, rule: str, own: dict[str, str]) -> str:
        """The composite; signed, so that all composites share out the same logit."""
        at = "".join(f"at('{name}', {one.format(box=self.box)}), " for name, one in own.items())
        return f"composite({rule.format(box=self.box)}, {at}{self.ending})"

    def value(self, text: str) -> float:
        if text not in self.made:
            spec: MethodSpec = method_spec(text)
            method = scores.tried(self.subject, spec)
            scores.measured(method, self.measure, ranks=True)
            self.made[text] = (scores.summary(scores.better(self.measure, self._values(method)[0]))[0], method)
        value = self.made[text][0]
        return -np.inf if np.isnan(value) else value

    def scored(self, text: str, start: str) -> RuleChoice:
        chosen, first = (self._values(self.made[one][1])[1] for one in (text, start))
        value, low, high, _ = scores.summary(chosen)
        gains = scores.better(self.measure, chosen - first)
        known = gains[~np.isnan(gains)]
        mean, least, most, _ = mean_interval(known) if len(known) else (np.nan, np.nan, np.nan, 0)
        sign = -1 if self.measure.measure.better == "lower" else 1
        tried = tuple((one, sign * found) for one, (found, _) in self.made.items())
        before = scores.summary(first)[0]
        return RuleChoice(text, self.measure.text, tried, value, low, high, before, (mean, least, most))

    def _values(self, method: scores.Method):
        return method.values[self.measure.text]


class _Sites(ForwardSemantics):
    """Writes down the layers that have kernels, in the order of the forward pass."""

    def __init__(self):
        super().__init__()
        self.names: list[str] = []

    def contribution(self, a, kernel, site: Site, domain):
        if not site.controls and site.layer not in self.names:
            self.names.append(site.layer)
        return super().contribution(a, kernel, site, domain)


def _layer_names(network: Network, x: np.ndarray) -> list[str]:
    """The layers, and parts of layers, that a rule can be given, from the output that is explained down."""
    sites, model = _Sites(), network.explainable()
    of_head = keras.Model(model_inputs(model), model.outputs[network.head.index])
    with explained_by(sites), own_errors(), network.weights():
        of_head(x[:1].astype(network.input_spec.dtype.as_numpy_dtype), training=False)
    return sites.names[::-1]
