"""One explanation of all samples, from those of its parts, in the structure in which the samples came."""

from dataclasses import replace

import numpy as np
from keras import tree

from thesis_rnn.attribution.explanation import ARRAYS, OPTIONAL, Explanation
from thesis_rnn.attribution.inputs.axes import Axes, OfLengths
from thesis_rnn.attribution.inputs.lengths import Part
from thesis_rnn.attribution.inputs.samples import Samples
from thesis_rnn.errors import InputError


def joined(explanations: list[Explanation], parts: list[Part], samples: Samples, class_names: tuple) -> Explanation:
    """The explanation of ``samples``, from one of each part.

    Raises:
      InputError: for ledgers or states of parts of different lengths, which have no common steps.
    """
    first = explanations[0]
    if len(parts) > 1 and (first.ledger or first.states):
        raise InputError("ledger and states are for samples of one length; received samples of different lengths")
    order = np.argsort(np.concatenate([part.places for part in parts]))
    present = [*ARRAYS, *(name for name in OPTIONAL if getattr(first, name) is not None)]
    arrays = {name: np.concatenate([getattr(one, name) for one in explanations])[order] for name in present}
    every = first.explained.ndim > 1
    relevance = [
        _relevance(place, explanations, parts, leaf, order, every) for place, leaf in enumerate(samples.leaves)
    ]
    details = first.details if len(parts) == 1 else _details(explanations, order)
    x = [OfLengths(leaf) if isinstance(leaf, list) else leaf for leaf in samples.leaves]
    return replace(
        first,
        relevance=samples.packed(relevance),
        **arrays,
        details=details,
        class_names=class_names,
        sample_names=samples.names,
        axes=samples.axes if any(one != Axes() for one in samples.axes) else (),
        x=samples.packed(x),
    )


def _details(explanations: list[Explanation], order: np.ndarray) -> dict[str, np.ndarray]:
    """What else was found of all samples; arrays that differ in length have no common shape and are left out."""
    found = {name: [one.details[name] for one in explanations] for name in explanations[0].details}
    fitting = {name: parts for name, parts in found.items() if len({part.shape[1:] for part in parts}) == 1}
    return {name: np.concatenate(parts)[order] for name, parts in fitting.items()}


def _relevance(place: int, explanations: list, parts: list[Part], leaf, order, every: bool):
    """The relevance of one input, of all samples."""
    found = [tree.flatten(one.relevance)[place] for one in explanations]  # as the network orders its inputs
    if not isinstance(leaf, list):
        relevance = np.concatenate(found)[order]
        as_taken = parts[0].arrays[place].shape[1:] == relevance.shape[1 + every :]
        return relevance.reshape(*relevance.shape[: 1 + every], *leaf.shape[1:]) if as_taken else relevance
    rows = [row for part in found for row in part]
    own = [rows[k] for k in order]
    return OfLengths(row[:, : len(one)] if every else row[: len(one)] for row, one in zip(own, leaf, strict=True))
