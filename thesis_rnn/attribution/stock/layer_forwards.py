"""The table of covered layers, and how a user adds one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import keras
from keras import backend, ops, tree

from thesis_rnn.attribution.stock.recast import recast
from thesis_rnn.attribution.stock.samples import keeps_samples
from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import Form
from thesis_rnn.core.primitives import Domain, Site
from thesis_rnn.errors import InputError


@dataclass(frozen=True)
class LayerContext:
    """A layer of the user's model, as its forward pass in primitives sees it.

    Attributes:
      source: the user's layer, which is only read.
      dtype: the floating-point type of the explanation.
      domain: where the layer's input lives.
      first: whether the layer sees the network's input, through layers that only rearrange it.
      head: whether it is an output layer whose softmax or sigmoid is left out.
      normalisation: a BatchNormalization that follows and is folded into this layer; None if there is none.
      gates: which of the inputs of a product are gates.
      controls: whether the layer itself is a gate, and nothing but a gate, of products.
      constants: which of the inputs no input of the model has a part in, in the order of ``keras.tree.flatten``.
      derivative: whether nothing but its derivative is asked for.
      mixes: whether one of those products is a matrix product, with attention weights.
      alias: another name than the layer's own.
    """

    source: Any
    dtype: str
    domain: Domain = "real"
    first: bool = False
    head: bool = False
    normalisation: Any = None
    gates: tuple[bool, ...] = ()
    controls: bool = False
    constants: tuple[bool, ...] = ()
    mixes: bool = False
    derivative: bool = False
    alias: str = ""

    @property
    def name(self) -> str:
        """The layer's name in ledgers and messages."""
        return self.alias or self.source.name

    def site(self, part: str = "", form: Form = None, controls: bool = False) -> Site:
        """The place of an affine map of the layer, or of its ``part``."""
        return Site(f"{self.name}/{part}" if part else self.name, self.first, form, controls)

    def part(self, source, name: str, **changes) -> "LayerContext":
        """The context of a layer ``source`` that is a part of this one, with an input of either sign."""
        return LayerContext(source, self.dtype, first=self.first, alias=f"{self.name}/{name}", **changes)

    def weight(self, variable):
        """A weight of the layer in the explanation's floating-point type."""
        return ops.cast(ops.convert_to_tensor(variable), self.dtype)

    def with_constants(self, inputs, like=None):
        """``inputs``, a tree of tensors, whose constants are of the explanation's type and have accounts of their own.

        Args:
          inputs: what the layer is called with.
          like: a shape that constants are broadcast to, whose first axis is the samples; None leaves theirs.
        """

        def known(value, is_constant):
            if not is_constant:
                return value
            if like is None and not backend.is_float_dtype(backend.standardize_dtype(value.dtype)):
                return value  # indices and the like
            value = ops.cast(ops.convert_to_tensor(value), self.dtype)
            return primitives.constant(value if like is None else ops.broadcast_to(value, like), self.name)

        leaves = tree.flatten(inputs)
        flags = [*self.constants[: len(leaves)], *[False] * (len(leaves) - len(self.constants))]
        return tree.pack_sequence_as(inputs, list(map(known, leaves, flags)))

    def are_constant(self, *inputs) -> tuple[bool, ...]:
        """Which of the operands of an operation are numbers, or have no input of the model in them."""
        flags = [*self.constants, *[False] * len(inputs)]
        return tuple(isinstance(one, int | float) or flag for one, flag in zip(inputs, flags, strict=False))

    def keeps_samples(self, *inputs) -> None:
        """Refuses an operation that mixes, moves or cuts samples, as each is explained on its own."""
        if not isinstance(self.source, keras.layers.Layer) and not keeps_samples(self.source, inputs):
            raise self.refuse("an operation along the first axis, that of the samples, is not covered")

    @cached_property
    def layer(self) -> Callable:
        """The user's layer, called as it is, in the explanation's floating-point type."""
        return recast(self.source, self.dtype)

    def refuse(self, what: str) -> "NotCovered":
        """The error for a use of a covered layer that is not covered."""
        return NotCovered(f"layer {self.name!r} of class {type(self.source).__name__}: {what}; {WAYS_OUT}", what)


class NotCovered(InputError):
    """A use of a layer that its forward pass in primitives does not know: ``what`` is the reason alone."""

    def __init__(self, message: str, what: str = ""):
        super().__init__(message)
        self.what = what


WAYS_OUT = (
    "the ways out: write it with thesis_rnn.attribution.stock.register_layer, or use a gradient method (sensitivity, "
    "gradient_x_input, integrated_gradients) or occlusion"
)

Handler = Callable[..., Any]

_by_class: dict[type, Handler] = {}
_by_operation: dict[str, Handler] = {}


def register_layer(*kinds: type | str) -> Callable[[Handler], Handler]:
    """Registers a forward pass in primitives for layer classes, or for Keras operations by name ("Add").

    The decorated function is called as ``handler(context, *inputs, **options)`` where the layer is called and returns
    the layer's output. Subclasses are not covered: their ``call`` may differ.
    """

    def register(handler: Handler) -> Handler:
        for kind in kinds:
            (_by_operation if isinstance(kind, str) else _by_class)[kind] = handler
        return handler

    return register


def forward_of(operation) -> Handler | None:
    """The registered forward pass of a layer or operation; None if it is not covered."""
    return _by_class.get(type(operation)) or _by_operation.get(_operation_name(operation))


def forward_for(operation) -> Handler | None:
    """The registered forward pass of a layer or operation, or the one for layers of any other class."""
    known = forward_of(operation)
    return known or (_by_class.get(keras.layers.Layer) if isinstance(operation, keras.layers.Layer) else None)


def is_floating(x) -> bool:
    """Whether ``x`` is a tensor of floating-point numbers."""
    return hasattr(x, "dtype") and keras.backend.is_float_dtype(keras.backend.standardize_dtype(x.dtype))


def covered_names() -> list[str]:
    """The names of the covered layer classes and operations."""
    return sorted({kind.__name__ for kind in _by_class} - {"Layer"} | set(_by_operation))


def _operation_name(operation) -> str | None:
    """The class name of an operation of ``keras.ops``; None for layers, which are covered by class only."""
    kind = type(operation)
    return kind.__name__ if kind.__module__.startswith(("keras.src.ops", "keras.src.activations")) else None


ELEMENTWISE = (
    "celu",
    "elu",
    "exponential",
    "gelu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "mish",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "tanh",
    "tanh_shrink",
    "threshold",
)


def activate(context: LayerContext, z, activation):
    """``activation(z)`` on the signal path: a ReLU is rectified, other elementwise functions are squashed."""
    handler = forward_of(activation)
    if handler is not None:  # a layer in the place of a function
        return handler(replace(context, source=activation, alias=context.name), z)
    name = getattr(activation, "__name__", str(activation))
    if context.head and name in ("softmax", "sigmoid", "linear"):
        return z
    if name == "linear":
        return z
    if name == "relu":
        return primitives.rectify(z)
    if name == "softmax":
        return normalised(context, z, activation)
    if name == "glu":
        signal, gate = ops.split(z, 2, axis=-1)
        return primitives.gate(primitives.squash(gate, ops.sigmoid, controls=True), signal)
    if name in ELEMENTWISE:
        return primitives.squash(z, activation, context.controls, context.name)
    raise context.refuse(f"activation {name!r} is not covered; covered are linear, relu, glu, {', '.join(ELEMENTWISE)}")


def normalised(context: LayerContext, z, softmax):
    """A ``softmax``: as a gate where it is nothing else, and as attention weights where these count as constants."""
    semantics = primitives.semantics()
    is_constant = not semantics.follows_gates and (not context.mixes or semantics.constant_weights)
    if context.controls and is_constant:
        return primitives.squash(z, softmax, controls=True, layer=context.name)
    return primitives.softmax(z, softmax, context.name)
