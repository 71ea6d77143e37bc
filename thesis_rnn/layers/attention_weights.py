"""Attention weights from scores, written out in full, and what must not be seen.

Scores are [batch, steps, hops]. A step that sees nothing has weights of zero.
"""

from keras import ops

HIDDEN = -1e9  # stands for the score of a step that must not be seen: finite, so that no difference of two is NaN


def hide(scores, values, visible):
    """Scores and values [batch, steps, ...] without the steps that are not ``visible`` [batch, steps]; None: all."""
    if visible is None:
        return scores, values
    visible = ops.expand_dims(visible, -1)
    return ops.where(visible, scores, HIDDEN), ops.where(visible, values, 0.0)


def prefix_weights(scores, window: int | None = None):
    """a_ths, the softmax over the steps s <= t, or over the last ``window`` of them [batch, hops, steps t, steps s]."""
    steps = ops.arange(ops.shape(scores)[1])
    back = steps[:, None] - steps
    allowed = back >= 0 if window is None else (back >= 0) & (back < window)
    return normalised(ops.where(allowed, ops.swapaxes(scores, 1, 2)[:, :, None], HIDDEN))


def whole_weights(scores):
    """The softmax over all steps [batch, hops, steps]."""
    return normalised(ops.swapaxes(scores, 1, 2))


def normalised(scores):
    """The softmax over the last axis, zero for what is hidden."""
    return ops.where(scores > HIDDEN / 2, ops.softmax(scores, axis=-1), 0.0)
