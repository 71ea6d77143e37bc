"""The least work of an explanation or an update: products of the model's affine maps, counted where they are called.

A job returns [multiply-add FLOPs, bytes] for one sample; bytes of the weights are counted apart:
[FLOPs per sample, bytes per sample, bytes of the weights].
"""

from typing import NamedTuple

import keras
import numpy as np

from benchmarks.contenders.own import MODELS
from benchmarks.serving import Job, serve
from thesis_rnn import __version__
from thesis_rnn.attribution.tape.network import network_of
from thesis_rnn.core.linear_maps import SlidingKernel
from thesis_rnn.core.primitives import ForwardSemantics, explained_by

FLOAT = 4  # bytes

PRODUCTS = {
    "gradient": (2, 2, 2),
    "sensitivity": (2, 2, 2),
    "guided_backprop": (2, 2, 1),
    "epsilon": (2, 2, 1),
    "z_plus": (3, 3, 1),
    "dtd": (3, 3, 1),
    "alpha2_beta1": (4, 3, 1),
    "training": (3, 2, 3),
}
"""Products of a kernel's size: on activations, on pixels in a box, for a gate.

Forward W.a, and W^T.s for the way back. z+ adds W+.a, since relevance is shared by another denominator than the
activation; alpha-beta has W+.a, W-.a, whose sum is W.a, and two ways back. The z-beta rule has one product forward, its
other terms being constant, and two back. Gates take no relevance, but derivatives. An update needs the gradients of
activations and of kernels; pixels need none.
"""

ADAM = 8
"""Each weight is read and written by Adam: weight, gradient and two moments, and the gradient's own making."""


class Product(NamedTuple):
    """A product in a forward pass of one sample: its FLOPs, the size of its result, and which column it belongs to."""

    flops: int
    size: int
    column: int


class Counter(ForwardSemantics):
    """Writes down every product while a model is called."""

    needs_steps = True  # loops are unrolled, so that each of their steps is seen

    def __init__(self, bounded: bool):
        super().__init__()
        self.bounded = bounded
        self.products: list[Product] = []

    def contribution(self, a, kernel, site, domain):
        z = super().contribution(a, kernel, site, domain)
        column = 2 if site.controls else int(self.bounded and domain == "bounded")
        size = int(np.prod(z.shape))
        self.products.append(Product(2 * size * _inputs_of_each(a, kernel, site.form), size, column))
        return z


def _inputs_of_each(a, kernel, form) -> float:
    """How many inputs a neuron has; on average where a convolution's border cuts its window."""
    if not isinstance(form, SlidingKernel):
        return kernel.shape[-2]
    *sizes, channels, _ = kernel.shape
    if form.padding != "same":
        return float(np.prod(sizes)) * channels
    extents = a.shape[-len(sizes) - 1 : -1]
    inside = [_inside(extent, size) / extent for extent, size in zip(extents, sizes, strict=True)]
    return float(np.prod(inside)) * channels


def _inside(extent: int, size: int) -> int:
    """Of all windows of a "same" convolution with stride 1, the cells that lie inside the image, along one axis."""
    before = (size - 1) // 2
    return sum(0 <= start - before + cell < extent for start in range(extent) for cell in range(size))


def load(job: dict) -> Job:
    model, x, _ = MODELS[job["case"]](job)
    counter = Counter(bounded=job["case"] == "architecture" or job["rule"] == "dtd")
    network = network_of(model, "float32")
    with explained_by(counter):
        network.logits(keras.ops.convert_to_tensor(x[:1]))
    factors = PRODUCTS[job["rule"]]
    flops = sum(factors[product.column] * product.flops for product in counter.products)
    stored = 2 * sum(product.size for product in counter.products)  # written on the way there, read on the way back
    updates = job["rule"] == "training"
    moved = x[0].size * (1 if updates else 2) + stored
    weights = model.count_params() * (ADAM if updates else 1)
    return lambda: np.array([flops, FLOAT * moved, FLOAT * weights], float)


if __name__ == "__main__":
    serve(load, {"thesis_rnn": __version__})
