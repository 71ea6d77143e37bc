"""A loop over time, unrolled or compiled, through masks and in both directions."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import tensorflow as tf

from thesis_rnn.core.primitives import semantics
from thesis_rnn.errors import InputError

LONGEST_UNROLLED = 5
"""Longer sequences run in a compiled loop, whose tracing time does not grow with them. From about 6 steps on it is
traced sooner than the unrolled steps are; what these then save, 13 ms in 500 sequences of 24 steps, never pays."""


def is_unrolled(steps: int | None, asked: bool, longest: int) -> bool:
    """Whether a loop is unrolled: where it is ``asked`` for, because every step is to be seen apart, or short.

    Raises:
      InputError: if it is asked for and the number of steps is not known.
    """
    if asked and steps is None:
        raise InputError("every step is seen apart where their number is known; give keras.Input one; received None")
    return asked or (steps is not None and steps <= longest)


def scan(
    step: Callable, inputs: Sequence, states: list, mask=None, reverse=False, unroll=False, zero_masked=False
) -> tuple[Any, Any, list]:
    """Runs ``step(inputs_t, states) -> (output_t, states)`` over time.

    Args:
      step: one step.
      inputs: tensors [batch, steps, ...], known for all steps, or contributions made of such ``parts``.
      states: the states before the first step, [batch, units] each; the first has the output's shape.
      mask: booleans [batch, steps]; a masked step keeps the states and repeats the output.
      reverse: from the last step to the first.
      unroll: unroll the loop whatever its length.
      zero_masked: the outputs of masked steps are zero instead.

    Returns:
      The outputs [batch, steps, units] in the order of processing, the last output, and the last states.
    """
    parts, rebuild = _flatten(inputs)
    steps, own = parts[0].shape[1], len(parts)
    probes = semantics().probes
    if probes is not None:
        parts += _probes_of(probes, lambda parts_t, states: step(rebuild(parts_t), states), parts, states)

    told, noted = semantics(), len(parts)
    parts += told.notes(parts[0], mask)

    def masked_step(parts_t, mask_t, output, states):
        probing = nullcontext() if probes is None else probes.given(parts_t[own:noted])
        with probing, told.at_step(parts_t[noted:]):
            new_output, new_states = step(rebuild(parts_t[:own]), states)
        if mask_t is None:
            return new_output, new_output, new_states
        kept = tf.reshape(mask_t, (-1, *[1] * (output.shape.rank - 1)))
        states = [tf.where(kept, new, old) for new, old in zip(new_states, states, strict=True)]
        shown = tf.where(kept, new_output, tf.zeros_like(output) if zero_masked else output)
        return tf.where(kept, new_output, output), shown, states

    output = tf.zeros_like(states[0])
    if is_unrolled(steps, unroll, LONGEST_UNROLLED) and probes is None:
        outputs, by_step = [], [tf.unstack(part, axis=1) for part in parts]
        for t in reversed(range(steps)) if reverse else range(steps):
            mask_t = None if mask is None else mask[:, t]
            output, shown, states = masked_step([part[t] for part in by_step], mask_t, output, states)
            outputs.append(shown)
        return tf.stack(outputs, axis=1), outputs[-1] if zero_masked else output, states
    return _compiled_loop(masked_step, parts, mask, output, states, reverse, zero_masked)


def at_steps(item, index):
    """A tensor or contribution [batch, steps, ...] at one step or, for a slice, at several."""
    return item.map(lambda part: part[:, index]) if hasattr(item, "parts") else item[:, index]


def _compiled_loop(masked_step, parts, mask, output, states, reverse, zero_masked):
    steps = tf.shape(parts[0])[1]
    # Arrays of tensors: the gradient of a slice would fill a sequence with zeros at every step.
    arrays = [_by_step(part) for part in parts]
    masks = None if mask is None else _by_step(mask)
    shown = tf.TensorArray(output.dtype, steps, element_shape=output.shape)

    def body(k, output, last, states, shown):
        t = steps - 1 - k if reverse else k
        mask_t = None if masks is None else masks.read(t)
        output, last, states = masked_step([array.read(t) for array in arrays], mask_t, output, states)
        return k + 1, output, last, states, shown.write(k, last)

    _, output, last, states, shown = tf.while_loop(
        lambda k, *_: k < steps, body, (tf.constant(0), output, output, states, shown), maximum_iterations=steps
    )
    outputs = _swap(shown.stack())
    outputs.set_shape((output.shape[0], parts[0].shape[1], *output.shape[1:]))  # a stacked array forgets how many
    return outputs, last if zero_masked else output, states


def _probes_of(probes, step, parts: list, states: list) -> list:
    """What is asked of every step, as inputs [batch, steps, ...] of the loop."""
    batch, steps = tf.unstack(tf.shape(parts[0])[:2])
    specs = [tf.TensorSpec((part.shape[0], *part.shape[2:]), part.dtype) for part in parts]
    return probes.of_steps(step, (specs, [tf.TensorSpec(one.shape, one.dtype) for one in states]), batch, steps)


def _by_step(part) -> tf.TensorArray:
    return tf.TensorArray(part.dtype, tf.shape(part)[1], clear_after_read=False).unstack(_swap(part))


def _swap(part):
    """[batch, steps, ...] to [steps, batch, ...] and back."""
    return tf.transpose(part, [1, 0, *range(2, part.shape.rank)])


def _flatten(inputs: Sequence) -> tuple[list, Callable]:
    """The tensors in ``inputs``, and the way back from their values at one step to inputs of that step."""
    flat = [part for item in inputs for part in getattr(item, "parts", [item])]

    def rebuild(values):
        values = iter(values)
        return [item.map(lambda _: next(values)) if hasattr(item, "parts") else next(values) for item in inputs]

    return [part for part in flat if part is not None], rebuild
