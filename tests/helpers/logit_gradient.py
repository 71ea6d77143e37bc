"""What explanations by gradients are compared with."""

import tensorflow as tf


def gradient(model, x, target):
    """d logit / dx by TensorFlow, outside of any explanation."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        logit = tf.gather(model(x), target, batch_dims=1)
    return tape.gradient(logit, x).numpy()
