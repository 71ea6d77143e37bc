"""Weights by gate: which features feed which gate, and what the recurrent kernel does when it is repeated."""

from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.analysis.analysis import Finding, Studied
from thesis_rnn.layers.asking import parts_of_layer
from thesis_rnn.reporting.style import SMALL_TEXT, WIDTH

PANELS, SHOWN = 6, 40
"""Kernels and features that a figure shows."""


class Block(NamedTuple):
    """The columns of one weight that belong to one gate.

    Attributes:
      layer, gate, weight: their names; the gate of a layer without gates is "".
      values: [..., units].

    Example:
      >>> Block("lstm", "forget_gate", "kernel", np.ones((2, 3))).values.shape
      (2, 3)
    """

    layer: str
    gate: str
    weight: str
    values: np.ndarray


def weights_by_gate(model: keras.Model) -> list[Block]:
    """The weights of each layer, cut into the columns of its gates and candidates.

    Args:
      model: a model whose layers are built.

    Returns:
      Blocks, in the order of the layers.

    Example:
      >>> model = keras.Sequential([keras.Input((4, 2)), keras.layers.LSTM(3)])
      >>> [block.values.shape for block in weights_by_gate(model) if block.gate == "forget_gate"]
      [(2, 3), (3, 3), (3,)]
    """
    return [
        Block(layer.name, gate, variable.name, keras.ops.convert_to_numpy(variable)[..., columns])
        for layer in model.layers
        for gate, places in reversed(parts_of_layer(layer).items())
        for variable, columns in places
    ]


def spectral_radius(kernel: np.ndarray) -> float:
    """The largest |eigenvalue| of a square kernel; above 1, what it alone repeats can grow; NaN if it is not square."""
    square = kernel.ndim == 2 and kernel.shape[0] == kernel.shape[1]
    return float(np.abs(np.linalg.eigvals(kernel)).max()) if square else float("nan")


def gate_weights(studied: Studied) -> Finding:
    """Norms of every weight by gate; of input kernels, which feature feeds which gate."""
    blocks = weights_by_gate(studied.model)
    rows = [
        (one.layer, one.gate, one.weight, "x".join(map(str, one.values.shape)), float(one.values.mean()),
         float(one.values.std()), float(np.linalg.norm(one.values)), _radius(one))
        for one in blocks
    ]  # fmt: skip
    kernels = [one for one in blocks if one.gate and one.weight.endswith("kernel") and "recurrent" not in one.weight]
    header = ("layer", "gate", "weight", "shape", "mean", "deviation", "norm", "spectral radius")
    names = {one.layer: _names(studied, one) for one in kernels}
    return Finding(_said(rows), header, rows, (lambda: _draw(kernels, names)) if kernels else None)


def _radius(block: Block) -> float:
    return spectral_radius(block.values) if "recurrent" in block.weight else float("nan")


def _said(rows: Sequence[tuple]) -> str:
    growing = [f"{row[0]} {row[1]}".strip() for row in rows if row[-1] > 1]
    told = f"Recurrent kernels with a spectral radius above 1: {', '.join(growing)}." if growing else ""
    return f"{len(rows)} weights, by the gates that their columns belong to. {told}".strip()


def _names(studied: Studied, block: Block) -> list[str]:
    """Those of the features where the layer reads the samples themselves."""
    count = block.values.shape[0]
    return [
        studied.feature_name(place) if len(studied.feature_names) == count else str(place) for place in range(count)
    ]


def _draw(kernels: Sequence[Block], names: dict[str, list[str]]) -> Figure:
    layers = list(dict.fromkeys(one.layer for one in kernels))[:PANELS]
    figure = Figure(figsize=(WIDTH, 3.2 * len(layers)), layout="constrained")
    for axis, layer in zip(figure.subplots(len(layers), squeeze=False)[:, 0], layers, strict=True):
        own = [one for one in kernels if one.layer == layer]
        feeds = np.stack([np.linalg.norm(one.values, axis=1) for one in own])[:, :SHOWN]
        image = axis.imshow(feeds, aspect="auto", cmap="viridis", vmin=0)
        axis.set_yticks(range(len(own)), [one.gate for one in own], fontsize=SMALL_TEXT)
        axis.set_xticks(range(feeds.shape[1]), names[layer][:SHOWN], fontsize=SMALL_TEXT, rotation=90)
        axis.set_title(f"{layer}: norm of what each feature feeds to each gate", fontsize=SMALL_TEXT)
        figure.colorbar(image, ax=axis)
    return figure
