"""The table of one run on series with planted evidence."""

from thesis_rnn.reporting.tables import markdown_table

SHOWN = {
    "weighted_jaccard": "WJac",
    "euclidean": "Euc",
    "roc_auc": "ROC-AUC",
    "average_precision": "AP",
    "mass_accuracy": "mass",
    "pointing_game": "pointing",
}
"""Score -> its column."""


def box_table(metrics: dict) -> str:
    """The accuracy, and a row of localisation scores for each map, with the accuracy after masking its top tenth."""
    capped = ", stopped by the cap" if metrics["hit_the_cap"] else ""
    head = (
        f"{metrics['architecture']} on {metrics['dataset']}, seed {metrics['seed']}: test accuracy "
        f"{metrics['accuracy']:.1%}, {metrics['updates']:,} updates{capped}, best epoch {metrics['best_epoch']}"
    )
    rows = [
        [name, *(f"{scores[key]:.3f}" for key in SHOWN), f"{metrics['masked_accuracy'][name]:.1%}"]
        for name, scores in metrics["maps"].items()
    ]
    return f"{head}\n\n{markdown_table(['map', *SHOWN.values(), 'accuracy without its top 10%'], rows)}"
