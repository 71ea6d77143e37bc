"""Samples in batches: memory is bounded by the size of one, and a bar shows where they take long."""

from collections.abc import Callable, Iterator

import numpy as np
from keras import tree

from thesis_rnn.support.progress import bar


class Batches:
    """``n`` samples in batches of ``size``, the last one of what is left.

    Args:
      n: the number of samples.
      size: how many are looked at together.
      verbose: 0 for no bar.
    """

    def __init__(self, n: int, size: int, verbose: int = 1):
        self.n = n
        self.size = size
        self.verbose = verbose

    def __iter__(self) -> Iterator[slice]:
        slices = [slice(start, min(start + self.size, self.n)) for start in range(0, self.n, self.size)]
        return iter(bar(slices, "explaining", "batch", verbose=bool(self.verbose) and len(slices) > 1))

    def run(self, function: Callable, *arrays) -> list:
        """What ``function`` gives of every batch of the ``arrays``, which may be trees."""
        return [function(*rows(arrays, batch)) for batch in self]


def rows(arrays, chosen):
    """The ``chosen`` samples of every array of a tree."""
    return tree.map_structure(lambda array: array[chosen], arrays)


def joined(records: list[dict]) -> dict:
    """The batches of every array, one after the other."""
    return mapped(lambda *parts: np.concatenate(parts), *records)


def mapped(function: Callable, *records):
    """``function`` of the arrays of records, which may lie in dicts and lists, whose order is kept."""
    first = records[0]
    if isinstance(first, dict):
        return {name: mapped(function, *(record[name] for record in records)) for name in first}
    if isinstance(first, list | tuple):
        return type(first)(mapped(function, *parts) for parts in zip(*records, strict=True))
    return function(*records)
