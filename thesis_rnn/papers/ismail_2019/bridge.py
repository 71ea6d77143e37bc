"""The bridge between Ismail et al. (2019) and the thesis: does propagating relevance cure what saliency loses?"""

from collections.abc import Collection, Mapping, Sequence

from thesis_rnn.papers.ismail_2019.selection import (
    LOGIT,
    by_seed,
    chance_mean,
    maps,
    model_title,
    over_seeds,
    whole_rows,
)
from thesis_rnn.papers.selection import fitting, shown
from thesis_rnn.plans.results import Results, Row
from thesis_rnn.reporting.tables import Table
from thesis_rnn.statistics import Contrast, paired_contrast, verdict
from thesis_rnn.statistics.verdicts import HOLDS

MODELS = ("lstm", "gru", "lstm_ica", "rlstm_sd")
DATA = ("earlier", "middle", "latter")
SCORES = {"roc_auc": "ROC-AUC", "mass_accuracy": "mass"}
MAPS = {
    "saliency": "SA",
    "guided_backprop": "GB",
    "gradient_x_input": "gradient x input",
    "integrated_gradients": "IG",
    "deep_taylor": "DTD",
    "lrp": "LRP-a1.5b0.5",
    "lrp_epsilon": "LRP-e, gates: all",
    "lrp_epsilon_half": "LRP-e, gates: half",
    "lrp_epsilon_prop": "LRP-e, gates: prop",
    "lrp_epsilon_abs": "LRP-e, gates: abs",
}
"""Map -> what it is called; the saliency is that of the logit, which the methods explain."""


STATES = {"(hidden)": "dh_T/dh_t", "(cell)": "dh_T/dc_t", "(forget_gates)": "forget gates"}
"""What is no map, but has a half-life."""


def bridge_rows(results: Results, names: Collection[str] = MAPS) -> list[Row]:
    """The rows that the bridge is about, of the maps ``names``."""
    return [
        row
        for row in whole_rows(results["boxes"])
        if row["model"] in MODELS and row["data"] in DATA and row["map"] in names
    ]


def bridge(results: Results) -> Table:
    """A row for each data set, model and map, with what it gains over the saliency of the same runs."""
    rows, cells = bridge_rows(results), []
    for data in DATA:
        for model in MODELS:
            own = fitting(rows, data=data, model=model)
            present = [name for name in MAPS if name in maps(own)]
            if len(present) > 1:
                chance = {score: chance_mean(results["boxes"], data, "uniform", score) for score in SCORES}
                cells += [[data, model_title(model), MAPS[name], *_cells(own, name, chance)] for name in present]
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
    names, cells = MAPS | STATES, []
    rows = bridge_rows(results, names)
    present = [name for name in names if name in maps(rows)]
    for data in DATA:
        for model in [name for name in MODELS if fitting(rows, data=data, model=name)]:
            own = [fitting(rows, data=data, model=model, map=name) for name in present]
            cells.append([data, model_title(model), *(shown(over_seeds(each, "half_life"), digits=1) for each in own)])
    notes = (
        "Median over test samples, mean over seeds ± half of its 95% t interval. Relevance that lies evenly on all 100 "
        "steps has a half-life of 50. The boxes lie 70 to 100, 20 to 80 and 0 to 30 steps before the end. dh_T/dh_t "
        "and dh_T/dc_t: norms of Jacobians of the last hidden state; forget gates: the product of all later ones (of a "
        "GRU its update gates), mean over units; of the first 20 test series.",
    )
    header = ["data set", "model", *(names[name] for name in present)]
    return Table("Vanishing saliency: half-life of relevance in steps", header, cells, notes)


def _cells(rows: Sequence[Row], name: str, chance: Mapping[str, float]) -> list[str]:
    own, saliency = fitting(rows, map=name), fitting(rows, map=LOGIT)
    cells = [str(len(own)), shown(over_seeds(own, "accuracy", scale=100), digits=1)]
    for score in SCORES:
        interval = over_seeds(own, score)
        gained = None if name == LOGIT else gain(own, saliency, score)
        cells += [shown(interval), *_gain_cells(gained, below_chance=interval.mean <= chance[score])]
    return cells


def gain(own: Sequence[Row], saliency: Sequence[Row], score: str) -> Contrast | None:
    """A map's score minus the saliency's, paired over the seeds that both have; seeds are independent runs."""
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
