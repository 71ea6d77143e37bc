"""What this package's layers share: what they tell of themselves, their weights' start and their bias."""

import math
from typing import get_args

import keras
from keras import ops

from thesis_rnn.core.primitives import Domain
from thesis_rnn.errors import InputError
from thesis_rnn.layers.parts import Parts, whole

BIAS_START = math.log(math.exp(0.01) - 1)
"""softplus(BIAS_START) = 0.01, the thesis' initial bias (section 3.1)."""


class PrimitiveLayer(keras.layers.Layer):
    """A layer whose forward pass is written in primitives: it is explained as it is, and tells what it is made of.

    Attributes:
      gate_names: the gates that ``gates`` has, in the order in which their columns stand in the weights.
      loops: whether it reads a sequence step by step.
    """

    gate_names: tuple[str, ...] = ()
    loops: bool = False

    def activations(self, inputs) -> dict:
        """The layer's forward activations by name, each with its time axis where the layer has one."""
        return {"output": self(inputs)}

    def parts(self) -> Parts:
        """What can be randomised on its own, from the output down; the name of the layer as a whole is empty."""
        return whole(self.weights)

    def gates(self, inputs) -> dict:
        """The values of the gates by name, each [batch, steps, units]; empty if it has none."""
        activations = self.activations(inputs) if self.gate_names else {}
        return {name: activations[name] for name in self.gate_names}

    def attention_weights(self, inputs, mask=None):
        """The weights with which hops attend to steps [batch, hops, ..., steps]; None if there is no attention."""
        return None

    def draw(self, graph) -> None:
        """Adds its boxes and arrows to the graph of an architecture, see ``reporting.architecture``.

        Raises:
          InputError: unless a layer of this kind can be drawn.
        """
        raise InputError(f"{self.name} must be a layer that can be drawn; received {type(self).__name__}")


class ExplainableLayer(PrimitiveLayer):
    """A layer in primitives with kernels and biases as in section 3.1 of the thesis.

    Kernels start from a normal distribution of mean 0 and standard deviation 1/sqrt(fan_in), cut at two standard
    deviations. Biases are subtracted through a softplus, so that they are never positive, as deep Taylor
    decomposition assumes.

    Args:
      domain: where the input lives: "bounded" for pixels and whatever else is the network's input, "positive" for ReLU
        activations, "real" for any other numbers.
      seed: seeds the kernels and, where the layer has any, the dropout masks.
    """

    def __init__(self, domain: str = "positive", seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        if domain not in get_args(Domain):
            raise InputError(f"domain must be one of {', '.join(get_args(Domain))}; received {domain!r}")
        self.domain = domain
        self.seed = seed

    def get_config(self):
        return super().get_config() | {"domain": self.domain, "seed": self.seed}

    def add_kernel(self, name: str, shape: tuple[int, ...], offset: int = 0):
        """A kernel whose last axis is the outputs and whose other axes are the fan-in."""
        seed = None if self.seed is None else self.seed + offset
        start = keras.initializers.TruncatedNormal(stddev=1 / math.sqrt(math.prod(shape[:-1])), seed=seed)
        return self.add_weight(name=name, shape=shape, initializer=start)

    def add_bias(self, name: str, units: int):
        return self.add_weight(name=name, shape=(units,), initializer=keras.initializers.Constant(BIAS_START))


def negative_bias(bias):
    """-softplus(b), the thesis' bias: never positive (section 3.1)."""
    return -ops.softplus(bias)
