"""Choosing and ordering rows of the result files."""

from collections.abc import Sequence

from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.experiments import published
from thesis_rnn.experiments.results import Row


def fitting(rows: Sequence[Row], **values: str) -> list[Row]:
    """The rows that have these values."""
    return [row for row in rows if all(row[name] == value for name, value in values.items())]


def sorted_keys(rows: Sequence[Row], *names: str) -> list[tuple[str, ...]]:
    """The combinations of columns that occur: MNIST before FashionMNIST, architectures in the order of the table."""
    return sorted({tuple(row[name] for name in names) for row in rows}, key=lambda key: tuple(map(place, key)))


def place(value: str) -> tuple:
    """What a value is sorted by."""
    order = [*published.MAJORITY, "mnist", "fashion_mnist", *ARCHITECTURES, *published.METHODS]
    return (0, order.index(value), "") if value in order else (1, int(value) if value.isdecimal() else 0, value)


def title_of(architecture: str) -> str:
    """The architecture's name in the thesis."""
    return ARCHITECTURES[architecture].title
