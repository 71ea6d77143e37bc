"""Attention layers: the weights count as constants, relevance goes to the values."""

from keras import layers, ops

from thesis_rnn.attribution.stock.layer_forwards import LayerContext, register_layer
from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import KernelPerSample


@register_layer(layers.Attention)
def attention(context: LayerContext, inputs, mask=None, use_causal_mask=False, **_):
    """out_t = sum_s A_ts v_s with A = softmax(scores)."""
    mask = [getattr(x, "_keras_mask", None) for x in inputs] if mask is None else mask
    _, weights = context.layer(inputs, mask=mask, return_attention_scores=True, use_causal_mask=use_causal_mask)
    return _mixed(context, weights, inputs[1])


@register_layer(layers.MultiHeadAttention)
def multi_head_attention(
    context: LayerContext, query, value, key=None, attention_mask=None, use_causal_mask=False, **_
):
    """Attention for each head on projected values, and a projection of the heads' outputs."""
    source = context.source
    _, weights = context.layer(
        query,
        value,
        key=key,
        attention_mask=attention_mask,
        use_causal_mask=use_causal_mask,
        return_attention_scores=True,
        training=False,
    )
    kernels = {variable.path.split("/")[-2] + "/" + variable.name: variable for variable in source.weights}
    heads, size = source.num_heads, source.value_dim
    projected = _project(context, value, "value", kernels, (-1, heads * size))
    split = ops.transpose(ops.reshape(projected, (*ops.shape(projected)[:-1], heads, size)), (0, 2, 1, 3))
    mixed = ops.transpose(_mixed(context, weights, split), (0, 2, 1, 3))
    joined = ops.reshape(mixed, (*ops.shape(mixed)[:-2], heads * size))
    return _project(context, joined, "attention_output", kernels, (heads * size, -1))


def _project(context: LayerContext, x, part: str, weights: dict, shape: tuple[int, int]):
    kernel = ops.reshape(context.weight(weights[f"{part}/kernel"]), shape)
    if context.source.use_bias:
        bias = ops.reshape(context.weight(weights[f"{part}/bias"]), (-1,))
    else:
        bias = ops.zeros(kernel.shape[-1:], context.dtype)
    return primitives.affine(x, kernel, bias, context.site(part), "real")


def _mixed(context: LayerContext, weights, values):
    site = context.site("attention", KernelPerSample())
    bias = ops.zeros(values.shape[-1:], context.dtype)
    return primitives.affine(values, weights, bias, site, "real")
