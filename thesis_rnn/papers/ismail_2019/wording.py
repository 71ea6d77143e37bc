"""How models of series and box data sets are called and marked in all figures."""

from thesis_rnn.papers import wording
from thesis_rnn.papers.ismail_2019.selection import model_title
from thesis_rnn.reporting.scores.points import Mark


def mark_of(model: str) -> Mark:
    """How a model of series is drawn; diamonds have input-cell attention."""
    return wording.mark_of(model, "series")


def short_title(model: str) -> str:
    """The model's title on up to three lines, for narrow places."""
    return model_title(model).replace(", ", ",\n").replace("-cell ", "-cell\n")


def data_title(name: str) -> str:
    """Earlier box, three earlier boxes, box from step 10."""
    if name.startswith("moving_"):
        return f"from step {name.removeprefix('moving_')}"
    return {"mixed": "mixed boxes"}.get(name, name.replace("three_", "three ")).replace("_", " ")
