"""Beta and gamma decomposition: the logit of an LSTM as a sum over the steps that made its last cell state."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from keras import tree

from thesis_rnn.attribution.methods.base import Method
from thesis_rnn.attribution.methods.host import Attributed, OnHost, ReadOut
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError


@dataclass(frozen=True)
class OfCells(Method):
    """What the last output o_T tanh(c_T), read out by one dense layer, owes to each step."""

    needs: ClassVar[tuple[str, ...]] = ("propagation",)
    host: ClassVar[bool] = True
    dtype: ClassVar[str] = "float64"
    of_states: ClassVar[bool] = False
    sums_to: ClassVar[str] = "f(x) - bias"

    def attribute(self, explained: OnHost) -> Attributed:
        read = explained.read_out()
        [leaf] = tree.flatten(explained.x)
        cells, forgetting, last = states(read)
        built = np.tanh(self.built(cells, forgetting))
        steps = np.einsum(
            "ntu,uk,nk->nt", last[:, np.newaxis] * np.diff(built, axis=1), read.kernel, explained.selection
        )
        bias, value = explained.selection @ read.bias, explained.value()
        self._check(steps.sum(axis=1) + bias, value)
        shared = (steps / np.prod(leaf.shape[2:])).reshape(*steps.shape, *[1] * (leaf.ndim - 2))
        return Attributed(np.broadcast_to(shared, leaf.shape).astype(explained.dtype), {"bias": bias}, value - bias)

    def built(self, cells, forgetting):
        """What of the last cell state was there after each step [n, steps + 1, units], from none before the first."""
        raise NotImplementedError

    def _check(self, total, value) -> None:
        gap = np.abs(total - value).max()
        if not gap <= 1e-4 * max(1.0, np.abs(value).max()):
            raise InputError(f"the steps must sum to the logit; use deep_lift; received a difference of {gap:.3g}")


@METHODS.register("beta_decomposition")
@dataclass(frozen=True)
class BetaDecomposition(OfCells):
    """R_t = W (o_T * (tanh(c_t) - tanh(c_{t-1}))) for an LSTM whose last output one dense layer reads.

    The sum over steps is f(x) - bias, exactly; ``details["bias"]`` has the bias. Published as exp R_t; these
    are the logs. Masked steps have 0. A step's relevance is shared equally by its features.
    """

    source: ClassVar[str] = "Murdoch and Szlam (2017), section 3, beta"

    def built(self, cells, forgetting):
        return cells


@METHODS.register("gamma_decomposition")
@dataclass(frozen=True)
class GammaDecomposition(OfCells):
    """R_t = W (o_T * (tanh(F_t c_t) - tanh(F_{t-1} c_{t-1}))), F_t = f_{t+1} ... f_T: without what was forgotten.

    The sum over steps is f(x) - bias, exactly; ``details["bias"]`` has the bias. Published as exp R_t; these
    are the logs. Masked steps have 0. A step's relevance is shared equally by its features.
    """

    source: ClassVar[str] = "Murdoch and Szlam (2017), section 3, gamma"

    def built(self, cells, forgetting):
        later = np.cumprod(forgetting[:, ::-1], axis=1)[:, ::-1]  # of each step and all behind it
        return cells * np.concatenate([later, np.ones_like(later[:, :1])], axis=1)


def states(read: ReadOut) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cell states [n, steps + 1, units], the forget gates [n, steps, units], and the last output gate.

    A masked step keeps the state, as if its forget gate were 1 and its input gate 0.
    """
    kernel, recurrent, bias = read.weights
    h = c = np.zeros((len(read.inputs), len(recurrent)))
    last = np.zeros_like(h)
    cells, forgetting = [c], []
    for x_t, own in zip(np.moveaxis(read.inputs, 1, 0), read.seen.T[..., np.newaxis], strict=True):
        i, f, g, o = np.split(x_t @ kernel + h @ recurrent + bias, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-z)) for z in (i, f, o))
        new = f * c + i * np.tanh(g)
        h, c, last = np.where(own, o * np.tanh(new), h), np.where(own, new, c), np.where(own, o, last)
        cells.append(c)
        forgetting.append(np.where(own, f, 1))
    return np.stack(cells, axis=1), np.stack(forgetting, axis=1), last
