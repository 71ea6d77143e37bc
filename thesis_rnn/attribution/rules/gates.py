"""Rules for gated products z = g * s (Arras et al., 2017 and 2019): (g, s, R) -> (R_g, R_s)."""

import tensorflow as tf

from thesis_rnn.attribution.rules import divide


def all_to_signal(g, signal, relevance):
    """R_s = R: the gate only decides how much passes (Arras et al., 2017)."""
    return tf.zeros_like(relevance), relevance


def half(g, signal, relevance):
    """R_g = R_s = R / 2."""
    return relevance / 2, relevance / 2


def proportional(g, signal, relevance):
    """R_g = g / (g + s) R, R_s = s / (g + s) R; where g + s = 0 the relevance is lost."""
    share = divide(relevance, g + signal)
    return g * share, signal * share


def absolute(g, signal, relevance):
    """R_g = |g| / (|g| + |s|) R, R_s = |s| / (|g| + |s|) R; where both are 0 the relevance is lost."""
    share = divide(relevance, tf.abs(g) + tf.abs(signal))
    return tf.abs(g) * share, tf.abs(signal) * share


GATE_RULES = {"all": all_to_signal, "half": half, "prop": proportional, "abs": absolute}
