"""A Transformer encoder for series: self-attention in the place of recurrence (Vaswani et al., 2017)."""

from keras import layers

from thesis_rnn.architectures.plan import Plan, flat_steps
from thesis_rnn.layers import Positions


def connect_transformer(inputs, plan: Plan):
    """h = W x + p; in each block h + MHA(LN(h)), then h + V ReLU(U LN(h)); logits of the mean over steps of LN(h).

    Args:
      inputs: [batch, steps, features], or images [batch, steps, rows, columns].
      plan: sizes "units" (the width of h), "heads", "feed_forward" and "blocks".
    """
    width = plan.sizes["units"]
    signal = layers.Dense(width, kernel_initializer=plan.xavier(), name="projection")(flat_steps(inputs))
    signal = Positions(plan.seed(), name="positions")(signal)
    for block in range(1, plan.sizes["blocks"] + 1):
        signal = layers.add([signal, _attended(signal, plan, f"block{block}")])
        signal = layers.add([signal, _fed_forward(signal, plan, f"block{block}")])
    signal = layers.LayerNormalization(name="last_norm")(signal)
    mean = layers.GlobalAveragePooling1D(name="mean_of_steps")(signal)
    return layers.Dense(plan.classes, kernel_initializer=plan.xavier(), name="logits")(mean)


def _attended(signal, plan: Plan, name: str):
    heads, width = plan.sizes["heads"], plan.sizes["units"]
    attention = layers.MultiHeadAttention(
        heads,
        max(width // heads, 1),
        dropout=plan.dropout,
        kernel_initializer=plan.xavier(),
        seed=plan.seed(),
        name=f"{name}_attention",
    )
    normal = layers.LayerNormalization(name=f"{name}_attention_norm")(signal)
    return attention(normal, normal)


def _fed_forward(signal, plan: Plan, name: str):
    normal = layers.LayerNormalization(name=f"{name}_dense_norm")(signal)
    dense = layers.Dense(plan.sizes["feed_forward"], "relu", kernel_initializer=plan.xavier(), name=f"{name}_hidden")
    hidden = layers.Dropout(plan.dropout, seed=plan.seed(), name=f"{name}_dropout")(dense(normal))
    return layers.Dense(plan.sizes["units"], kernel_initializer=plan.xavier(), name=f"{name}_dense")(hidden)
