"""How models of series and box data sets are called and marked in all figures."""

from thesis_rnn.papers.ismail_2019.selection import model_title
from thesis_rnn.reporting.scores.points import Mark
from thesis_rnn.reporting.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY_BLUE, VERMILLION

_MARKS = {
    "lstm": Mark(BLUE, "o"),
    "bilstm": Mark(SKY_BLUE, "s"),
    "lstm_self_attention": Mark(GREEN, "^"),
    "lstm_ica": Mark(VERMILLION, "D"),
    "gru": Mark(PURPLE, "v"),
    "gru_ica": Mark(PURPLE, "D"),
    "rlstm_sd": Mark(ORANGE, "P"),
    "rlstm_sd_ica": Mark(ORANGE, "D"),
    "lstm_max": Mark(BLACK, "v"),
    "lstm_max_ica": Mark(BLACK, "D"),
    "lstm_mean": Mark(GREY, "s"),
    "lstm_mean_ica": Mark(GREY, "D"),
    "lstm_self_attention_ica": Mark(GREEN, "D"),
}
"""Diamonds have input-cell attention."""


def mark_of(model: str) -> Mark:
    """How a model is drawn; those that no figure compares are grey crosses."""
    return _MARKS.get(model, Mark(GREY, "X"))


def short_title(model: str) -> str:
    """The model's title on up to three lines, for narrow places."""
    return model_title(model).replace(", ", ",\n").replace("-cell ", "-cell\n")


def data_title(name: str) -> str:
    """Earlier box, three earlier boxes, box from step 10."""
    if name.startswith("moving_"):
        return f"from step {name.removeprefix('moving_')}"
    return {"mixed": "mixed boxes"}.get(name, name.replace("three_", "three ")).replace("_", " ")
