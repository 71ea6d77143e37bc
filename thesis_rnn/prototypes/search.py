"""Gradient ascent by Adam (Kingma and Ba, 2015), compiled, for all starts side by side."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from thesis_rnn.errors import InputError
from thesis_rnn.support.progress import during, in_pieces

DECAYS, SMALL = (0.9, 0.999), 1e-8


def ascend(
    objective: Callable[[tf.Tensor], tf.Tensor],
    project: Callable[[tf.Tensor], tf.Tensor],
    start: np.ndarray,
    steps: int,
    learning_rate: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Climbs ``objective`` from each start by itself, and projects after each step.

    Args:
      objective: maps points [n, ...] to values [n]; that of a point may not depend on other points.
      project: maps points to the nearest that are allowed.
      start: where to begin, [n, ...].
      steps: how many steps of Adam.
      learning_rate: its step size.

    Returns:
      The points that were reached, and the objective before each step and after the last [steps + 1, n].

    Raises:
      InputError: where an objective is not finite.

    Example:
      >>> top = lambda x: -tf.reduce_sum((x - 3.0) ** 2, axis=1)
      >>> found, curve = ascend(top, lambda x: tf.minimum(x, 2.0), np.zeros((1, 1), np.float32), 100, 0.1)
      >>> found.tolist(), curve.shape
      ([[2.0]], (101, 1))
    """

    @tf.function
    def run(point, first, second, begin, end):
        curve = tf.TensorArray(point.dtype, end - begin + 1)
        for step in tf.range(begin, end):
            with tf.GradientTape() as tape:
                tape.watch(point)
                value = objective(point)
            curve = curve.write(step - begin, value)
            gradient = tape.gradient(value, point, unconnected_gradients="zero")
            first = DECAYS[0] * first + (1 - DECAYS[0]) * gradient
            second = DECAYS[1] * second + (1 - DECAYS[1]) * gradient**2
            number = tf.cast(step + 1, point.dtype)
            means = first / (1 - DECAYS[0] ** number), second / (1 - DECAYS[1] ** number)
            point = project(point + learning_rate * means[0] / (tf.sqrt(means[1]) + SMALL))
        return point, first, second, curve.write(end - begin, objective(point)).stack()

    learning_rate = tf.constant(learning_rate, start.dtype)
    state, curves = [tf.constant(start), *[tf.zeros_like(start)] * 2], []
    with during("compiling"):
        compiled = run.get_concrete_function(*state, *[tf.TensorSpec([], tf.int32)] * 2)
    for begin, end in in_pieces(steps, "searching"):
        *state, curve = compiled(*state, tf.constant(begin), tf.constant(end))
        curves.append(curve.numpy())
    point, curve = state[0].numpy(), np.concatenate([*(piece[:-1] for piece in curves), curves[-1][-1:]])
    if not np.isfinite(curve).all() or not np.isfinite(point).all():
        step, place = np.argwhere(~np.isfinite(curve))[0].tolist() if not np.isfinite(curve).all() else (steps, 0)
        received = f"{curve[step, place]} at step {step} of start {place}"
        raise InputError(f"the objective must be finite; use a lower learning_rate or weight; received {received}")
    return point, curve
