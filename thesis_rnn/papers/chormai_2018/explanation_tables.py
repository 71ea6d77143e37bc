"""Tables about explanations: cosine similarities, claims, relevance on the last steps, local quality."""

from thesis_rnn.papers.chormai_2018 import published
from thesis_rnn.papers.chormai_2018.claims import findings, is_below_floor
from thesis_rnn.papers.chormai_2018.claims_table import claims_table
from thesis_rnn.papers.selection import fitting, shown, sorted_keys, spread, title_of
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table

BASELINES = ("(uniform)", "(pixel mass)", "(last step)")


def cosines(results: Results) -> Table:
    """Figures 3.12, 3.18 and 3.21 in numbers: mean over folds with its interval; the original split where none."""
    rows = []
    majority = results["cross_validation"]
    methods = [*published.METHODS, *BASELINES]
    for dataset, arch in sorted_keys(majority, "dataset", "architecture"):
        own = fitting(majority, dataset=dataset, architecture=arch)
        folds = len({row["fold"] for row in own if row["fold"] != "original"})
        marked = f"{title_of(arch)} †" if any(is_below_floor(row) for row in own) else title_of(arch)
        by_method = [fitting(own, method=method) for method in methods]
        cells = [shown(spread(each, "cosine")) if each else "" for each in by_method]
        rows.append([dataset, marked, str(folds or "original"), *cells])
    notes = (
        "Mean over folds ± half of its 95% t interval; without folds, the original split. † below the thesis' floor of "
        "accuracy in at least one run.",
        "A heatmap that knows nothing scores as in the last three columns.",
    )
    header = ["data set", "architecture", "folds", *published.METHODS, *(name.strip("()") for name in BASELINES)]
    return Table("Cosine similarity", header, rows, notes)


def local_quality(results: Results) -> Table:
    """Beyond the thesis: where inside the blocks the relevance lies, and whether it matters when it is taken away."""
    rows = []
    original = [row for row in results["cross_validation"] if row["fold"] == "original" and row["step_flipping"]]
    for dataset, arch, method in sorted_keys(original, "dataset", "architecture", "method"):
        [row, *_] = fitting(original, dataset=dataset, architecture=arch, method=method)
        scores = [f"{float(row[name]):.3f}" for name in ("ink_share", "step_flipping", "patch_flipping")]
        rows.append([dataset, title_of(arch), method, *scores])
    notes = (
        "Share of relevance on ink; area over the perturbation curve in logits when the most relevant steps, or 4x4 "
        "patches, become background first. (chance): a uniform heatmap, a random order.",
    )
    header = ["data set", "architecture", "method", "ink", "flipping: steps", "flipping: patches"]
    return Table("Local quality, original split", header, rows, notes)


def claims(results: Results) -> Table:
    """The thesis' claims and what the folds say."""
    majority = results["cross_validation"]
    return claims_table(findings(majority), findings(majority, above_floor=True))


def last_steps(results: Results) -> Table:
    """Claim 5, Figure 3.7 in numbers: the share of relevance on the last 3 of 7 steps, class 1 (a digit, a trouser)."""
    shares = [row for row in results["step_shares"] if row["steps"] == "7" and row["class"] == "1"]
    rows = []
    for dataset, arch, method in sorted_keys(shares, "dataset", "architecture", "method"):
        own = fitting(shares, dataset=dataset, architecture=arch, method=method)
        last = sum(float(row["share"]) for row in own if int(row["step"]) > 4) / len({row["seed"] for row in own})
        rows.append([dataset, f"{title_of(arch)}-7", method, f"{100 * last:.1f}"])
    title = "Relevance on the last 3 of 7 steps in percent, class 1 (thesis: over 90 by DTD and LRP on Shallow-7)"
    return Table(title, ["data set", "architecture", "method", "share"], rows)


def seed_agreement(results: Results) -> Table:
    """Beyond the thesis: whether another training seed gives the same heatmaps."""
    own = results["seed_agreement"]
    rows = [
        [dataset, title_of(arch), method, row["seeds"], f"{float(row['rank_correlation']):.3f}"]
        for dataset, arch, method in sorted_keys(own, "dataset", "architecture", "method")
        for row in fitting(own, dataset=dataset, architecture=arch, method=method)
    ]
    notes = (
        "Mean rank correlation of the cells of two seeds' heatmaps of the same sequences: 1 the same order, 0 none.",
    )
    return Table(
        "Agreement of heatmaps between seeds",
        ["data set", "architecture", "method", "seeds", "correlation"],
        rows,
        notes,
    )
