"""What every propagation rule is made of.

A rule says how the relevance R_k of a pre-activation is shared among the inputs that made it. It acts in three pure
steps, because the inputs of a recurrent layer arrive separately:

1. ``split`` what one input contributes to z into the parts that relevance is shared by; they are summed over inputs;
2. ``share`` R_k over the summed parts: s = R_k / denominator;
3. ``collect`` the relevance of one input from the shares.

``apply_rule`` does the three for a layer with one input. All are arrays in, arrays out, for dense maps and convolutions
alike, in any floating-point type.
"""

from typing import Any, NamedTuple, Protocol, runtime_checkable

import tensorflow as tf

from thesis_rnn.core.linear_maps import Form, is_shared, linear
from thesis_rnn.core.primitives import Domain

DEAD = 1e-30
"""A denominator of this magnitude or less counts as zero: it has nothing to share relevance by."""


class Parts(NamedTuple):
    """What an input contributes to a pre-activation, or the shares of relevance that go back to it.

    Attributes:
      z: W.a, the forward value; in shares None.
      first, second: the parts that relevance is shared by; None where a rule has none.
    """

    z: Any
    first: Any
    second: Any = None


class Absorbed(NamedTuple):
    """The relevance [batch, ..., outputs] that an affine map kept, each computed from its own formula.

    Attributes:
      bias: b_k / denominator * R_k.
      stabiliser: stabiliser / denominator * R_k.
      dead: R_k, where the denominator is zero.
    """

    bias: Any
    stabiliser: Any
    dead: Any


@runtime_checkable
class Rule(Protocol):
    """A propagation rule; see the module's text."""

    def split(self, a, kernel, domain: Domain, form: Form = None) -> Parts: ...

    def share(self, parts: Parts, bias, relevance) -> Parts: ...

    def collect(self, a, kernel, domain: Domain, shares: Parts, form: Form = None): ...

    def absorbed(self, parts: Parts, bias, relevance) -> Absorbed: ...


def apply_rule(rule: Rule, a, kernel, bias, relevance, domain: Domain = "positive", form: Form = None):
    """The relevance of ``a`` [batch, ..., inputs] from the ``relevance`` of W.a + b [batch, ..., outputs]."""
    shares = rule.share(rule.split(a, kernel, domain, form), bias, relevance)
    return rule.collect(a, kernel, domain, shares, form)


def stabilise(z, epsilon: float):
    """z + epsilon sign(z), with sign(0) = +1: never closer to zero than epsilon."""
    epsilon = in_type_of(z, epsilon)
    return z + tf.where(z >= 0, epsilon, -epsilon)


def in_type_of(a, parameter):
    """A rule's parameter, a number or a tensor, in the floating-point type of ``a``."""
    return tf.cast(parameter, a.dtype) if tf.is_tensor(parameter) else tf.constant(parameter, a.dtype)


def divide(relevance, denominator):
    """relevance / denominator; 0 where the denominator is dead, so that what it held is lost, never NaN."""
    return tf.math.divide_no_nan(relevance, tf.where(dead(denominator), tf.zeros_like(denominator), denominator))


def dead(denominator):
    """Where a denominator has nothing to share relevance by."""
    return tf.abs(denominator) <= DEAD


def transposed(shares, kernel, a, form: Form = None):
    """The transpose of ``linear``: W^T.s, in the shape of ``a``."""
    if form is None:
        return linear(shares, tf.transpose(kernel))
    return transposed_map(lambda a: linear(a, kernel, form), a, shares)


def transposed_map(function, a, shares):
    """The transpose of a linear ``function`` of ``a``, applied to ``shares``."""
    a = tf.identity(a)  # inside the gradient of a loop, a tape sees only tensors of the loop's own graph
    with tf.GradientTape() as tape:
        tape.watch(a)
        z = function(a)
    return tape.gradient(z, a, output_gradients=shares)


def one_sample(a, kernel, form: Form = None):
    """Ones in the shape of one sample of ``a``: what is linear in them is computed once for all samples and steps."""
    if not is_shared(form):
        return tf.ones_like(a)
    leading = a.shape.rank - kernel.shape.rank + 1
    return tf.ones_like(a[(slice(0, 1),) * leading])
