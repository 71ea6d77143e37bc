"""A propagation rule of your own, in place of the epsilon rule"""

# %%
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

import thesis_rnn
from thesis_rnn.attribution.rules import RULES, Absorbed, Parts, dead, divide, transposed_map
from thesis_rnn.core.linear_maps import linear

# %% [markdown]
# R_j = sum_k |a_j w_jk| / sum_i |a_i w_ik| R_k: relevance by the size of contributions, whatever their sign.
# A rule shares relevance in three pure steps and says what it keeps.


# %%
@dataclass(frozen=True)
class BySize:
    """R_j = sum_k |a_j w_jk| / sum_i |a_i w_ik| R_k."""

    def split(self, a, kernel, domain, form=None):
        return Parts(linear(a, kernel, form), linear(tf.abs(a), tf.abs(kernel), form))

    def share(self, parts, bias, relevance):
        return Parts(None, divide(relevance, parts.first))

    def collect(self, a, kernel, domain, shares, form=None):
        size = tf.abs(a)
        return size * transposed_map(lambda a: linear(a, tf.abs(kernel), form), size, shares.first)

    def absorbed(self, parts, bias, relevance):
        lost = tf.where(dead(parts.first), relevance, tf.zeros_like(relevance))
        return Absorbed(tf.zeros_like(relevance), tf.zeros_like(relevance), lost)


RULES.add("by_size", BySize)

# %% [markdown]
# It acts where a composite says, here everywhere, and conserves: nothing is lost in biases.

# %%
model = thesis_rnn.build("shallow", steps=3, features=4, classes=2, seed=1)
x = np.random.default_rng(0).normal(size=(3, 3, 4)).astype("float32")
own = thesis_rnn.explain(model, x, 1, "composite(by_size, inputs=real, signed=true)", ledger=True)
print("explained", own.explained, "received", own.received)
print("not accounted for", np.abs(own.unaccounted).max() < 1e-5)

# %%
thesis_rnn.plot(own)
