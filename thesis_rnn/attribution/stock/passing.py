"""Layers that pass their input on: rearranged, embedded, masked, activated, or, at inference, unchanged."""

from dataclasses import replace

import keras
import tensorflow as tf
from keras import layers, ops

from thesis_rnn.attribution.stock.layer_forwards import LayerContext, forward_for, is_floating, register_layer
from thesis_rnn.attribution.stock.masks import mask_of, sample_mask
from thesis_rnn.attribution.stock.sizes import shaped_by_samples
from thesis_rnn.core import primitives


@register_layer(
    layers.Dropout,
    layers.SpatialDropout1D,
    layers.SpatialDropout2D,
    layers.SpatialDropout3D,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.AlphaDropout,
    layers.ActivityRegularization,
    layers.Identity,
    layers.RandomBrightness,
    layers.RandomColorDegeneration,
    layers.RandomColorJitter,
    layers.RandomContrast,
    layers.RandomElasticTransform,
    layers.RandomErasing,
    layers.RandomFlip,
    layers.RandomGaussianBlur,
    layers.RandomGrayscale,
    layers.RandomHue,
    layers.RandomInvert,
    layers.RandomPerspective,
    layers.RandomPosterization,
    layers.RandomRotation,
    layers.RandomSaturation,
    layers.RandomSharpness,
    layers.RandomShear,
    layers.RandomTranslation,
    layers.RandomZoom,
    layers.MixUp,
    layers.CutMix,
    layers.AugMix,
    layers.RandAugment,
)
def unchanged(context: LayerContext, x, **_):
    return x


@register_layer(
    layers.Flatten,
    layers.Reshape,
    layers.Permute,
    layers.RepeatVector,
    layers.ZeroPadding1D,
    layers.ZeroPadding2D,
    layers.ZeroPadding3D,
    layers.Cropping1D,
    layers.Cropping2D,
    layers.Cropping3D,
    layers.UpSampling1D,
    layers.UpSampling3D,
    layers.Concatenate,
    "BroadcastTo",
    "Concatenate",
    "Copy",
    "ExpandDims",
    "Flip",
    "GetItem",
    "Identity",
    "Moveaxis",
    "Pad",
    "Repeat",
    "Reshape",
    "Roll",
    "Split",
    "Squeeze",
    "Stack",
    "Swapaxes",
    "Take",
    "Tile",
    "Transpose",
    "Tril",
    "Triu",
    "Unstack",
    "Where",
    # What masks are computed with.
    "Greater",
    "GreaterEqual",
    "Less",
    "LessEqual",
    "Any",
    "All",
    "LogicalAnd",
    "LogicalOr",
    "LogicalNot",
)
def rearranged(context: LayerContext, *inputs, **options):
    """The layer itself: its ordinary gradient routes relevance correctly."""
    options.pop("mask", None)
    context.keeps_samples(*inputs)
    first, *others = context.with_constants(inputs)
    shape = shaped_by_samples(context, first)
    if shape is None:
        return context.source.call(first, *others, **options)
    return (ops.reshape if type(context.source).__name__ == "Reshape" else ops.broadcast_to)(first, shape)


@register_layer("Cast", "ConvertToTensor")
def cast(context: LayerContext, x, *_, **__):
    """In the explanation's type, if it is cast to a floating-point one; a mask that meets signals is no signal."""
    asked = keras.backend.standardize_dtype(context.source.dtype or x.dtype)
    if "float" not in asked:
        return ops.cast(x, asked)
    numbers = ops.cast(x, context.dtype)
    return numbers if is_floating(x) or context.controls else primitives.constant(numbers, context.name)


@register_layer("NotEqual", "Equal")
def comparison(context: LayerContext, a, b, **_):
    """Numbers are compared with the mark of padding, in the type in which the user's model compares them."""
    compared = [tensor.dtype for tensor in context.source._inbound_nodes[0].input_tensors]

    def own(number):
        return ops.cast(number, compared[0]) if tf.is_tensor(number) and number.dtype.is_floating else number

    return sample_mask(context.source, a, lambda: context.source.call(own(a), own(b)))


@register_layer(layers.Masking)
def masking(context: LayerContext, x, **_):
    """Padding is marked in the type in which the user's layer compares."""
    source = context.source
    seen = sample_mask(source, x, lambda: source.compute_mask(ops.cast(x, source.compute_dtype)))
    return tf.where(seen[..., None], x, tf.zeros_like(x))


@register_layer(layers.Embedding)
def embedding(context: LayerContext, tokens, **_):
    table = context.weight(context.source.embeddings)
    return primitives.embedding(table, ops.cast(tokens, "int32"))


@register_layer(layers.TimeDistributed)
def time_distributed(context: LayerContext, x, mask=None, **_):
    """The wrapped layer on every step; the steps join the batch."""
    batch, steps, wrapped = ops.shape(x)[0], ops.shape(x)[1], context.source.layer
    if wrapped._call_has_mask_arg and (mask_of(x) is not None or mask is not None):
        raise context.refuse("a mask that the wrapped layer would read is not covered; mask above it")
    inner = replace(context, source=wrapped, alias=context.name)
    y = forward_for(wrapped)(inner, ops.reshape(x, (-1, *x.shape[2:])))
    return ops.reshape(y, (batch, steps, *y.shape[1:]))
