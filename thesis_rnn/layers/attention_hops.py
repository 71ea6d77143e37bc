"""What input-cell attention and self-attention share: a two-layer network that scores steps, once for every hop."""

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import KernelPerSample
from thesis_rnn.errors import InputError
from thesis_rnn.layers.base import ExplainableLayer
from thesis_rnn.support.checks import at_least_one

VARIANTS = ("mean", "flatten")


class AttentionHops(ExplainableLayer):
    """Scores W2 tanh(W1 x_t) of every step, without biases (Lin et al., 2017, equation 5), for each hop of attention.

    Args:
      units: neurons of the scoring network (d_a in the paper).
      hops: hops (r), each with attention weights of its own.
      variant: what becomes of the hops' mixtures of a step: "mean" over the hops (Ismail et al., 2019, equation 4), or
        "flatten", one after another.

    Raises:
      InputError: for sizes below 1 or an unknown variant.
    """

    def __init__(self, units: int = 50, hops: int = 20, variant: str = "mean", **kwargs):
        super().__init__(**kwargs)
        at_least_one(units=units, hops=hops)
        if variant not in VARIANTS:
            raise InputError(f"variant must be one of {', '.join(VARIANTS)}; received {variant!r}")
        self.units = units
        self.hops = hops
        self.variant = variant
        self.supports_masking = True

    def build(self, input_shape):
        self.first_kernel = self._xavier("first_kernel", (input_shape[-1], self.units), 0)
        self.second_kernel = self._xavier("second_kernel", (self.units, self.hops), 1)

    def scores(self, inputs):
        """W2 tanh(W1 x_t) [batch, steps, hops]. To explanations by propagation they, and the weights, are constants."""
        hidden = ops.tanh(ops.matmul(inputs, ops.cast(self.first_kernel, inputs.dtype)))
        scores = ops.matmul(hidden, ops.cast(self.second_kernel, inputs.dtype))
        return scores if self._differentiable() else ops.stop_gradient(scores)

    def _differentiable(self) -> bool:
        """Whether nothing but derivatives can be asked for, so that weights need not be told from values."""
        return type(primitives.semantics()) is primitives.ForwardSemantics

    def _mixed(self, weights, values):
        """The mixtures that ``weights`` [batch, hops, out, steps] make of ``values`` [batch, steps, features].

        Returns:
          [batch, out, features], or [batch, out, hops * features] for "flatten".
        """
        if self.variant == "mean":
            return self._mixture(ops.mean(weights, axis=1), values, self.name)
        hops = ops.unstack(weights, self.hops, axis=1)
        mixtures = [self._mixture(hop, values, f"{self.name}/hop {number}") for number, hop in enumerate(hops)]
        return ops.concatenate(mixtures, axis=-1)

    def _mixture(self, weights, values, name: str):
        """A . x, in which the weights count as part of the kernel."""
        site = primitives.Site(name, first=self.domain == "bounded", form=KernelPerSample())
        return primitives.affine(values, weights, ops.zeros(values.shape[-1:], values.dtype), site, self.domain)

    def _features(self, features: int) -> int:
        return features if self.variant == "mean" else self.hops * features

    def _xavier(self, name: str, shape: tuple[int, int], offset: int):
        start = keras.initializers.GlorotUniform(seed=None if self.seed is None else self.seed + offset)
        return self.add_weight(name=name, shape=shape, initializer=start)

    def get_config(self):
        return super().get_config() | {"units": self.units, "hops": self.hops, "variant": self.variant}

    @classmethod
    def from_config(cls, config):
        """Takes what models that were saved earlier say too: d_a for units and r for hops."""
        names = {"d_a": "units", "r": "hops"}
        return super().from_config({names.get(name, name): value for name, value in config.items()})


def at_least_float32(a):
    """Half precision has too few digits for sums of exponentials."""
    return ops.cast(a, "float32") if a.dtype in ("float16", "bfloat16") else a
