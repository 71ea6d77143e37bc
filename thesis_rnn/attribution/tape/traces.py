"""The compiled graphs of a network: a bounded number of them, made by one thread at a time, released with the model."""

import gc
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf

from thesis_rnn.errors import InputError
from thesis_rnn.support.progress import during

KEPT = 16
"""Graphs of one network; the one that was used the longest ago makes room for the next."""
DRAWS = ("Random", "Multinomial", "TruncatedNormal", "Parameterized", "StatefulUniform", "StatefulStandard")
"""How the types of operations begin that draw other numbers at every run; methods draw with seeds, by others."""

_lock = threading.RLock()


@contextmanager
def making() -> Iterator[None]:
    """The block in which networks and graphs are made: by one thread, and without Python's collector.

    Keras and TensorFlow keep what they build in tables that threads share. Tracing makes objects by the hundred
    thousand, none of which is garbage yet: walking through them again and again takes a twelfth of a first call.
    """
    with _lock:
        collects = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if collects:
                gc.enable()


class Traces:
    """Graphs, or what else belongs to a network, by what they compute."""

    def __init__(self):
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, function: Callable, signature: list, xla: bool = False) -> Callable:
        """``function`` as a graph of inputs as in ``signature``, traced at its first use and whenever it was let go."""
        return self.kept(key, lambda: traced(function, signature, xla))

    def kept(self, key: Hashable, make: Callable) -> Any:
        """What ``make`` gives, made at its first use and whenever it was let go."""
        with making():
            if key not in self._kept:
                self._kept[key] = make()
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]


def traced(function: Callable, signature: list, xla: bool = False) -> Callable:
    """``function`` as a graph of inputs as in ``signature``, compiled by XLA if asked for.

    Raises:
      InputError: if it draws random numbers without a seed, so that what is explained would be another at every run.
    """
    made = tf.function(function, input_signature=signature, autograph=False, jit_compile=xla)
    with during("compiling"):
        concrete = made.get_concrete_function()
    for node in all_nodes(concrete.graph):
        if node.op.startswith(DRAWS):
            raise InputError(
                "a model must give the same outputs for the same samples; draw only if training, or by "
                f"keras.random with a seed; received a model that draws {node.op}"
            )
    return concrete


def all_nodes(graph: tf.Graph) -> list:
    """The definition of every operation of a graph, with those of its loops and conditions."""
    definition = graph.as_graph_def()
    return [*definition.node, *(node for part in definition.library.function for node in part.node_def)]
