"""What Ismail et al. (2019) printed in Tables 1 and 2, to stand beside what is measured."""

from typing import NamedTuple

TABLE_1 = ("lstm", "bilstm", "lstm_self_attention", "lstm_ica")
"""The models of Table 1, in its order."""
TABLE_2 = (
    "lstm",
    "bilstm",
    "lstm_ica",
    "lstm_max",
    "lstm_max_ica",
    "lstm_mean",
    "lstm_mean_ica",
    "lstm_self_attention",
    "lstm_self_attention_ica",
)
"""The nine models of Table 2, in its order, among them those of Table 1."""
DATA = ("box_earlier", "box_middle", "box_latter", "box_mixed", "box_three_earlier", "box_three_middle")

MISPRINT = "misprint"


class Printed(NamedTuple):
    """Weighted Jaccard, Euclidean distance and accuracy in percent, as printed, or ``MISPRINT``."""

    weighted_jaccard: str
    euclidean: str
    accuracy: str


_ROWS = {
    "lstm": (".000 1.006 53.4, .000 1.003 98.6, .019 .985 100.0, .000 1.003 49.1, .000 1.003 52.2, .000 1.004 51.8"),
    "bilstm": (".000 1.004 50.7, .000 1.003 53.2, .013 .990 100.0, .000 1.002 51.5, .000 1.003 51.3, .000 1.003 51.3"),
    "lstm_ica": (".103 .914 100.0, .124 .891 100.0, .110 .903 100.0, .104 .912 77.6, .108 .903 100.0, .106 .905 100.0"),
    "lstm_max": (
        ".002 1.006 99.9, .001 1.004 100.0, .002 1.006 100.0, .003 1.003 100.0, .002 1.003 100.0, .002 1.004 99.9"
    ),
    "lstm_max_ica": (
        ".076 .931 100.0, .015 .990 99.8, .011 1.002 100.0, .009 .997 100.0, .053 .953 100.0, .012 .993 99.9"
    ),
    "lstm_mean": (
        ".007 1.024 99.9, .038 .974 100.0, .033 .997 99.9, .034 .979 100.0, .014 1.005 100.0, .067 .946 100.0"
    ),
    # The first weighted Jaccard is printed as 100.0; the score is at most 1.
    "lstm_mean_ica": (
        "misprint .904 100.0, .029 .982 99.9, .003 1.010 98.0, .033 .977 100.0, .124 .879 100.0, .012 .995 100.0"
    ),
    "lstm_self_attention": (
        ".048 .973 100.0, .048 .963 100.0, .045 .973 100.0, .060 .953 100.0, .025 .985 100.0, .075 .939 99.9"
    ),
    "lstm_self_attention_ica": (
        ".124 .878 100.0, .014 .994 99.9, .014 .995 100.0, .014 .992 100.0, .091 .916 100.0, .043 .967 100.0"
    ),
}
"""Table 2, with the rows of Table 1: for each model the data sets in the order of ``DATA``, parts (a) and (b)."""


def _printed(cell: str) -> Printed:
    return Printed(*(f"0{number}" if number.startswith(".") else number for number in cell.split()))


PUBLISHED: dict[tuple[str, str], Printed] = {
    (model, data): _printed(cell) for model in TABLE_2 for data, cell in zip(DATA, _ROWS[model].split(","), strict=True)
}
"""(model, data set) -> what is printed."""
