"""DeepLIFT, which compares every activation with that of a reference, and DeepSHAP, its mean over many references."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import numpy as np
from keras import tree

from thesis_rnn.attribution.methods.base import Method, freeze, points_like
from thesis_rnn.attribution.methods.host import Attributed, OnHost, references_like
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.attribution.multipliers import Multipliers
from thesis_rnn.attribution.reveal_cancel import RevealCancel
from thesis_rnn.errors import InputError

RULES = {"rescale": Multipliers, "reveal_cancel": RevealCancel}


@METHODS.register("deep_lift")
@dataclass(frozen=True)
class DeepLift(Method):
    """R_i = (x_i - b_i) m_i, with the chain of multipliers (f(z) - f(z_b)) / (z - z_b): DeepLIFT's rescale rule.

    The relevance sums to f(x) - f(b) exactly, in one forward and one backward pass. Products are completed,
    d(g s) = (s + s_b) / 2 dg + (g + g_b) / 2 ds, gates and attention weights with them. Where inputs of a function
    differ by less than 1e-6 (float64: 1e-9), m is its derivative. Masks are those of x, at b as well. A sum that
    float32 misses is computed in float64, and ``notes`` say so.

    Args:
      baseline: b, a number or an array that broadcasts to one sample; for tokens, tokens. None is what "removed" means
        for the problem, its background, or 0 without a problem; for tokens an embedding of zeros.
      rule: "rescale", or "reveal_cancel": what raises and what lowers a pre-activation has a multiplier of its own, so
        that they do not cancel (section 3.5.3); for functions of one number after linear maps, others are refused.
    """

    source: ClassVar[str] = "Shrikumar et al. (2017), section 3.5.2; products as in Lundberg and Lee (2017)"
    needs: ClassVar[tuple[str, ...]] = ("propagation",)
    sums_to: ClassVar[str] = "f(x) - f(baseline)"
    removed_by: ClassVar[str] = "baseline"
    exact: ClassVar[bool] = True
    of_states: ClassVar[bool] = False
    baseline: Any = None
    rule: str = "rescale"

    def __post_init__(self):
        object.__setattr__(self, "baseline", freeze(self.baseline))
        if self.rule not in RULES:
            raise InputError(f"rule is one of {', '.join(RULES)}; received {self.rule!r}")

    def attribute(self, explained):
        return explained.beside(*self._reference(explained))

    def expected(self, explained):
        """f(x) - f(b)."""
        return explained.difference(*self._reference(explained))

    def gradients(self, shape: tuple[int, ...]) -> float:
        return RULES[self.rule].times

    def _reference(self, explained) -> tuple:
        is_open = self.baseline is None
        reference = removed(explained.background, explained.x) if is_open else self.baseline
        return points_like(reference, explained.x), RULES[self.rule](embedded_at_zero=is_open)


@METHODS.register("deep_shap")
@dataclass(frozen=True)
class DeepShap(Method):
    """R_i = mean_b (x_i - b_i) m_i(x, b): DeepLIFT averaged over references b, its multipliers at each of them.

    The relevance sums to f(x) minus the mean of f over the background, exactly. All of the background is used:
    references that are independent of x make it interventional.

    Args:
      background: b: a number, an array that broadcasts to one sample, or data [k, ...]; for tokens, tokens. None is
        what "removed" means for the problem, its background, or 0 without a problem; for tokens an embedding of zeros.
    """

    source: ClassVar[str] = "Lundberg and Lee (2017), section 4.2; Chen et al. (2022)"
    needs: ClassVar[tuple[str, ...]] = ("propagation",)
    host: ClassVar[bool] = True
    sums_to: ClassVar[str] = "f(x) - mean_b f(b)"
    removed_by: ClassVar[str] = "background"
    exact: ClassVar[bool] = True
    of_states: ClassVar[bool] = False
    background: Any = None

    def __post_init__(self):
        object.__setattr__(self, "background", freeze(self.background))

    def attribute(self, explained: OnHost) -> Attributed:
        total = tree.map_structure(lambda leaf: np.zeros(leaf.shape, explained.dtype), explained.x)
        expected = np.zeros(len(explained.selection), explained.dtype)
        for of, (relevance, difference), k in self._of_pairs(explained):
            np.add.at(expected, of, difference / k)
            for sums, part in zip(tree.flatten(total), tree.flatten(relevance), strict=True):
                np.add.at(sums, of, part / k)
        return Attributed(total, {}, expected)

    def _of_pairs(self, explained: OnHost) -> Iterator[tuple]:
        """For each batch of pairs: the samples, what they give beside their references, how many of these there are."""
        is_open = self.background is None
        given = removed(explained.background, explained.x) if is_open else self.background
        references = references_like(given, explained.x)
        explained.check(references)
        n, k = (len(tree.flatten(leaves)[0]) for leaves in (explained.x, references))
        for start in explained.progress(range(0, n * k, explained.batch_size), "references"):
            pairs = np.arange(start, min(start + explained.batch_size, n * k))
            points = tree.map_structure(lambda leaf, which=pairs % k: leaf[which], references)
            yield pairs // k, explained.beside(points, pairs // k, is_open), k


def removed(background: float, x):
    """What is removed is, for each leaf of ``x``: the background; of tokens any, as their embedding is what counts."""
    each = tuple(0 if _is_tokens(leaf) else background for leaf in tree.flatten(x))
    return each[0] if len(each) == 1 else each


def _is_tokens(leaf) -> bool:
    return "int" in keras.backend.standardize_dtype(leaf.dtype)
