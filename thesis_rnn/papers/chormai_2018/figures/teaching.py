"""What the thesis' rules and dropout do, drawn from the code: figures 2.11 to 2.13 and 3.13."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.layers import Dropout, StationaryDropout
from thesis_rnn.papers.material import Material
from thesis_rnn.reporting.style import (
    BLUE,
    GREY,
    LIGHT_GREY,
    PURPLE,
    SERIES,
    SMALL_TEXT,
    TEXT,
    VERMILLION,
    WIDTH,
    plain_axis,
)

POINT, KERNEL, BIAS = (0.8, 0.5), (1.0, -0.6), -0.1
"""A neuron of two inputs: R_k = max(0, a_1 - 0.6 a_2 - 0.1), explained at a = (0.8, 0.5)."""
BOX = (-1.0, 1.0)
"""Where pixels live."""
RULES = {
    "figure 2.11: $w^2$": "real",
    "figure 2.12: $z^+$": "positive",
    r"figure 2.13: $z^\beta$": "bounded",
}
STEPS, UNITS, RATE, SEED = 6, 12, 0.4, 1


def root_point(a: ArrayLike, w: ArrayLike, b: float, domain: str) -> np.ndarray:
    """The root of R_k = max(0, w.a + b) that deep Taylor decomposition takes: a - t v with w.(a - t v) + b = 0.

    The direction v depends on where the inputs live: w for real numbers (thesis, equation 2.56), a 1[w >= 0] for
    positive ones (2.59), and a - l 1[w >= 0] - h 1[w < 0] for those in the box [l, h] = [-1, 1] (2.67).

    Args:
      a: the activations [inputs], with w.a + b > 0.
      w: the kernel [inputs].
      b: the bias.
      domain: "real", "positive" or "bounded".

    Returns:
      The root [inputs]; its relevance is w (a - root).
    """
    a, w = np.asarray(a, float), np.asarray(w, float)
    low, high = BOX
    direction = {"real": w, "positive": a * (w >= 0), "bounded": a - np.where(w >= 0, low, high)}[domain]
    return a - (w @ a + b) / (w @ direction) * direction


def root_points_figure(_: Material) -> Figure:
    """The plane of two inputs, R_k as shades over it, the line R_k = 0, and the root point of each rule."""
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    axes = figure.subplots(1, len(RULES), sharey=True)
    for axis, (title, domain) in zip(axes, RULES.items(), strict=True):
        _draw_root(axis, domain)
        axis.set_title(title, fontsize=TEXT, loc="left")
        axis.set_xlabel("$a_1$", fontsize=TEXT)
    axes[0].set_ylabel("$a_2$", fontsize=TEXT)
    words = r"$R_k = \max(0,\ a_1 - 0.6\,a_2 - 0.1)$, shaded; white: 0. Grey: outside the inputs' domain."
    figure.supxlabel(words, fontsize=SMALL_TEXT, color=GREY)
    return figure


def _draw_root(axis: Axes, domain: str) -> None:
    span, limit = np.linspace(-1.3, 1.3, 261), 1.3
    first, second = np.meshgrid(span, span)
    relevance = np.maximum(KERNEL[0] * first + KERNEL[1] * second + BIAS, 0)
    axis.contourf(first, second, relevance, levels=np.linspace(0.001, relevance.max(), 8), cmap="Blues", alpha=0.6)
    axis.contour(first, second, KERNEL[0] * first + KERNEL[1] * second + BIAS, levels=[0], colors=[BLUE])
    outside = {"real": np.zeros_like(first), "positive": np.minimum(first, second) < 0}
    outside["bounded"] = np.maximum(abs(first), abs(second)) > BOX[1]
    if outside[domain].any():
        axis.contourf(first, second, outside[domain], levels=[0.5, 1.5], colors=[GREY], alpha=0.35)
    root = root_point(POINT, KERNEL, BIAS, domain)
    shares = np.asarray(KERNEL) * (POINT - root) + 0.0  # no -0
    axis.annotate("", root, POINT, arrowprops={"arrowstyle": "-|>", "color": VERMILLION, "linewidth": 1.4})
    axis.plot(*POINT, "o", color="black", markersize=5)
    axis.plot(*root, "o", color=VERMILLION, markersize=6)
    axis.annotate("$a$", POINT, (5, 5), textcoords="offset points", fontsize=TEXT)
    axis.annotate(r"$\tilde a$", root, (-6, -16), textcoords="offset points", fontsize=TEXT, color=VERMILLION)
    words = f"$R_1$ = {shares[0]:.2f}, $R_2$ = {shares[1]:.2f}"
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2}
    axis.text(-1.2, -1.2, words, fontsize=SMALL_TEXT, bbox=box)
    axis.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    plain_axis(axis)


def dropout_figure(_: Material) -> Figure:
    """Figure 3.13: masks of one sequence while training: ordinary dropout draws anew at each step, stationary once."""
    figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
    layers = {
        "ordinary dropout: a new mask at each step": Dropout(RATE, SEED),
        "stationary dropout: one mask for the sequence": StationaryDropout(RATE, SEED),
    }
    for axis, (title, layer) in zip(figure.subplots(1, 2, sharey=True), layers.items(), strict=True):
        kept = np.asarray(layer.mask((1, STEPS, UNITS), training=True))
        _draw_masks(axis, np.broadcast_to(kept, (1, STEPS, UNITS))[0] > 0)
        axis.set_title(title, fontsize=TEXT, loc="left")
        axis.set_xlabel("time step", fontsize=TEXT)
    figure.axes[0].set_ylabel("unit", fontsize=TEXT)
    words = f"Coloured: suspended, with probability {RATE}; one colour for one mask. Drawn by the layers themselves."
    figure.supxlabel(words, fontsize=SMALL_TEXT, color=GREY)
    return figure


def _draw_masks(axis: Axes, kept: np.ndarray) -> None:
    """A column for each step; masks that are equal have one colour."""
    _, mask = np.unique(kept, axis=0, return_inverse=True)
    colors = ["white", PURPLE] if mask.max() == 0 else ["white", *SERIES[: mask.max() + 1]]
    shown = np.where(kept, 0, 1 + mask.reshape(-1, 1)).T
    axis.pcolormesh(
        shown, cmap=ListedColormap(colors), edgecolors=LIGHT_GREY, linewidth=0.8, vmin=0, vmax=len(colors) - 1
    )
    axis.set_xticks(np.arange(len(kept)) + 0.5, [str(step + 1) for step in range(len(kept))])
    axis.set_yticks([])
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0, labelsize=SMALL_TEXT)
