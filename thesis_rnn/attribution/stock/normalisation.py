"""BatchNormalization, folded, and LayerNormalization, with its scale detached."""

import tensorflow as tf
from keras import layers, ops

from thesis_rnn.attribution.stock.affine import scale_and_shift
from thesis_rnn.attribution.stock.coverage import Place, cover
from thesis_rnn.core import primitives


@cover(layers.BatchNormalization)
def batch_normalisation(place: Place, x, **_):
    """x * scale + shift, an affine map of one input for each output; where it is folded, the twin leaves it out."""
    if place.source.axis not in (-1, x.shape.rank - 1):
        raise place.refuse("only the last axis is covered")
    scale, shift = scale_and_shift(place, place.source)
    scaled = primitives.contribution(x, tf.linalg.diag(scale), place.site(), place.domain)
    return primitives.preactivation(scaled, shift, place.site())


@cover(layers.LayerNormalization)
def layer_normalisation(place: Place, x, **_):
    """gamma (x - mean) / deviation + beta, a linear map of x whose deviation counts as a constant (Ali et al., 2022).

    Subtracting the mean is the matrix I - 1/n, with gamma multiplied into its columns.
    """
    source, features = place.source, x.shape[-1]
    if source.axis not in (-1, [-1], x.shape.rank - 1, [x.shape.rank - 1]) or getattr(source, "rms_scaling", False):
        raise place.refuse("only the last axis, without rms_scaling, is covered")
    centring = ops.eye(features, dtype=place.dtype) - 1 / features
    if source.scale:
        centring = centring * place.weight(source.gamma)
    beta = place.weight(source.beta) if source.center else ops.zeros((features,), place.dtype)
    deviation = ops.sqrt(ops.var(x, axis=-1, keepdims=True) + source.epsilon)
    centred = primitives.contribution(x, centring, place.site(), place.domain)
    return primitives.preactivation(primitives.gate(1 / deviation, centred), beta, place.site())
