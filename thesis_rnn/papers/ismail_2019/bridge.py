"""The bridge between Ismail et al. (2019) and the thesis: does propagating relevance cure what saliency loses?"""

import math
from collections.abc import Collection, Mapping
from typing import NamedTuple

import pandas as pd

from thesis_rnn.papers.ismail_2019.scores import LOGIT, box_scores, chance_mean, of_models, present
from thesis_rnn.papers.selection import by_seed, groups, interval_text, over_seeds, title_of, where
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table
from thesis_rnn.statistics import Contrast, benjamini_hochberg, paired_contrast
from thesis_rnn.statistics.verdicts import DOES_NOT_HOLD, HOLDS

MODELS = ("lstm", "gru", "lstm_ica", "rlstm_sd")
DATA = ("box_earlier", "box_middle", "box_latter")
SCORES = {"roc_auc": "ROC-AUC", "mass_accuracy": "mass"}
METHODS = {
    "saliency": "SA",
    "guided_backprop": "GB",
    "gradient_x_input": "gradient x input",
    "integrated_gradients(points=16)": "IG",
    "deep_taylor": "DTD",
    "lrp(alpha=1.5, beta=0.5)": "LRP-a1.5b0.5",
    "lrp_epsilon": "LRP-e, gates: all",
    "lrp_epsilon(gates=half)": "LRP-e, gates: half",
    "lrp_epsilon(gates=prop)": "LRP-e, gates: prop",
    "lrp_epsilon(gates=abs)": "LRP-e, gates: abs",
}
"""Method -> what it is called; the saliency is that of the logit, which the methods explain."""

LEAST = 0.02
"""A gain has to be as large as this to be one."""
LEVEL = 0.05
"""Of the adjusted p values: the share of false ones among the gains found."""
LEARNT = 0.75
"""A seed has learnt its two classes if it is this accurate, half way between a guess and no mistake."""

STATES = {"(hidden)": "dh_T/dh_t", "(cell)": "dh_T/dc_t", "(forget_gates)": "forget gates"}
"""What is no method, but has a half-life."""


def bridge_rows(results: Results, methods: Collection[str] = METHODS) -> pd.DataFrame:
    """The rows that the bridge is about, of these methods."""
    rows = of_models(box_scores(results))
    return rows[rows.architecture.isin(MODELS) & rows.dataset.isin(DATA) & rows.method.isin(methods)]


class Gain(NamedTuple):
    """What a method has more than the saliency of the same runs.

    Attributes:
      contrast: of a score, over seeds.
      adjusted: its p value among all of this score, NaN where one seed has none.
      learnt: how many seeds have learnt the problem.
    """

    contrast: Contrast
    adjusted: float
    learnt: int

    @property
    def helps(self) -> bool:
        """Whether it is there, large enough, and of a model that has learnt."""
        has_learnt = self.learnt == self.contrast.folds
        return has_learnt and self.adjusted <= LEVEL and self.contrast.mean >= LEAST

    def verdict(self, below_chance: bool) -> str:
        """In a word."""
        seeds = self.contrast.folds
        if self.learnt < seeds:
            return f"learnt by {self.learnt} of {seeds} seeds" if self.learnt else "not learnt"
        if self.helps:
            return f"{HOLDS}, below chance" if below_chance else HOLDS
        if self.adjusted <= LEVEL:
            return f"{DOES_NOT_HOLD}, below {LEAST:g}" if self.contrast.mean > 0 else DOES_NOT_HOLD
        return f"undecided at {seeds} seed{'s' if seeds > 1 else ''}"


def gains(results: Results) -> dict[tuple[str, str, str, str], Gain]:
    """(data set, model, method, score) -> gain, its p value adjusted among all of the same score."""
    return {key: own for score in SCORES for key, own in _gains(bridge_rows(results), score).items()}


def _gains(rows: pd.DataFrame, score: str) -> dict[tuple[str, str, str, str], Gain]:
    found, learnt = {}, {}
    for (data, model, method), own in groups(rows, "dataset", "architecture", "method"):
        saliency = where(rows, dataset=data, architecture=model, method=LOGIT)
        contrast = None if method == LOGIT else gain(own, saliency, score)
        if contrast:
            found[data, model, method, score] = contrast
            learnt[data, model, method, score] = int((own.accuracy >= LEARNT).sum())
    tested = [key for key, contrast in found.items() if not math.isnan(contrast.p)]
    adjusted = benjamini_hochberg([found[key].p for key in tested]).tolist() if tested else []
    by_key = dict(zip(tested, adjusted, strict=True))
    return {key: Gain(contrast, by_key.get(key, math.nan), learnt[key]) for key, contrast in found.items()}


def bridge(results: Results) -> Table:
    """A row for each data set, model and method, with what it gains over the saliency of the same runs."""
    rows, cells, gained = bridge_rows(results), [], gains(results)
    for data in DATA:
        for model in MODELS:
            own = where(rows, dataset=data, architecture=model)
            methods = present(own, METHODS)
            if len(methods) > 1:
                chance = {score: chance_mean(box_scores(results), data, "(uniform)", score) for score in SCORES}
                cells += [
                    [data, title_of(model), METHODS[name], *_cells(where(own, method=name), gained, chance)]
                    for name in methods
                ]
    notes = (
        "Mean over seeds ± half of its 95% t interval. Gain: the map's score minus the saliency's on the same run, "
        "paired over seeds, with its 95% t interval. p: of the paired t tests, adjusted by Benjamini and Hochberg for "
        f"all of the same score. It helps if p is at most {LEVEL:g} and the gain at least {LEAST:g}. Not learnt: an "
        f"accuracy below {LEARNT:.0%}; there is nothing to find. Below chance: what is gained is not yet what uniform "
        "noise has, 0.5 of ROC-AUC and of mass the share of marked cells, 0.24, middle 0.36.",
        _summary(gained),
        "GB is asked of R-LSTM-SD alone: it is the gradient where there is no ReLU. LRP-e gives the relevance of gated "
        "products all to the signal (Arras et al., 2017), half to the gate, or in proportion (prop, abs).",
    )
    header = ["data set", "model", "method", "seeds", "accuracy"]
    header += [column for title in SCORES.values() for column in (title, f"gain in {title}", "p", "it helps")]
    return Table("Does propagation cure what saliency loses?", header, cells, notes)


def _summary(gained: Mapping[tuple[str, str, str, str], Gain]) -> str:
    """How many gains there are, and which."""
    told = []
    for score, title in SCORES.items():
        own = {key: found for key, found in gained.items() if key[-1] == score and not math.isnan(found.adjusted)}
        there = sum(found.adjusted <= LEVEL for found in own.values())
        helping = [
            f"{METHODS[method]} on {title_of(model)}, {data}"
            for (data, model, method, _), found in own.items()
            if found.helps
        ]
        told.append(
            f"{title}: {there} of {len(own)} differences are there after adjustment, {len(helping)} of them gains of a "
            f"model that has learnt{': ' if helping else ''}{'; '.join(helping)}."
        )
    return " ".join(told)


def half_lives(results: Results) -> Table:
    """For each data set and model, how many of the last steps hold half of each method's relevance, and of what states
    do to the last one."""
    names, cells = METHODS | STATES, []
    rows = bridge_rows(results, names)
    shown = present(rows, names)
    for (data, model), own in groups(rows, "dataset", "architecture", first=(*DATA, *MODELS)):
        lives = [over_seeds(where(own, method=name), "half_life") for name in shown]
        cells.append([data, title_of(model), *(interval_text(life, digits=1) for life in lives)])
    notes = (
        "Median over test samples, mean over seeds ± half of its 95% t interval. Relevance that lies evenly on all 100 "
        "steps has a half-life of 50. The boxes lie 70 to 100, 20 to 80 and 0 to 30 steps before the end. dh_T/dh_t "
        "and dh_T/dc_t: norms of Jacobians of the last hidden state; forget gates: the product of all later ones (of a "
        "GRU its update gates), mean over units; of the first 20 test series.",
    )
    header = ["data set", "model", *(names[name] for name in shown)]
    return Table("Vanishing saliency: half-life of relevance in steps", header, cells, notes)


def _cells(own: pd.DataFrame, gained: Mapping[tuple, Gain], chance: Mapping[str, float]) -> list[str]:
    """Of the rows of one method on one model and data set."""
    cells = [str(len(own)), interval_text(over_seeds(own, "accuracy", scale=100), digits=1)]
    for score in SCORES:
        interval = over_seeds(own, score)
        key = (*own[["dataset", "architecture", "method"]].iloc[0], score)
        cells += [interval_text(interval), *_gain_cells(gained.get(key), interval.mean <= chance[score])]
    return cells


def gain(own: pd.DataFrame, saliency: pd.DataFrame, score: str) -> Contrast | None:
    """A method's score minus the saliency's, paired over the seeds that both have; seeds are independent runs."""
    first, second = by_seed(own, score), by_seed(saliency, score)
    seeds = [seed for seed in first if seed in second]
    if not seeds:
        return None
    return paired_contrast([first[seed] for seed in seeds], [second[seed] for seed in seeds], test_to_train=0)


def _gain_cells(gained: Gain | None, below_chance: bool) -> list[str]:
    if gained is None:
        return ["", "", ""]
    contrast, p = gained.contrast, gained.adjusted
    interval = "" if contrast.folds == 1 else f" [{contrast.low:+.3f}, {contrast.high:+.3f}]"
    number = "" if math.isnan(p) else f"{p:.3f}" if p >= 0.001 else "<0.001"
    return [f"{contrast.mean:+.3f}{interval}", number, gained.verdict(below_chance)]
