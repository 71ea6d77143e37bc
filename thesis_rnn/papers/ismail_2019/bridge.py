"""The bridge between Ismail et al. (2019) and the thesis: does propagating relevance cure what saliency loses?"""

from collections.abc import Collection, Mapping

import pandas as pd

from thesis_rnn.papers.ismail_2019.scores import LOGIT, box_scores, chance_mean, of_models, present
from thesis_rnn.papers.selection import by_seed, groups, interval_text, over_seeds, title_of, where
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table
from thesis_rnn.statistics import Contrast, paired_contrast, verdict
from thesis_rnn.statistics.verdicts import HOLDS

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

STATES = {"(hidden)": "dh_T/dh_t", "(cell)": "dh_T/dc_t", "(forget_gates)": "forget gates"}
"""What is no method, but has a half-life."""


def bridge_rows(results: Results, methods: Collection[str] = METHODS) -> pd.DataFrame:
    """The rows that the bridge is about, of these methods."""
    rows = of_models(box_scores(results))
    return rows[rows.architecture.isin(MODELS) & rows.dataset.isin(DATA) & rows.method.isin(methods)]


def bridge(results: Results) -> Table:
    """A row for each data set, model and method, with what it gains over the saliency of the same runs."""
    rows, cells = bridge_rows(results), []
    for data in DATA:
        for model in MODELS:
            own = where(rows, dataset=data, architecture=model)
            methods = present(own, METHODS)
            if len(methods) > 1:
                chance = {score: chance_mean(box_scores(results), data, "(uniform)", score) for score in SCORES}
                cells += [[data, title_of(model), METHODS[name], *_cells(own, name, chance)] for name in methods]
    notes = (
        "Mean over seeds ± half of its 95% t interval. Gain: the map's score minus the saliency's on the same run, "
        "paired over seeds, with its 95% t interval and the p of the paired t test; the claim is that it is positive, "
        "each judged by itself. Below chance: what is gained is not yet what uniform noise has, 0.5 of ROC-AUC and of "
        "mass the share of marked cells, 0.24, middle 0.36.",
        "GB is asked of R-LSTM-SD alone: it is the gradient where there is no ReLU. LRP-e gives the relevance of gated "
        "products all to the signal (Arras et al., 2017), half to the gate, or in proportion (prop, abs).",
    )
    header = ["data set", "model", "method", "seeds", "accuracy"]
    header += [column for title in SCORES.values() for column in (title, f"gain in {title}", "p", "it helps")]
    return Table("Does propagation cure what saliency loses?", header, cells, notes)


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


def _cells(rows: pd.DataFrame, name: str, chance: Mapping[str, float]) -> list[str]:
    own, saliency = where(rows, method=name), where(rows, method=LOGIT)
    cells = [str(len(own)), interval_text(over_seeds(own, "accuracy", scale=100), digits=1)]
    for score in SCORES:
        interval = over_seeds(own, score)
        gained = None if name == LOGIT else gain(own, saliency, score)
        cells += [interval_text(interval), *_gain_cells(gained, below_chance=interval.mean <= chance[score])]
    return cells


def gain(own: pd.DataFrame, saliency: pd.DataFrame, score: str) -> Contrast | None:
    """A method's score minus the saliency's, paired over the seeds that both have; seeds are independent runs."""
    first, second = by_seed(own, score), by_seed(saliency, score)
    seeds = [seed for seed in first if seed in second]
    if not seeds:
        return None
    return paired_contrast([first[seed] for seed in seeds], [second[seed] for seed in seeds], test_to_train=0)


def _gain_cells(contrast: Contrast | None, below_chance: bool) -> list[str]:
    if contrast is None:
        return ["", "", ""]
    word = verdict(contrast, "positive").replace("fold", "seed")
    if word == HOLDS and below_chance:
        word += ", below chance"
    if contrast.folds == 1:
        return [f"{contrast.mean:+.3f}", "", word]
    p = f"{contrast.p:.3f}" if contrast.p >= 0.001 else "<0.001"
    return [f"{contrast.mean:+.3f} [{contrast.low:+.3f}, {contrast.high:+.3f}]", p, word]
