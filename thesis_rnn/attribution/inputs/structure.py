"""Trees of inputs as users write them: dicts and lists, in the order in which they stand."""

from collections.abc import Callable

from thesis_rnn.attribution.inputs.axes import OfLengths


def leaves_of(structure) -> list:
    """The leaves: arrays, or samples of different lengths."""
    if isinstance(structure, dict | list | tuple) and not isinstance(structure, OfLengths):
        parts = structure.values() if isinstance(structure, dict) else structure
        return [leaf for part in parts for leaf in leaves_of(part)]
    return [structure]


def mapped(function: Callable, structure):
    """``function`` of every leaf, in the same structure."""
    if isinstance(structure, dict):
        return {name: mapped(function, part) for name, part in structure.items()}
    if isinstance(structure, list | tuple) and not isinstance(structure, OfLengths):
        return (list if isinstance(structure, list) else tuple)(mapped(function, part) for part in structure)
    return function(structure)


def packed_as(structure, leaves: list):
    """The structure with other leaves."""
    rest = iter(leaves)
    return mapped(lambda _: next(rest), structure)
