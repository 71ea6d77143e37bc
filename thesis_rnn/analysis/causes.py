"""Which of two moves the other, by their distributions alone: pairwise LiNGAM (Hyvarinen and Smith, 2013)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from thesis_rnn.analysis.analysis import Finding, Studied
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import finite_array

LEAST = 20
"""Samples that the test of kurtosis needs."""
UNTOLD = "cannot be told"


class Direction(NamedTuple):
    """Which way it goes between two variables.

    Attributes:
      score: rho E[x tanh y - y tanh x] of the standardised variables; positive speaks for x -> y.
      error: its standard error.
      kurtosis: excess of each.
      verdict: "x -> y", "y -> x", or that it cannot be told.

    Example:
      >>> Direction(0.1, 0.01, (1.0, 2.0), "x -> y").verdict
      'x -> y'
    """

    score: float
    error: float
    kurtosis: tuple[float, float]
    verdict: str


def pairwise_direction(x: ArrayLike, y: ArrayLike) -> Direction:
    """rho E[x tanh y - y tanh x] > 0: x moves y, if y = b x + noise and both are heavier-tailed than a normal.

    The sign turns for variables with lighter tails, as of saturated units, and nothing is told of normal ones:
    a direction is only given where the test of kurtosis finds heavier tails in both (p < .05), and the score differs
    from 0 by 1.96 standard errors.

    Args:
      x, y: [n], at least 20 samples.

    Returns:
      The direction.

    Raises:
      InputError: other shapes, fewer samples, or a variable that does not vary.

    Example:
      >>> rng = np.random.default_rng(0)
      >>> x = rng.laplace(size=20_000)
      >>> pairwise_direction(x, x + rng.laplace(size=20_000)).verdict
      'x -> y'
    """
    x, y = (finite_array(name, values, axes=1) for name, values in (("x [n]", x), ("y [n]", y)))
    if x.shape != y.shape or len(x) < LEAST:
        raise InputError(f"x and y must have one shape, of at least {LEAST} samples; received {x.shape} and {y.shape}")
    if not (x.std() and y.std()):
        raise InputError("both variables must vary; received a constant")
    x, y = ((values - values.mean()) / values.std() for values in (x, y))
    rho = float((x * y).mean())
    each = rho * (x * np.tanh(y) - y * np.tanh(x))
    score, error = float(each.mean()), float(each.std(ddof=1) / np.sqrt(len(x)))
    tests = [stats.kurtosistest(values) for values in (x, y)]
    heavy = all(test.statistic > 0 and test.pvalue < 0.05 for test in tests)
    told = heavy and abs(score) > 1.96 * error
    verdict = ("x -> y" if score > 0 else "y -> x") if told else UNTOLD
    return Direction(score, error, (float(stats.kurtosis(x)), float(stats.kurtosis(y))), verdict)


def causality(studied: Studied) -> Finding:
    """Whether the last state of a unit moves an output or follows it, where distributions can tell."""
    rows = []
    for name, states in studied.states.items():
        last = states.last.astype(np.float64)
        for unit, label in np.ndindex(last.shape[1], studied.outputs.shape[1]):
            x, y = last[:, unit], studied.outputs[:, label].astype(np.float64)
            if not (x.std() and y.std()):
                continue
            found = pairwise_direction(x, y)
            words = {"x -> y": "the unit moves the output", "y -> x": "the unit follows the output"}
            verdict = words.get(found.verdict, UNTOLD)
            rows.append((name, unit, studied.class_name(label), found.score, found.error, *found.kurtosis, verdict))
    if not rows:
        raise InputError("this analysis needs units and outputs that vary over the samples; received none")
    rows.sort(key=lambda row: (row[-1] == UNTOLD, -abs(row[3])))
    told = sum(row[-1] != UNTOLD for row in rows)
    said = (
        f"A direction can be told of {told} of {len(rows)} pairs: the others are not heavier-tailed than a normal, as "
        "saturated units are not, or too close to 0. That units move outputs is known; a unit that seems to follow "
        "shares a cause with the output."
    )
    header = ("layer", "unit", "output", "score", "error", "kurtosis of unit", "of output", "direction")
    return Finding(said, header, rows)
