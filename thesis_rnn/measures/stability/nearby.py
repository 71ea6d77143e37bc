"""Whether explanations of nearly equal inputs are nearly equal: continuity, and its relative max-sensitivity.

Montavon et al. (2018), section 7.2; Yeh et al. (2019). Both are suprema: what a search finds is a lower bound. The
explained class is fixed, padded and masked cells stay as they are, and sums are taken in float64; a method that itself
computes in float32 adds rounding that is divided by a small distance.
"""

from typing import NamedTuple, cast

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.measures.faithfulness.fills import is_tokens
from thesis_rnn.measures.faithfulness.removing import outputs_at, target_of
from thesis_rnn.measures.measure import Scored, checked_heatmaps
from thesis_rnn.support.checks import at_least_one

PATHS = ("directions", "shift", "neighbours")


class Ratios(NamedTuple):
    """How much changes on the way from each sample to inputs nearby.

    Attributes:
      relevance: ||R(x) - R(x')||_1 / ||x - x'||_2 [n, inputs]; NaN where x' = x.
      function: |f(x) - f(x')| / ||x - x'||_2 [n, inputs]; None without a model's ``predict``.
    """

    relevance: np.ndarray
    function: np.ndarray | None


def continuity_ratios(scored: Scored, along: str = "directions", radius: float = 0.1, number: int = 5) -> Ratios:
    """The ratios of the tutorial's continuity, between each sample and inputs nearby.

    Args:
      scored: samples, heatmaps and ``explain``; with ``predict``, the function's own ratios too.
      along: "directions": ``number`` random directions of length ``radius``; "shift": a path of ``number`` steps along
        time (of images [steps, rows, columns]: along the columns of the joined image), what is shifted in is the
        background, and each step of the path is compared with the one before; "neighbours": the ``number`` nearest
        other samples with the same own steps, without a model's help.
      radius: the length of directions, in standard deviations of the own cells.
      number: of directions, steps of the path or neighbours.

    Returns:
      The ratios.

    Raises:
      InputError: tokens, an unknown path, or a number that is too large.

    Example:
      >>> x = np.ones((1, 3, 1))
      >>> scored = Scored(2 * x, x, np.array([0]), explain=lambda x, target: 2 * x)
      >>> float(continuity_ratios(scored, number=1).relevance[0, 0]) <= 2 * 3**0.5  # ||.||_1 <= sqrt(3) ||.||_2
      True
    """
    at_least_one(number=number)
    if is_tokens(scored.x):
        raise InputError("continuity is for numbers, tokens have no small distance; received integers")
    if along not in PATHS or not radius > 0:
        raise InputError(f"along is one of {', '.join(PATHS)} and radius above 0; received {along!r}, {radius}")
    if along == "neighbours":
        return _between_neighbours(scored, number)
    points = {"directions": _directions, "shift": _shifts}[along](scored, radius, number)  # [number, n, ...]
    maps = np.concatenate([scored.own_relevance[None], _explained(scored, points)])
    values = _values(scored, points)
    points = np.concatenate([scored.x[None], points]).astype(np.float64)
    before = np.arange(number) if along == "shift" else np.zeros(number, int)
    distance = _norm(points[1:] - points[before], 2)
    own = scored.own_cells
    changed = _norm(np.where(own, maps[1:] - maps[before], 0), 1)
    function = None if values is None else _ratio(np.abs(values[1:] - values[before]), distance).T
    return Ratios(_ratio(changed, distance).T, function)


def continuity(
    scored: Scored, along: str = "directions", radius: float = 0.1, number: int = 5, scaled: bool = True
) -> np.ndarray:
    """max ||R(x) - R(x')||_1 / ||x - x'||_2 over inputs x' nearby, [n]; lower is better, and a constant map gives 0.

    Scaled: divided by ||R(x)||_1, without which methods of large relevance lose; NaN for a sample without relevance.
    The other arguments are those of ``continuity_ratios``.
    """
    ratios = continuity_ratios(scored, along, radius, number).relevance
    return _largest(ratios) / (_size(scored) if scaled else 1.0)


def function_continuity(
    scored: Scored, along: str = "directions", radius: float = 0.1, number: int = 5, scaled: bool = True
) -> np.ndarray:
    """The same of f itself, [n], scaled by |f(x)|: a map cannot be smoother than what it explains, by much."""
    f = np.abs(target_of(scored, outputs_at(scored, 1, lambda sample, _: scored.x[sample])))[:, 0]
    ratios = cast(np.ndarray, continuity_ratios(scored, along, radius, number).function)  # there is a model
    return _largest(ratios) / (np.where(f > 0, f, np.nan) if scaled else 1.0)


def max_sensitivity(scored: Scored, radius: float = 0.02, number: int = 10) -> np.ndarray:
    """max ||R(x + d) - R(x)||_2 / ||R(x)||_2 over ``number`` draws of d, each cell from U[-radius, radius], [n].

    Yeh et al. (2019), definition 2.3, as Captum computes it: relative to R(x), radius in the input's units. Lower is
    better; NaN for a sample without relevance.
    """
    at_least_one(number=number)
    if is_tokens(scored.x) or not radius > 0:
        raise InputError(f"max_sensitivity is for numbers, with a radius above 0; received radius={radius}")
    own = scored.own_cells
    noise = np.random.default_rng(scored.seed).uniform(-radius, radius, (number, *scored.x.shape))
    maps = _explained(scored, _in_box(scored, scored.x + np.where(own, noise, 0)))
    changed = _norm(np.where(own, maps - scored.own_relevance, 0), 2)
    size = _norm(scored.own_relevance[None], 2)
    return _ratio(changed, size).max(axis=0)


def _directions(scored: Scored, radius: float, number: int) -> np.ndarray:
    own = scored.own_cells
    drawn = np.where(own, np.random.default_rng(scored.seed).standard_normal((number, *scored.x.shape)), 0)
    length = radius * np.std(scored.x[own], dtype=np.float64) or radius
    lengths = _norm(drawn, 2).reshape(number, -1, *[1] * (scored.x.ndim - 1))
    return _in_box(scored, scored.x + length * drawn / lengths)


def _in_box(scored: Scored, points: np.ndarray) -> np.ndarray:
    """What left the box where inputs live is set on its edge: rules of bounded inputs are not defined elsewhere."""
    return points if scored.box is None else np.clip(points, *scored.box)


def _shifts(scored: Scored, radius: float, number: int) -> np.ndarray:
    from thesis_rnn.attribution.shifting import shifted

    return np.stack([shifted(scored.x, by, scored.background, scored.own_steps) for by in range(1, number + 1)])


def _between_neighbours(scored: Scored, number: int) -> Ratios:
    x, own, n = scored.x.reshape(len(scored.x), -1).astype(np.float64), scored.own_steps, len(scored.x)
    if number >= n:
        raise InputError(f"number of neighbours must be below the {n} samples; received {number}")
    apart = np.sqrt(np.maximum((x**2).sum(1)[:, None] + (x**2).sum(1) - 2 * x @ x.T, 0))
    same = (own[:, None] == own).all(axis=2) & (np.asarray(scored.target)[:, None] == scored.target)
    apart = np.where(same & ~np.eye(n, dtype=bool), apart, np.inf)
    nearest = np.argsort(apart, axis=1, kind="stable")[:, :number]
    maps = scored.own_relevance.reshape(n, -1)
    distance = np.take_along_axis(apart, nearest, axis=1)
    distance = np.where(np.isfinite(distance), np.linalg.norm(x[:, None] - x[nearest], axis=2), np.nan)
    values = _values(scored, scored.x[None])
    function = None if values is None else _ratio(np.abs(values[0][:, None] - values[0][nearest]), distance)
    return Ratios(_ratio(np.abs(maps[:, None] - maps[nearest]).sum(axis=2), distance), function)


def _explained(scored: Scored, points: np.ndarray) -> np.ndarray:
    """Relevance of [number, n, ...] inputs, as many copies of the samples at once as ``batch_size`` allows."""
    if scored.explain is None:
        raise InputError("nearby inputs are explained too; give explain=, the method; received none")
    together = max(1, scored.batch_size // len(scored.x))
    maps = []
    for start in range(0, len(points), together):
        part = points[start : start + together]
        copies, target = part.reshape(-1, *points.shape[2:]), np.tile(scored.target, len(part))
        found = checked_heatmaps("relevance of inputs nearby", scored.explain(copies, target), copies.shape)
        maps.append(found.reshape(part.shape))
    return np.concatenate(maps)


def _values(scored: Scored, points: np.ndarray) -> np.ndarray | None:
    """f of the samples and of ``points`` [number, n, ...], [1 + number, n]; None without a model."""
    if scored.predict is None:
        return None
    points = np.concatenate([scored.x[None], points])
    return target_of(scored, outputs_at(scored, len(points), lambda sample, point: points[point, sample])).T


def _norm(points: np.ndarray, order: int) -> np.ndarray:
    """Of each sample of [number, n, ...], over its cells, in float64."""
    flat = points.reshape(*points.shape[:2], -1).astype(np.float64)
    return np.linalg.norm(flat, ord=order, axis=2)


def _ratio(changed: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """changed / distance; NaN where the distance is 0."""
    return np.where(distance > 0, changed / np.where(distance > 0, distance, 1), np.nan)


def _largest(ratios: np.ndarray) -> np.ndarray:
    """The largest ratio of each sample that is a number; NaN where none is."""
    largest = np.where(np.isnan(ratios), -np.inf, ratios).max(axis=1)
    return np.where(np.isfinite(largest), largest, np.nan)


def _size(scored: Scored) -> np.ndarray:
    size = _norm(scored.own_relevance[None], 1)[0]
    return np.where(size > 0, size, np.nan)
