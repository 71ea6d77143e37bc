"""Dense and convolutional layers, with a BatchNormalization that follows folded in."""

import keras
from keras import ops

from thesis_rnn.attribution.stock.coverage import Place, activate, cover
from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import Window


@cover(keras.layers.Dense)
def dense(place: Place, x, **_):
    return _affine(place, x, form=None)


@cover(keras.layers.Conv1D, keras.layers.Conv2D)
def convolution(place: Place, x, **_):
    source = place.source
    if source.groups != 1 or source.data_format != "channels_last":
        raise place.refuse(
            f"only groups=1 and channels_last are covered; received {source.groups}, {source.data_format}"
        )
    window = Window(source.strides, source.padding, source.dilation_rate, axes=len(source.kernel_size))
    return _affine(place, x, window)


def _affine(place: Place, x, form):
    source = place.source
    kernel = place.weight(source.kernel)
    bias = place.weight(source.bias) if source.use_bias else ops.zeros(kernel.shape[-1:], place.dtype)
    if place.normalisation is not None:
        scale, shift = scale_and_shift(place, place.normalisation)
        kernel, bias = kernel * scale, bias * scale + shift
    z = primitives.affine(x, kernel, bias, place.site(form=form), place.domain)
    return activate(place, z, source.activation)


def scale_and_shift(place: Place, normalisation: keras.layers.BatchNormalization):
    """BatchNormalization at inference as x * scale + shift."""
    scale = 1 / ops.sqrt(place.weight(normalisation.moving_variance) + normalisation.epsilon)
    if normalisation.scale:
        scale = scale * place.weight(normalisation.gamma)
    shift = -place.weight(normalisation.moving_mean) * scale
    return scale, shift + place.weight(normalisation.beta) if normalisation.center else shift
