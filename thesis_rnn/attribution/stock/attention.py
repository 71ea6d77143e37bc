"""Attention layers: the weights count as constants, relevance goes to the values."""

from keras import layers, ops

from thesis_rnn.attribution.stock.coverage import Place, cover
from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import Mixing


@cover(layers.Attention)
def attention(place: Place, inputs, mask=None, use_causal_mask=False, **_):
    """out_t = sum_s A_ts v_s with A = softmax(scores)."""
    mask = [getattr(x, "_keras_mask", None) for x in inputs] if mask is None else mask
    _, weights = place.layer(inputs, mask=mask, return_attention_scores=True, use_causal_mask=use_causal_mask)
    return _mixed(place, weights, inputs[1])


@cover(layers.MultiHeadAttention)
def multi_head_attention(place: Place, query, value, key=None, attention_mask=None, use_causal_mask=False, **_):
    """Attention for each head on projected values, and a projection of the heads' outputs."""
    source = place.source
    _, weights = place.layer(
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
    projected = _project(place, value, "value", kernels, (-1, heads * size))
    split = ops.transpose(ops.reshape(projected, (*ops.shape(projected)[:-1], heads, size)), (0, 2, 1, 3))
    mixed = ops.transpose(_mixed(place, weights, split), (0, 2, 1, 3))
    joined = ops.reshape(mixed, (*ops.shape(mixed)[:-2], heads * size))
    return _project(place, joined, "attention_output", kernels, (heads * size, -1))


def _project(place: Place, x, part: str, weights: dict, shape: tuple[int, int]):
    kernel = ops.reshape(place.weight(weights[f"{part}/kernel"]), shape)
    if place.source.use_bias:
        bias = ops.reshape(place.weight(weights[f"{part}/bias"]), (-1,))
    else:
        bias = ops.zeros(kernel.shape[-1:], place.dtype)
    return primitives.affine(x, kernel, bias, place.site(part), "real")


def _mixed(place: Place, weights, values):
    site = place.site("attention", Mixing())
    bias = ops.zeros(values.shape[-1:], place.dtype)
    return primitives.affine(values, weights, bias, site, "real")
