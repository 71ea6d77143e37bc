"""Attention layers, in products of two signals and softmax; by default the weights count as constants."""

from functools import partial

import tensorflow as tf
from keras import layers, ops

from thesis_rnn.attribution.stock.affine import einsum_dense
from thesis_rnn.attribution.stock.layer_forwards import LayerContext, register_layer
from thesis_rnn.attribution.stock.masks import mask_of
from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import KernelPerSample

MASKED = -1e9
"""What is added to the scores of steps that are masked."""


@register_layer(layers.Attention, layers.AdditiveAttention)
def attention(context: LayerContext, inputs, mask=None, return_attention_scores=False, use_causal_mask=False, **_):
    """out_t = sum_s A_ts v_s with A = softmax(scores)."""
    query, value, *key = inputs
    query_mask, value_mask, *_ = [mask_of(x) for x in inputs] if mask is None else mask
    with primitives.weighing():
        scores = _scores(context, query, key[0] if key else value)
        kept = context.source._calculate_score_mask(scores, value_mask, use_causal_mask)
        weights = primitives.softmax(scores, partial(_masked_softmax, kept), context.name)
    site = context.site("attention", KernelPerSample())
    mixed = primitives.product(weights, value, ops.matmul, context.name, site)
    if query_mask is not None:
        mixed = tf.where(query_mask[..., tf.newaxis], mixed, tf.zeros_like(mixed))
    return (mixed, weights) if return_attention_scores else mixed


def _scores(context: LayerContext, query, key):
    """q.k; or, of sums, w.tanh(q + k)."""
    source = context.source
    additive = isinstance(source, layers.AdditiveAttention)
    if not additive and source.score_mode == "dot":
        scores = primitives.product(query, key, partial(ops.einsum, "...qd,...kd->...qk"), f"{context.name}/scores")
        return scores if source.scale is None else primitives.normalise(scores, context.weight(source.scale))
    total = primitives.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3), f"{context.name}/scores")
    if not additive and source.scale is not None:
        total = primitives.normalise(total, context.weight(source.scale))
    squashed = primitives.squash(total, ops.tanh, layer=context.name)
    weight = source.scale if additive else source.concat_score_weight
    features = ops.ones(total.shape[-1:], context.dtype)
    kernel = ops.expand_dims(features if weight is None else features * context.weight(weight), -1)
    return primitives.affine(squashed, kernel, ops.zeros(1, context.dtype), context.site("scores"), "real")[..., 0]


def _masked_softmax(kept, scores):
    if kept is None:
        return ops.softmax(scores)
    kept = ops.expand_dims(kept, -2) if len(kept.shape) == 2 else kept
    return ops.softmax(ops.where(kept, scores, scores + MASKED))


@register_layer(layers.MultiHeadAttention)
def multi_head_attention(context: LayerContext, query, value, key=None, **options):
    """Attention for each head on projected queries, keys and values, and a projection of the heads' outputs."""
    source = context.source
    scale = source._inverse_sqrt_key_dim
    parts = (source._dot_product_equation, source._combine_equation, lambda heads: heads)
    return _heads(context, scale, *parts, query, value, key, **options)


@register_layer(layers.GroupQueryAttention)
def grouped_query_attention(context: LayerContext, query, value, key=None, **options):
    """The same, where groups of queries share keys and values."""
    source = context.source

    def repeated(heads):
        return ops.repeat(heads, source.num_repeats, axis=2)

    equation = "bkuh,bquh->buqk"
    return _heads(
        context,
        source._inverse_sqrt_head_dim,
        equation,
        source._combine_equation,
        repeated,
        query,
        value,
        key,
        **options,
    )


def _heads(
    context: LayerContext,
    scale: float,
    scores_equation: str,
    combine_equation: str,
    repeated,
    query,
    value,
    key=None,
    query_mask=None,
    value_mask=None,
    key_mask=None,
    attention_mask=None,
    use_causal_mask=False,
    return_attention_scores=False,
    **_,
):
    source, given_key = context.source, key
    key = value if key is None else key
    kept = source._compute_attention_mask(
        query,
        value,
        query_mask=mask_of(query) if query_mask is None else query_mask,
        value_mask=mask_of(value) if value_mask is None else value_mask,
        key_mask=mask_of(given_key) if key_mask is None else key_mask,
        attention_mask=attention_mask,
        use_causal_mask=use_causal_mask,
    )
    with primitives.weighing():
        keys = repeated(_projected(context, key, "key"))
        queries = _projected(context, query, "query")
        products = partial(ops.einsum, scores_equation)
        scores = primitives.gate(scale, primitives.product(keys, queries, products, f"{context.name}/scores"))
        kept = None if kept is None else _for_each_head(ops.cast(kept, "bool"), scores, source)
        weights = primitives.softmax(scores, lambda z: source._softmax.call(z, kept), context.name)
    values = repeated(_projected(context, value, "value"))
    site = context.site("attention", KernelPerSample(combine_equation, axes=2))
    mixed = primitives.product(weights, values, partial(ops.einsum, combine_equation), context.name, site)
    if getattr(source, "_use_gate", False) or getattr(source, "use_gate", False):
        gates = einsum_dense(context.part(source._gate_dense, "gate", controls=True), query)
        mixed = primitives.gate(gates, mixed)
    output = einsum_dense(context.part(source._output_dense, "attention_output"), mixed)
    return (output, weights) if return_attention_scores else output


def _projected(context: LayerContext, x, part: str):
    return einsum_dense(context.part(getattr(context.source, f"_{part}_dense"), part), x)


def _for_each_head(kept, scores, source):
    """The mask with an axis for the heads."""
    axes = len(getattr(source, "_attention_axes", None) or (1,))
    for _ in range(len(scores.shape) - len(kept.shape)):
        kept = ops.expand_dims(kept, axis=-2 * axes - 1)
    return kept
