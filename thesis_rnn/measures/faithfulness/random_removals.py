"""Infidelity (Yeh et al., 2019): whether relevance says by how much the output falls, whatever is taken away."""

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.measures.faithfulness.fills import fill_of, is_tokens
from thesis_rnn.measures.faithfulness.removing import outputs_at, outputs_without, target_of
from thesis_rnn.measures.measure import Scored
from thesis_rnn.support.checks import at_least_one


def infidelity(
    scored: Scored,
    by: str = "removal",
    number: int = 20,
    share: float = 0.1,
    radius: float = 0.1,
    fill: str = "background",
    scaled: bool = True,
) -> np.ndarray:
    """The mean over perturbations I of (s I.R - (f(x) - f(x - I)))^2, [n], Yeh et al.'s definition 2.1.

    "removal": each own cell is replaced with the probability ``share``, and I.R is the relevance of the replaced cells:
    for methods whose relevance is a part of the output. "noise": I ~ N(0, ``radius``^2), for gradients. Scaled, s is
    the number that suits the sample best, E[(I.R) d] / E[(I.R)^2] with d the change of f (section 3.3); else 1. In the
    output's units, squared; lower is better.

    Raises:
      InputError: for parameters out of range, or noise on tokens.
    """
    at_least_one(number=number)
    if by not in ("removal", "noise") or not 0 < share <= 1 or not radius > 0:
        raise InputError(f"by is removal or noise, 0 < share <= 1, radius > 0; received {by!r}, {share}, {radius}")
    along, fallen = _removals(scored, number, share, fill) if by == "removal" else _noises(scored, number, radius)
    factor = _best_scale(along, fallen) if scaled else 1.0
    return np.mean((factor * along - fallen) ** 2, axis=1)


def _best_scale(along: np.ndarray, fallen: np.ndarray) -> np.ndarray:
    """E[a d] / E[a^2] of each sample [n, 1]; 0 where all a are 0, whatever it is."""
    squares = (along**2).sum(axis=1, keepdims=True)
    return (along * fallen).sum(axis=1, keepdims=True) / np.where(squares > 0, squares, 1)


def _removals(scored: Scored, number: int, share: float, fill: str) -> tuple[np.ndarray, np.ndarray]:
    """The relevance of what is removed and how far the output falls, both [n, number]; the same places of all."""
    masks = np.random.default_rng(scored.seed).random((number + 1, *scored.x.shape[1:])) < share
    masks[0] = False
    outputs = outputs_without(scored, number + 1, lambda _, point: masks[point], fill_of(fill, scored))
    return _along_and_fallen(scored, masks.astype(float), outputs)


def _noises(scored: Scored, number: int, radius: float) -> tuple[np.ndarray, np.ndarray]:
    if is_tokens(scored.x):
        raise InputError("noise is for numbers; use by=removal for tokens; received by='noise'")
    noise = radius * np.random.default_rng(scored.seed).standard_normal((number + 1, *scored.x.shape[1:]))
    noise[0] = 0
    own = scored.own_cells
    outputs = outputs_at(scored, number + 1, lambda at, point: scored.x[at] - np.where(own[at], noise[point], 0))
    return _along_and_fallen(scored, noise, outputs)


def _along_and_fallen(scored: Scored, amounts: np.ndarray, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    f = target_of(scored, outputs)
    relevance = scored.own_relevance.reshape(len(f), -1)
    return relevance @ amounts[1:].reshape(len(amounts) - 1, -1).T, f[:, :1] - f[:, 1:]
