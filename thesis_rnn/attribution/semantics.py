"""Backward semantics of the primitives: guided backprop and relevance propagation.

Sensitivity analysis and the other gradient methods need none: they take the derivative of
``primitives.ForwardSemantics``.
"""

from dataclasses import dataclass
from itertools import repeat

import tensorflow as tf
from keras import ops

from thesis_rnn.attribution.composites.composite import PRODUCTS, Composite, is_named
from thesis_rnn.attribution.ledger import CONSTANT, KINDS, SOFTMAX
from thesis_rnn.attribution.rules import Absorbed, Parts, divide, stabilise, transposed_map
from thesis_rnn.attribution.rules.gates import GATE_RULES
from thesis_rnn.core.backward import with_backward
from thesis_rnn.core.linear_maps import neuron_axes
from thesis_rnn.core.primitives import ForwardSemantics, Site
from thesis_rnn.errors import InputError


class Guided(ForwardSemantics):
    """Guided backprop: a signal passes a ReLU where it is positive and the ReLU is active (thesis, equation 2.29)."""

    def rectify(self, z):
        @with_backward
        def guided_relu(z):
            return ops.relu(z), lambda signal: tf.where(z > 0, tf.nn.relu(signal), tf.zeros_like(signal))

        return guided_relu(z)

    constant_weights = True
    called, source = "guided backprop", "Springenberg et al., 2014"

    def squash(self, z, function, controls, layer):
        if not controls:
            raise self._undefined(layer, function.__name__)
        return function(z)

    def gate(self, g, signal, role="other"):
        return tf.stop_gradient(g) * signal

    def product(self, a, b, function, layer="", mixing=None):
        if mixing is None:
            raise self._undefined(layer, "a product of two signals")
        return function(tf.stop_gradient(a), b)

    def normalise(self, a, scale, layer=""):
        return a * tf.stop_gradient(scale)

    def softmax(self, z, function, layer=""):
        raise self._undefined(layer, "a softmax")

    def _undefined(self, layer: str, what: str) -> InputError:
        return InputError(
            f"{self.called} is defined for ReLU networks ({self.source}); use sensitivity or gradient_x_input instead; "
            f"received layer {layer!r} with {what} on its signal path"
        )


class Deconvolution(Guided):
    """Deconvolution: a signal passes a ReLU where it is positive, active or not (Zeiler and Fergus, 2014)."""

    called, source = "deconvolution", "Zeiler and Fergus, 2014"

    def rectify(self, z):
        @with_backward
        def deconvolved_relu(z):
            return ops.relu(z), tf.nn.relu

        return deconvolved_relu(z)


@dataclass(frozen=True)
class Contribution:
    """The parts of what inputs contribute to a pre-activation: summed over inputs, taken apart by step, gated."""

    parts: Parts

    def __add__(self, other: "Contribution") -> "Contribution":
        return Contribution(Parts(*map(_sum_of_present, self.parts, other.parts)))

    def by_step(self) -> list["Contribution"]:
        """The contribution of each step."""
        parts = [repeat(None) if part is None else tf.unstack(part, axis=1) for part in self.parts]
        return [Contribution(Parts(*step)) for step in zip(*parts, strict=False)]

    def map(self, function) -> "Contribution":
        """The contribution with ``function`` applied to every part."""
        return Contribution(Parts(*(None if part is None else function(part) for part in self.parts)))


class RelevanceSemantics(ForwardSemantics):
    """Relevance propagation: what flows back is relevance, shared by the rules of a composite.

    Args:
      composite: the rule for every site.
    """

    def __init__(self, composite: Composite):
        super().__init__()
        self.composite = composite
        self.sites: set[Site] = set()

    @property
    def constant_weights(self) -> bool:
        return self.composite.attention == "values"

    def contribution(self, a, kernel, site: Site, domain):
        self.sites.add(site)
        if self._takes_no_relevance(site):
            return super().contribution(a, kernel, site, domain)
        rule = self.composite(site)
        kernel = tf.convert_to_tensor(kernel)
        domain = self.composite.inputs if domain == "bounded" else domain

        @with_backward
        def split(a):
            parts = rule.split(a, kernel, domain, site.form)

            def collect(_, *shares):
                return rule.collect(a, kernel, domain, Parts(None, *shares), site.form)

            return _present(parts), collect

        return Contribution(Parts(*split(a)))

    def by_step(self, contributions):
        if isinstance(contributions, Contribution):
            return contributions.by_step()
        return super().by_step(contributions)

    def preactivation(self, contributions, bias, site: Site):
        if self._takes_no_relevance(site):
            return super().preactivation(contributions, bias, site)
        rule = self.composite(site)
        bias = tf.convert_to_tensor(bias)
        parts = _present(contributions.parts)
        meters = self._meters(parts[0], site.layer, features=neuron_axes(site.form))

        @with_backward
        def complete(meters, parts):
            def share(relevance):
                shares = _present(rule.share(Parts(*parts), bias, relevance))
                absorbed = rule.absorbed(Parts(*parts), bias, relevance) if meters else ()
                return _read(meters, absorbed), [tf.zeros_like(parts[0]), *shares]

            return parts[0] + bias, share

        return complete(meters, parts)

    def rectify(self, z):
        return _identity_backward(ops.relu, z)

    def squash(self, z, function, controls, layer):
        return _identity_backward(function, z)

    def gate(self, g, signal, role="other"):
        """By the composite's gate rule; a constant, or a gate on a contribution, counts as part of a kernel."""
        if isinstance(signal, Contribution):
            g = tf.stop_gradient(g)
            return signal.map(lambda part: g * part)
        if isinstance(g, float):
            return _identity_backward(lambda signal: g * signal, signal)
        g, signal = _in_one_shape(g, signal)
        if self.composite.gates == "all":
            return _identity_backward(lambda signal: g * signal, signal)
        rule = GATE_RULES[self.composite.gates]

        @with_backward
        def product(g, signal):
            return g * signal, lambda relevance: rule(g, signal, relevance)

        return product(g, signal)

    def add(self, a, b, layer=""):
        """In proportion to the contributions; where they cancel and nothing stabilises, the relevance is lost."""
        a, b = _in_one_shape(a, b)
        epsilon = self.composite.stabiliser
        meters = self._meters(a, f"{layer}/sum", features=1)

        @with_backward
        def total(meters, a, b):
            def share(relevance):
                denominator = stabilise(a + b, epsilon)
                s = divide(relevance, denominator)
                kept = Absorbed(tf.zeros_like(s), (denominator - (a + b)) * s, relevance - denominator * s)
                return _read(meters, kept), a * s, b * s

            return a + b, share

        return total(meters, a, b)

    def pool(self, a, function, average=None, layer=""):
        """Sums and averages in proportion to the activations (Montavon et al., 2018, section 5); maxima by choice."""
        linear_map, epsilon = function, self.composite.pooling
        if average is not None:
            if self.composite.max_pooling == "winner":
                return function(a)  # the derivative of a maximum sends everything to the winner
            linear_map = average
        meters = self._meters(a, layer, features=a.shape.rank - 1)

        @with_backward
        def pooled(meters, a):
            def share(relevance):
                total = linear_map(a)
                denominator = stabilise(total, epsilon)
                s = divide(relevance, denominator)
                kept = Absorbed(tf.zeros_like(s), (denominator - total) * s, relevance - denominator * s)
                return _read(meters, kept), a * transposed_map(linear_map, a, s)

            return function(a), share

        return pooled(meters, a)

    def product(self, a, b, function, layer="", mixing=None):
        """Each factor's part in proportion to its terms, the other taken for a kernel (Achtibat et al., 2024)."""
        if mixing is not None and self.constant_weights:
            return self.preactivation(self.contribution(b, a, mixing, "real"), tf.zeros((), b.dtype), mixing)
        epsilon = self.composite.stabiliser
        to_a, to_b = PRODUCTS[self.composite.products if mixing is None else "half"]
        meters = self._meters(function(a, b), f"{layer}/product", features=1)

        @with_backward
        def multiplied(meters, a, b):
            def share(relevance):
                z = function(a, b)
                denominator = stabilise(z, epsilon)
                s = divide(relevance, denominator)
                kept = Absorbed(tf.zeros_like(s), (denominator - z) * s, relevance - denominator * s)
                terms_a = a * transposed_map(lambda a: function(a, b), a, s)
                terms_b = b * transposed_map(lambda b: function(a, b), b, s)
                return _read(meters, kept), to_a * terms_a, to_b * terms_b

            return function(a, b), share

        return multiplied(meters, a, b)

    def normalise(self, a, scale, layer=""):
        """The scale counts as a constant (Ali et al., 2022)."""
        scale = tf.stop_gradient(scale)
        if isinstance(a, Contribution):
            return a.map(lambda part: part * scale)
        return _identity_backward(lambda a: a * scale, a)

    def softmax(self, z, function, layer=""):
        """R_i = z_i (R_i - p_i sum_j R_j) (Achtibat et al., 2024); what does not arrive is lost to the softmax.

        That is z times the transposed derivative of the relevance per probability, whatever axis and mask it has.
        """
        meters = self._meters(z, layer, features=1, kinds=(SOFTMAX,))

        @with_backward
        def normalised(meters, z):
            p = function(z)

            def share(relevance):
                slope = transposed_map(function, z, divide(relevance, p))
                arrived = tf.math.multiply_no_nan(z, slope)  # a masked logit may be infinite
                return _read(meters, (relevance - arrived,)), arrived

            return p, share

        return normalised(meters, z)

    def constant(self, a, layer=""):
        """No input has a part in it: what arrives is written down, and goes no further."""
        meters = self._meters(a, layer, features=1, kinds=(CONSTANT,))

        @with_backward
        def kept(meters, a):
            return tf.identity(a), lambda relevance: (_read(meters, (relevance,)), tf.zeros_like(relevance))

        return kept(meters, a)

    def check(self) -> None:
        for name, _ in self.composite.layers:
            if not any(is_named(name, site) for site in self.sites):
                known = ", ".join(sorted({site.layer for site in self.sites}))
                raise InputError(f"rules are for the model's layers, {known}; received one for {name!r}")

    def _takes_no_relevance(self, site: Site) -> bool:
        return site.controls and self.composite.gates == "all"

    def _meters(self, z, layer: str, features: int, kinds: tuple[str, ...] = KINDS) -> list:
        """A probe whose last axis is the kinds of loss at this place, if an account is kept."""
        if self.probes is None or not self.probes.losses:
            return []
        return [self.probes.open((layer, kinds), z, features, (len(kinds),))]


def _identity_backward(function, signal):
    """``function`` forward; backward, relevance passes unchanged."""

    @with_backward
    def forward(signal):
        return function(signal), lambda relevance: relevance

    return forward(signal)


def _in_one_shape(a, b):
    """Both in the shape that they broadcast to, so that each receives its own relevance."""
    if tf.TensorShape(a.shape).as_list() == tf.TensorShape(b.shape).as_list():
        return a, b
    shape = tf.broadcast_dynamic_shape(tf.shape(a), tf.shape(b))
    return tf.broadcast_to(a, shape), tf.broadcast_to(b, shape)


def _present(parts) -> list:
    return [part for part in parts if part is not None]


def _sum_of_present(a, b):
    if a is None or b is None:
        return b if a is None else a
    return a + b


def _read(meters: list, absorbed) -> list:
    """What the meter shows, if there is one: what was ``absorbed`` of each kind, summed over neurons."""
    return [
        tf.stack([tf.reduce_sum(part, tuple(range(meter.shape.rank - 1, part.shape.rank))) for part in absorbed], -1)
        for meter in meters
    ]
