"""Softmax attention of every step to the steps so far, in a time that is linear in their number.

The score of an input is the same whichever step looks back at it, so that all prefixes share their work. Steps are cut
into chunks, and what lies before a chunk is carried to it as the three sums of a softmax: the greatest score m, the sum
S of exp(score - m), and the sum W of exp(score - m) x. Every step then weighs the steps of its own chunk and adds the
carried sums. No exponent is ever positive, so that scores of any size and order are safe, in the gradient too.

Shapes: ``scores`` [batch, steps, hops], ``values`` [batch, steps, features]. Steps that must not be seen are hidden
first; a step that sees nothing gets the mixture zero.
"""

from functools import partial
from typing import NamedTuple

import tensorflow as tf

from thesis_rnn.layers.attention_weights import HIDDEN, normalised

MOST_UNROLLED = 3  # chunks: a loop takes seconds to trace
CHUNK = 10  # exponentials grow with it, the number of chunks falls: the cheapest of 6, 10, 16, 25 at 100 and 800 steps


class Sums(NamedTuple):
    """What is carried: ``greatest`` m and ``total`` S [batch, 1, hops], ``weighted`` W [batch, hops, features]."""

    greatest: tf.Tensor
    total: tf.Tensor
    weighted: tf.Tensor


def prefix_mixture(scores, values, mean=True):
    """m_th = sum_{s <= t} a_ths x_s with a_th = softmax of scores_1h ... scores_th.

    Returns:
      The mean over hops [batch, steps, features], or, without ``mean``, [batch, steps, hops, features].
    """
    keys, chunks = _in_chunks(scores, HIDDEN), _in_chunks(values, 0.0)
    # Twice, so that a later step weighs nothing beside a hidden one either.
    later = tf.where(tf.range(CHUNK)[:, None] < tf.range(CHUNK), tf.constant(2 * HIDDEN, keys.dtype), 0)
    start = Sums(
        tf.zeros_like(scores[:, :1]) + HIDDEN,
        tf.zeros_like(scores[:, :1]),
        tf.zeros_like(scores[:, 0, :, None]) + tf.zeros_like(values[:, :1]),
    )
    mix = partial(_mix_chunk, later=later, mean=mean)
    if keys.shape[1] is not None and keys.shape[1] <= MOST_UNROLLED:
        return _joined(_unrolled(mix, keys, chunks, start), values)
    of_a_step = values.shape[-1:] if mean else (scores.shape[-1], values.shape[-1])
    return _joined(_in_a_loop(mix, keys, chunks, start, (values.shape[0], CHUNK, *of_a_step)), values)


def window_mixture(scores, values, window: int, mean=True):
    """The same over the last ``window`` steps only: t - window < s <= t. Its time grows with steps x window."""
    reach = -(-(window - 1) // CHUNK)  # chunks that the window of a chunk's first step reaches back into
    keys = _with_earlier(_in_chunks(scores, HIDDEN), reach, HIDDEN)
    chunks = _with_earlier(_in_chunks(values, 0.0), reach, 0.0)
    back = tf.range(CHUNK)[:, None] + reach * CHUNK - tf.range((reach + 1) * CHUNK)
    keys = tf.transpose(keys, [0, 1, 3, 2])[..., None, :]  # [batch, chunks, hops, 1, steps s]
    weights = normalised(tf.where((back >= 0) & (back < window), keys, HIDDEN))
    if mean:
        return _joined(tf.matmul(tf.reduce_mean(weights, axis=2), chunks), values)
    return _joined(tf.transpose(tf.matmul(weights, chunks[:, :, None]), [0, 1, 3, 2, 4]), values)


def _unrolled(mix, keys, chunks, before: Sums):
    """The mixtures of all chunks, one after the other."""
    mixtures = []
    for chunk in zip(tf.unstack(keys, axis=1), tf.unstack(chunks, axis=1), strict=True):
        mixture, before = mix(*chunk, before)
        mixtures.append(mixture)
    return tf.stack(mixtures, axis=1)


def _in_a_loop(mix, keys, chunks, before: Sums, shape: tuple):
    """The same, in a graph that does not grow with the number of chunks."""
    count = tf.shape(keys)[1]
    keys_of, chunk_of = _by_chunk(keys), _by_chunk(chunks)
    mixtures = tf.TensorArray(chunks.dtype, count, element_shape=shape)

    def body(k, mixtures, before):
        mixture, after = mix(keys_of.read(k), chunk_of.read(k), before)
        return k + 1, mixtures.write(k, mixture), after

    known = keys.shape[1]  # XLA needs a number
    _, mixtures, _ = tf.while_loop(lambda k, *_: k < count, body, (0, mixtures, before), maximum_iterations=known)
    return _swap(mixtures.stack())


def _mix_chunk(keys, values, before: Sums, later, mean: bool):
    """The mixtures of the steps of a chunk, and the sums up to its end."""
    own = keys[:, None] + later[..., None]  # [batch, steps t, steps s, hops]
    greatest = tf.stop_gradient(tf.maximum(tf.reduce_max(own, axis=2), before.greatest))
    own, past = tf.exp(own - greatest[:, :, None]), tf.exp(before.greatest - greatest)
    total = tf.reduce_sum(own, axis=2) + past * before.total
    if mean:
        share = 1 / (total * keys.shape[-1])
        weights = tf.matmul(own, share[..., None])[..., 0]  # [batch, steps t, steps s]
        mixture = tf.matmul(weights, values) + tf.matmul(past * share, before.weighted)
    else:
        weights = own / total[:, :, None]
        mixture = tf.einsum("btsh,bsf->bthf", weights, values) + tf.einsum(
            "bth,bhf->bthf", past / total, before.weighted
        )
    kept = tf.transpose(past[:, -1:], [0, 2, 1])
    weighted = tf.matmul(own[:, -1], values, transpose_a=True) + kept * before.weighted
    return mixture, Sums(greatest[:, -1:], total[:, -1:], weighted)


def _in_chunks(a, fill: float):
    """[batch, steps, n] -> [batch, chunks, CHUNK, n], the last chunk filled up."""
    steps, known = tf.shape(a)[1], a.shape[1]
    a = tf.pad(a, ((0, 0), (0, -steps % CHUNK), (0, 0)), constant_values=fill)
    count = -(-steps // CHUNK) if known is None else -(-known // CHUNK)
    return tf.reshape(a, (tf.shape(a)[0], count, CHUNK, a.shape[-1]))


def _by_chunk(chunks) -> tf.TensorArray:
    # An array of tensors: the gradient of a slice would fill the whole series with zeros for every chunk.
    return tf.TensorArray(chunks.dtype, tf.shape(chunks)[1], clear_after_read=False).unstack(_swap(chunks))


def _swap(chunks):
    """[batch, chunks, ...] to [chunks, batch, ...] and back."""
    return tf.transpose(chunks, [1, 0, *range(2, chunks.shape.rank)])


def _joined(chunks, values):
    """[batch, chunks, CHUNK, ...] -> [batch, steps, ...], in the length of ``values``."""
    batch, steps = tf.shape(values)[0], tf.shape(values)[1]
    joined = tf.reshape(chunks, (batch, -1, *chunks.shape[3:]))[:, :steps]
    return tf.ensure_shape(joined, (*values.shape[:2], *chunks.shape[3:]))


def _with_earlier(chunks, count: int, fill: float):
    """Each chunk behind the ``count`` chunks before it: [batch, chunks, (count + 1) * CHUNK, n]."""
    number = tf.shape(chunks)[1]
    padded = tf.pad(chunks, ((0, 0), (count, 0), (0, 0), (0, 0)), constant_values=fill)
    return tf.concat([padded[:, first : first + number] for first in range(count + 1)], axis=2)
