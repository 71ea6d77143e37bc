"""Tables 3.3 to 3.6 and Appendix 1: variables and accuracies, published beside measured."""

from collections.abc import Mapping, Sequence

from thesis_rnn.papers.chormai_2018 import published
from thesis_rnn.papers.selection import fitting, place, sorted_keys, spread, title_of
from thesis_rnn.plans.results import Results, Row
from thesis_rnn.reporting.tables import Table

ACCURACY_HEADER = ("measured", "published", "difference", "epochs", "seconds")


def variables_by_steps(results: Results) -> Table:
    """Table 3.3."""
    measured = {(row["architecture"], int(row["steps"])): int(row["variables"]) for row in _single_images(results)}
    rows = [
        [
            title_of(arch),
            str(steps),
            f"28x{28 // steps}",
            f"{count:,}",
            _count(published.VARIABLES_BY_STEPS, arch, steps),
        ]
        for (arch, steps), count in sorted(measured.items(), key=lambda item: (place(item[0][0]), item[0][1]))
    ]
    return Table("Table 3.3: trainable variables", ["architecture", "T", "input", "measured", "published"], rows)


def accuracy_by_steps(results: Results) -> Table:
    """Table 3.4."""
    rows = []
    for dataset, arch, steps in sorted_keys(_single_images(results), "dataset", "architecture", "steps"):
        runs = fitting(_single_images(results), dataset=dataset, architecture=arch, steps=steps)
        wanted = published.ACCURACY_BY_STEPS.get((dataset, arch, int(steps)))
        rows.append([dataset, title_of(arch), steps, *_accuracy_cells(runs, wanted)])
    return Table("Table 3.4: accuracy in percent", ["data set", "architecture", "T", *ACCURACY_HEADER], rows)


def lenet_accuracy(results: Results) -> Table:
    """The network of Figure 2.14."""
    runs = fitting(results["runs"], architecture="lenet")
    rows = [
        [dataset, *_accuracy_cells(fitting(runs, dataset=dataset), published.LENET_ACCURACY.get(dataset))]
        for (dataset,) in sorted_keys(runs, "dataset")
    ]
    return Table("LeNet-5, Figure 2.14: accuracy in percent", ["data set", *ACCURACY_HEADER], rows)


def majority_accuracy(results: Results, title: str, architectures: Sequence[str]) -> Table:
    """Tables 3.5 and 3.6: original split."""
    rows = []
    runs = [row for row in results["runs"] if row["dataset"].endswith("_maj") and row["fold"] == "original"]
    for dataset, arch in sorted_keys(runs, "dataset", "architecture"):
        if arch in architectures:
            own = fitting(runs, dataset=dataset, architecture=arch)
            wanted = dict(zip(published.MAJORITY, published.MAJORITY_ACCURACY[arch], strict=True)).get(dataset)
            variables = f"{int(own[0]['variables']):,}"
            rows.append([dataset, title_of(arch), variables, *_accuracy_cells(own, wanted)])
    header = ["data set", "architecture", "variables", *ACCURACY_HEADER]
    return Table(f"{title}: accuracy in percent, original split", header, rows)


def fold_accuracy(results: Results) -> Table:
    """Appendix 1."""
    folds = [row for row in results["runs"] if row["fold"] != "original"]
    rows = []
    for dataset, arch in sorted_keys(folds, "dataset", "architecture"):
        interval = spread(fitting(folds, dataset=dataset, architecture=arch), "accuracy", scale=100)
        mean, deviation = dict(zip(published.MAJORITY, published.FOLD_ACCURACY[arch], strict=True)).get(
            dataset, ("", "")
        )
        half = f"{(interval.high - interval.low) / 2:.2f}" if interval.n > 1 else ""
        rows.append([dataset, title_of(arch), str(interval.n), f"{interval.mean:.2f}", half, f"{mean}", f"{deviation}"])
    header = ["data set", "architecture", "folds", "measured", "± 95%", "published", "deviation"]
    return Table("Appendix 1: accuracy in percent, mean over folds", header, rows)


def _accuracy_cells(runs: Sequence[Row], wanted: float | None) -> list[str]:
    """Measured (the mean over seeds), published, their difference, epochs and seconds of training."""
    measured = 100 * sum(float(row["accuracy"]) for row in runs) / len(runs)
    seconds = [float(row["seconds"]) for row in runs if row["seconds"]]
    mark = " *" if wanted and measured < wanted - published.ACCEPTED_SHORTFALL else ""
    return [
        f"{measured:.2f}",
        f"{wanted:.2f}" if wanted else "",
        f"{measured - wanted:+.2f}{mark}" if wanted else "",
        runs[0]["epochs"],
        f"{sum(seconds) / len(seconds):.0f}" if seconds else "",
    ]


def _single_images(results: Results) -> list[Row]:
    return [row for row in results["runs"] if not row["dataset"].endswith("_maj") and row["architecture"] != "lenet"]


def _count(counts: Mapping, *key) -> str:
    return f"{counts[key]:,}" if key in counts else ""
