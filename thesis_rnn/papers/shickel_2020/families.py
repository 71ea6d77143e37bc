"""The review's Table 1 as a living table: what of each family is here, where it was run, and what came of it."""

from dataclasses import dataclass

import pandas as pd

from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.papers.selection import in_order, interval_text, label_of, title_of, where
from thesis_rnn.papers.shickel_2020.claims import LEAST, SECONDS
from thesis_rnn.papers.shickel_2020.scores import RELATIVE, comparison_scores, of_methods
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table
from thesis_rnn.statistics import Interval, mean_interval
from thesis_rnn.support.calls import parse_calls

HEADER = ("family", "published by", "method here", "sums to", "run on", "accuracy", "selectivity", "ms", "verdict")


@dataclass(frozen=True)
class Family:
    """A row of the review's table.

    Attributes:
      title: what is done.
      source: who published it, as the review cites it.
      methods: texts of those that were compared.
      elsewhere: what there is here instead, or beside, that is no map of a sample or was not compared.
    """

    title: str
    source: str
    methods: tuple[str, ...] = ()
    elsewhere: str = ""


FAMILIES = (
    Family("gradient saliency", "Simonyan; Denil", ("sensitivity", "gradient_x_input")),
    Family("layer-wise relevance", "Bach; Arras; Sturm", ("lrp_epsilon",)),
    Family("deep Taylor decomposition", "Montavon (ours beside the review)", ("deep_taylor",)),
    Family("DeepLIFT", "Shrikumar", ("deep_lift",)),
    Family("contextual decomposition", "Murdoch", ("contextual_decomposition",)),
    Family("phrases by cell states", "Murdoch and Szlam", elsewhere="beta_decomposition, gamma_decomposition"),
    Family("erasure", "Li", ("erasure",)),
    Family("perturbation: mutation maps", "Alipanahi", elsewhere="mutation_map"),
    Family("masking", "Lei; Choi; Fong", ("learned_mask(updates=50)",)),
    Family(
        "Shapley values (ours beside the review)",
        "Lundberg and Lee; Bento",
        ("permutation_shap(players=segments, size=4, orders=2)",),
    ),
    Family("attention read out", "Bahdanau; Xu; Vaswani", ("attention",)),
    Family("class activation maps", "Zhou; Wang", elsewhere="cam, grad_cam: no model compared here has convolutions"),
    Family("attention by construction", "Choi, RETAIN; Guo, IMV-LSTM; Qin, DA-RNN", elsewhere="contributions"),
    Family("missing values, decay", "Che, GRU-D; Lei, RCNN", elsewhere="architectures gru_d, decay_rnn"),
    Family("maximal activation, synthetic", "Siddiqui; Lanchantin", elsewhere="prototype: an input, not a map of one"),
    Family("maximal activation, real; weights; states", "Karpathy; Lasko; Che; Krakovna", elsewhere="analyse"),
    Family("disentangled codes", "Hsu, FHVAE", elsewhere="none: a model of its own, without labels"),
    Family("rationales by reinforcement", "Lei", elsewhere="none: learned_mask asks the same of a finished model"),
)


def families_table(results: Results) -> Table:
    """A row for each family of the review and method that was compared, and for what was not."""
    rows = of_methods(comparison_scores(results))
    if not len(rows):
        return Table("Table 1 of Shickel and Rashidi (2020), alive", HEADER, [])
    cells = [cell for family in FAMILIES for cell in _cells(family, rows)]
    notes = (
        "Selectivity: how far the output falls with the most relevant steps gone first, and stays with the least "
        "relevant ones first, above noise of the same run, as a share of what erasing each step alone gains: 0 is "
        "chance, 1 erasure. Mean over problems and architectures ± half of the 95% t interval over seeds. It knows "
        f"more than chance if the interval lies above 0; no better means below {LEAST:g}. Methods were not all run on "
        "the same models: see the scores below for each of them. ms: of one sample in a batch, wall time, compiled, "
        "beside other work on the machine.",
        "Empty cells were not run. Each method's formula, source and inputs: `thesis-rnn list methods`.",
    )
    return Table("Table 1 of Shickel and Rashidi (2020), alive", HEADER, cells, notes)


def _cells(family: Family, rows: pd.DataFrame) -> list[list[str]]:
    found = [_method_row(family, method, where(rows, method=method)) for method in family.methods]
    empty = [""] * (len(HEADER) - 4)
    return found or [[family.title, family.source, family.elsewhere, *empty, "not compared"]]


def _method_row(family: Family, method: str, rows: pd.DataFrame) -> list[str]:
    told = [family.title, family.source, label_of(method), _sum_of(method)]
    if not len(rows):
        return [*told, "", "", "", "", "no run yet"]
    datasets = in_order(rows.dataset)
    run_on = "; ".join(
        f"{name}: {', '.join(title_of(one) for one in in_order(where(rows, dataset=name).architecture))}"
        for name in datasets
    )
    gained = relative_selectivity(rows)
    return [
        *told,
        run_on,
        f"{100 * rows.accuracy.mean():.0f}%",
        interval_text(gained, digits=2),
        f"{1000 * rows[SECONDS].median():.1f}",
        verdict_of(gained),
    ]


def relative_selectivity(rows: pd.DataFrame) -> Interval | None:
    """The mean over problems and architectures, with its interval over seeds."""
    known = rows.dropna(subset=RELATIVE)
    complete = known.groupby(["dataset", "architecture"]).filter(lambda own: len(own) == known.seed.nunique())
    means = complete.groupby("seed")[RELATIVE].mean().tolist()
    return mean_interval(means) if means else None


def verdict_of(gained: Interval | None) -> str:
    """In a word."""
    if gained is None or gained.n == 1:
        return "one seed"
    if gained.low > LEAST:
        return "knows more than chance"
    return "no better than chance" if gained.high < LEAST else "undecided"


def _sum_of(method: str) -> str:
    [call] = parse_calls(method)
    row = METHODS[call.name]
    return "f(x)" if row.conserves else row.sums_to or "nothing"
