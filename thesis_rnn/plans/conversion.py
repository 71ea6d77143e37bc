"""Converts result files of the wide form, one column for each measure, to the long form of ``plans.results``.

    python -m thesis_rnn.plans.conversion OLD_DIR NEW_DIR

Adds the rows of OLD_DIR/*.csv to NEW_DIR/*.csv, each in the place of one with the same key. Values are copied as text,
to the last digit. Files that are long already are merged as they are: converting twice changes nothing.
"""

import pathlib
import re
import sys
from collections.abc import Callable, Iterator, Sequence

from thesis_rnn.errors import InputError
from thesis_rnn.plans.results import MADE_BY, NAMES, RUN_KEY, RUNS, Row, frame_of, read_csv, read_results, write_results

OLD_RUN_KEY = ("profile", "dataset", "architecture", "steps", "fold", "folds", "seed")
OLD_KEYS = {
    "runs": OLD_RUN_KEY,
    "cross_validation": (*OLD_RUN_KEY, "method"),
    "step_shares": (*OLD_RUN_KEY, "class", "method", "step"),
    "epochs": (*OLD_RUN_KEY, "epoch", "method"),
    "seed_agreement": ("profile", "dataset", "architecture", "steps", "method"),
    "boxes": ("profile", "data", "model", "window", "last_steps", "seed", "map"),
}
"""The columns that named a row of each file."""

METHODS = {
    "SA": "sensitivity",
    "GB": "guided_backprop",
    "DTD": "deep_taylor",
    "gradient x input": "gradient_x_input",
}
"""Label -> method; those of LRP hold their parameters."""
MAPS = {
    "saliency_probability": "saliency(output=log_odds)",
    "integrated_gradients": "integrated_gradients(points=16)",
    "lrp": "lrp(alpha=1.5, beta=0.5)",
    "lrp_epsilon_half": "lrp_epsilon(gates=half)",
    "lrp_epsilon_prop": "lrp_epsilon(gates=prop)",
    "lrp_epsilon_abs": "lrp_epsilon(gates=abs)",
}
"""Map of series -> method; others kept their names."""
CHANCE = "(chance)"
"""The architecture of maps that know nothing."""

SCORES = {
    "cosine": "cosine",
    "right_percentage": "evidence_percentage",
    "ink_share": "foreground_mass_accuracy",
    "step_flipping": "step_flipping",
    "patch_flipping": "patch_flipping",
    "unexplained": "n_unexplained",
    "zero_relevance": "n_zero_relevance",
}
"""Column of cross_validation.csv -> measure."""
BOX_SCORES = ("masked_accuracy", "weighted_jaccard", "euclidean", "euclidean_printed", "roc_auc", "average_precision")
BOX_SCORES += ("mass_accuracy", "rank_accuracy", "pointing_game", "time_cosine", "half_life")
"""Columns of boxes.csv that are measures of their names."""

THESIS, BOXES = "chormai_2018", "ismail_2019"
ENDED_BY = {"true": "updates", "false": "patience or fitted", "": ""}
"""Whether a training reached the cap of its updates -> what ended it, as far as that was written down."""


def method_of(label: str) -> str:
    """The method that a label stood for; what knows nothing keeps its name in brackets."""
    lrp = re.fullmatch(r"LRP-a([\d.]+)b([\d.]+)", label)
    return f"lrp(alpha={lrp[1]}, beta={lrp[2]})" if lrp else METHODS.get(label, label)


def convert(old: pathlib.Path, new: pathlib.Path) -> None:
    """Adds the rows of the result files in the folder ``old`` to those in ``new``.

    Raises:
      InputError: for a damaged file, or scores whose facts differ from those of their run.
    """
    found = [name for name in NAMES if (old / f"{name}.csv").is_file()]
    if not found:
        raise InputError(f"expected one of {', '.join(f'{name}.csv' for name in NAMES)}; received the folder {old}")
    for name in found:
        frame = read_csv(old / f"{name}.csv", OLD_KEYS[name][:1])
        if set(RUN_KEY) <= set(frame.columns):
            write_results(new, name, read_results(old, name))
            continue
        missing = [column for column in OLD_KEYS[name] if column not in frame.columns]
        if missing:
            raise InputError(f"expected the columns {', '.join(missing)}; received {old / name}.csv, line 1")
        rows = frame.to_dict("records")
        write_results(new, name, frame_of(name, CONVERTED[name](rows)))
        _merge_facts(new, FACTS_OF.get(name, lambda rows: [])(rows), f"{old / name}.csv")


# ---- runs


def _run(row: Row) -> dict[str, str]:
    return {"paper": THESIS, "variant": ""} | {name: row[name] for name in OLD_RUN_KEY}


def _runs(rows: Sequence[Row]) -> Iterator[Row]:
    return (_run(row) | {name: text for name, text in row.items() if name not in OLD_RUN_KEY} for row in rows)


def _thesis_facts(rows: Sequence[Row]) -> Iterator[Row]:
    """What each row of cross_validation.csv said again of its run."""
    return (_run(row) | {name: row[name] for name in ("accuracy", "epochs", "seconds", *MADE_BY)} for row in rows)


def _box_run(row: Row) -> dict[str, str]:
    """A run on series, whose files did not say that all have one split and how many steps."""
    dataset = row["data"] if row["data"].endswith("_rows") else f"box_{row['data']}"
    attended = {"attention_window": row["window"], "attend_last_steps": row["last_steps"]}
    return {
        "paper": BOXES,
        "profile": row["profile"],
        "dataset": dataset,
        "architecture": row["model"],
        "steps": "28" if dataset.endswith("_rows") else "100",
        "fold": "original",
        "folds": "",
        "seed": row["seed"],
        "variant": "; ".join(f"{name}={value}" for name, value in attended.items() if value),
    }


def _box_facts(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        if row["model"] != CHANCE:
            facts = {name: row[name] for name in ("accuracy", "updates", "seconds", *MADE_BY)}
            yield _box_run(row) | facts | {"ended_by": ENDED_BY[row["hit_the_cap"]]}


def _merge_facts(folder: pathlib.Path, facts: Iterator[Row], origin: str) -> None:
    """Adds facts to those of the same runs in runs.csv, and runs that it does not have yet.

    Raises:
      InputError: for a fact that differs from what is there.
    """
    known = {tuple(row[name] for name in RUN_KEY): row for row in read_results(folder, RUNS).to_dict("records")}
    for row in facts:
        run = known.setdefault(tuple(row[name] for name in RUN_KEY), {})
        for name, text in row.items():
            if run.get(name) and text and run[name] != text:
                where = " ".join(filter(None, (row[part] for part in RUN_KEY)))
                raise InputError(f"expected {name}={run[name]} as in runs.csv; received {text} of {where} in {origin}")
            run[name] = text or run.get(name, "")
    write_results(folder, RUNS, frame_of(RUNS, known.values()))


# ---- scores


def _cross_validation(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        for column, measure in SCORES.items():
            if row[column]:
                yield _run(row) | {"method": method_of(row["method"]), "measure": measure, "value": row[column]}


def _step_shares(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        place = {"class": row["class"], "step": row["step"], "method": method_of(row["method"])}
        yield _run(row) | place | {"measure": "step_share", "value": row["share"]}


def _epochs(rows: Sequence[Row]) -> Iterator[Row]:
    """The accuracy is of the model, whatever the method: it stands once for each epoch, without one."""
    for row in rows:
        usual = _run(row) | {"epoch": row["epoch"]}
        yield usual | {"method": method_of(row["method"]), "measure": "cosine", "value": row["cosine"]}
        yield usual | {"method": "", "measure": "val_accuracy", "value": row["val_accuracy"]}


def _seed_agreement(rows: Sequence[Row]) -> Iterator[Row]:
    """A score of several runs has no seed, but their number."""
    for row in rows:
        run = {name: row.get(name, "") for name in OLD_RUN_KEY} | {"paper": THESIS, "fold": "original"}
        score = {"method": method_of(row["method"]), "measure": "rank_correlation", "value": row["rank_correlation"]}
        yield run | score | {"seeds": row["seeds"]}


def _boxes(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        name = f"({row['map']})" if row["model"] == CHANCE else MAPS.get(row["map"], row["map"])
        for measure in BOX_SCORES:
            if row[measure]:
                yield _box_run(row) | {"method": name, "measure": measure, "value": row[measure]}


CONVERTED: dict[str, Callable[[Sequence[Row]], Iterator[Row]]] = {
    "runs": _runs,
    "cross_validation": _cross_validation,
    "step_shares": _step_shares,
    "epochs": _epochs,
    "seed_agreement": _seed_agreement,
    "boxes": _boxes,
}
FACTS_OF: dict[str, Callable[[Sequence[Row]], Iterator[Row]]] = {
    "cross_validation": _thesis_facts,
    "boxes": _box_facts,
}
"""The facts of runs that stood in rows of scores."""


def main(arguments: Sequence[str]) -> None:
    """Converts the folders that the command line names."""
    try:
        if len(arguments) != 2:
            raise InputError(f"expected OLD_DIR NEW_DIR; received {' '.join(arguments) or 'nothing'}")
        convert(*map(pathlib.Path, arguments))
    except InputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
