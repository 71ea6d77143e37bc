"""Batches through a compiled explanation, by XLA where it is asked for or pays."""

import time

import numpy as np

from thesis_rnn.attribution.batches import mapped, rows
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.tape.engine import Compiled, compiled
from thesis_rnn.attribution.tape.network import Network

SAVED = 0.3
"""The part of the time of a batch that XLA saves at least, on the thesis' architectures: .3 to .5 were measured."""
COMPILING = 3.0
"""Seconds that XLA takes to compile: 1 to 3 were measured."""


class Runner:
    """Runs the batches of one call.

    Left the choice, the first batches run without XLA and are timed. XLA takes over for full batches once it would save
    more of what remains than it takes to compile, unless a loop over time is compiled, whose cost under XLA grows with
    the square of the steps. What it has compiled serves later calls at once.

    Args:
      network, request: what is explained, and how.
      n: how many samples there are.
      size: how many a full batch has.
    """

    def __init__(self, network: Network, request: Request, n: int, size: int):
        self.network = network
        self.request = request
        self.left = n
        self.size = size
        self.fastest = np.inf  # of the full batches without XLA, the first of which does more than run
        self.batches = {False: 0, True: 0}

    def __call__(self, x, target: np.ndarray, against: np.ndarray) -> dict:
        """The record of one batch."""
        xla = self._uses_xla(len(target))
        run = compiled(self.network, self.request, xla, self.size)
        start = time.perf_counter()
        fixed = self.network.explainable().inputs[0].shape[0] is not None
        record = run_batch(run, x, target, against, padded=bool(self.request.xla) and not fixed)
        if not xla and self.batches[False] > 0 and len(target) == self.size:
            self.fastest = min(self.fastest, time.perf_counter() - start)
        self.batches[xla] += 1
        self.left -= len(target)
        return record

    @property
    def ran(self) -> str:
        """What ran, in words."""
        plain, by_xla = self.batches[False], self.batches[True]
        return "XLA" if not plain else f"XLA for {by_xla} of {plain + by_xla} batches" if by_xla else "without XLA"

    def _uses_xla(self, n: int) -> bool:
        request, ready = self.request, (self.request.structure, self.size)
        if request.xla is not None or request.ledger or n != self.size:
            return bool(request.xla)
        if ready not in self.network.by_xla and self._pays():
            self.network.by_xla.add(ready)
        return ready in self.network.by_xla

    def _pays(self) -> bool:
        if self.fastest is np.inf or self.left // self.size * self.fastest * SAVED <= COMPILING:
            return False
        return not compiled(self.network, self.request, False).loops


def run_batch(run: Compiled, x, target: np.ndarray, against: np.ndarray, padded: bool) -> dict:
    """One batch; ``padded`` by its first sample to a power of two samples, which are cut off again."""
    n = len(target)
    if padded:
        x, target, against = rows((x, target, against), np.pad(np.arange(n), (0, 2 ** (n - 1).bit_length() - n)))
    record = mapped(lambda tensor: tensor.numpy(), run(x, target, against))
    return mapped(lambda array: array[:n], record) if padded else record
