"""Models of multivariate series, [batch, steps, features] -> logits: those of Ismail et al. (2019), and their like.

A name is a cell and what is put around it: ``lstm``, ``lstm_ica``, ``gru_max_ica``. ``TABLE_2`` names the nine of the
paper.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import keras

from thesis_rnn.architectures.table import endless_seeds
from thesis_rnn.errors import InputError
from thesis_rnn.layers import RLSTM, Dense, Dropout, InputCellAttention, SelfAttention
from thesis_rnn.layers.base import at_least_one
from thesis_rnn.support.registry import Registry


@dataclass(frozen=True)
class SeriesPlan:
    """What the parts of a model need to know beside their input.

    Attributes:
      hidden: units of the cell, in each direction.
      classes: the number of logits.
      dropout: the rate on inputs and on the cell's outputs.
      d_a, r: see ``AttentionHops``, for input-cell attention and for self-attention.
      attention: further arguments of ``InputCellAttention``.
      seeds: an endless supply of seeds, one for each layer.
    """

    hidden: int
    classes: int
    dropout: float
    d_a: int
    r: int
    attention: dict
    seeds: Iterator[int]

    def seed(self) -> int:
        return next(self.seeds)

    def xavier(self) -> keras.initializers.Initializer:
        return keras.initializers.GlorotUniform(self.seed())


@dataclass(frozen=True)
class SeriesModel:
    """A row of the table.

    Attributes:
      title: the name for tables and figures.
      recur: maps a series and a plan to the cell's outputs: of every step, or of the last.
      read_out: maps those outputs and a plan to one vector for each sample.
      input_cell_attention: whether the cell looks at all inputs so far.
    """

    title: str
    recur: Callable
    read_out: Callable
    input_cell_attention: bool = False

    def logits(self, inputs, plan: SeriesPlan):
        features = Dropout(plan.dropout, seed=plan.seed(), name="input_dropout")(inputs)
        if self.input_cell_attention:
            features = InputCellAttention(
                plan.d_a, plan.r, seed=plan.seed(), name="input_cell_attention", **plan.attention
            )(features)
        return self.read_out(self.recur(features, plan, self.input_cell_attention), plan)


SERIES_MODELS: Registry[SeriesModel] = Registry("series model")


def series_model_names() -> list[str]:
    """The names that ``build_series_model`` knows."""
    return SERIES_MODELS.names()


def build_series_model(
    name: str,
    steps: int = 100,
    features: int = 100,
    classes: int = 2,
    *,
    hidden: int = 5,
    d_a: int = 50,
    r: int = 20,
    variant: str = "mean",
    window: int | None = None,
    last_steps: int | None = None,
    dropout: float = 0.1,
    learning_rate: float = 1e-3,
    masked: bool = False,
    seed: int = 0,
) -> keras.Model:
    """A compiled model of series, ready for ``fit`` with class indices.

    It maps [batch, steps, features] to logits [batch, classes]. Kernels start Xavier-uniform and biases from zero
    (Ismail et al., 2019), but those of R-LSTM, which are the thesis'. It is compiled with Adam, the cross-entropy of
    the softmax of its logits, and accuracy.

    Args:
      name: one of ``series_model_names()``.
      steps, features, classes: the shapes.
      hidden: units of the cell, in each direction.
      d_a, r: neurons and hops of input-cell attention and of self-attention.
      variant, window, last_steps: see ``InputCellAttention``; for models that have it.
      dropout: the rate on the inputs and on the outputs of the cell.
      learning_rate: Adam's: a number or a Keras schedule.
      masked: steps whose features are all zero are padding.
      seed: seeds kernels and dropout masks.

    Raises:
      InputError: for an unknown name, a size below 1, or attention arguments for a model without input-cell attention.
    """
    model = SERIES_MODELS[name]
    at_least_one(steps=steps, features=features, classes=classes, hidden=hidden, d_a=d_a, r=r)
    attention = {"variant": variant, "window": window, "last_steps": last_steps}
    if not model.input_cell_attention and attention != {"variant": "mean", "window": None, "last_steps": None}:
        raise InputError(
            f"variant, window and last_steps belong to models with input-cell attention; received {name!r}"
        )
    plan = SeriesPlan(hidden, classes, dropout, d_a, r, attention, endless_seeds(seed))
    inputs = keras.Input((steps, features), name="series")
    series = keras.layers.Masking(name="padding")(inputs) if masked else inputs
    built = keras.Model(inputs, model.logits(series, plan), name=name)
    built.compile(
        keras.optimizers.Adam(learning_rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,
    )
    built.optimizer.build(built.trainable_variables)  # Keras warns when it loads a model saved without
    return built


# ---- cells


def stock_layer(kind: type, plan: SeriesPlan, name: str, **options) -> keras.layers.Layer:
    """A Keras recurrent layer that starts as the paper's LSTM does."""
    if kind is keras.layers.LSTM:
        options |= {"unit_forget_bias": False}
    return kind(
        plan.hidden, kernel_initializer=plan.xavier(), recurrent_initializer=plan.xavier(), name=name, **options
    )


def stock_cell(kind: type, every_step: bool, both_ways: bool = False) -> Callable:
    def recur(features, plan: SeriesPlan, attended: bool):
        layer = stock_layer(kind, plan, "cell", return_sequences=every_step)
        if both_ways:
            backward = stock_layer(kind, plan, "backward_cell", return_sequences=every_step, go_backwards=True)
            layer = keras.layers.Bidirectional(layer, backward_layer=backward, name="cells")
        return Dropout(plan.dropout, seed=plan.seed(), name="cell_dropout")(layer(features))

    return recur


def stationary_rlstm(features, plan: SeriesPlan, attended: bool):
    """R-LSTM-SD, which drops its own outputs."""
    domain = "real" if attended else "bounded"
    return RLSTM(plan.hidden, plan.dropout, stationary=True, domain=domain, seed=plan.seed(), name="cell")(features)


# ---- read-outs


def dense(outputs, plan: SeriesPlan):
    return keras.layers.Dense(plan.classes, kernel_initializer=plan.xavier(), name="logits")(outputs)


def max_pooled(outputs, plan: SeriesPlan):
    return dense(keras.layers.GlobalMaxPooling1D(name="max_pooling")(outputs), plan)


def mean_pooled(outputs, plan: SeriesPlan):
    return dense(keras.layers.GlobalAveragePooling1D(name="mean_pooling")(outputs), plan)


def self_attended(outputs, plan: SeriesPlan):
    return dense(SelfAttention(plan.d_a, plan.r, seed=plan.seed(), name="self_attention")(outputs), plan)


def negative_bias_dense(outputs, plan: SeriesPlan):
    """The thesis' output layer."""
    return Dense(plan.classes, rectified=False, seed=plan.seed(), name="logits")(outputs)


# ---- the table

READ_OUTS = {
    "": ("", False, dense),
    "_max": (", max pooling", True, max_pooled),
    "_mean": (", mean pooling", True, mean_pooled),
    "_self_attention": (", self-attention", True, self_attended),
}

for cell, title, kind in (
    ("lstm", "LSTM", keras.layers.LSTM),
    ("gru", "GRU", keras.layers.GRU),
    ("simple_rnn", "SimpleRNN", keras.layers.SimpleRNN),
):
    SERIES_MODELS.add(f"bi{cell}", SeriesModel(f"Bi-{title}", stock_cell(kind, False, both_ways=True), dense))
    for suffix, (words, every_step, read_out) in READ_OUTS.items():
        recur = stock_cell(kind, every_step)
        SERIES_MODELS.add(f"{cell}{suffix}", SeriesModel(f"{title}{words}", recur, read_out))
        attended = SeriesModel(f"{title}{words}, input-cell attention", recur, read_out, input_cell_attention=True)
        SERIES_MODELS.add(f"{cell}{suffix}_ica", attended)
SERIES_MODELS.add("rlstm_sd", SeriesModel("R-LSTM-SD", stationary_rlstm, negative_bias_dense))
SERIES_MODELS.add(
    "rlstm_sd_ica", SeriesModel("R-LSTM-SD, input-cell attention", stationary_rlstm, negative_bias_dense, True)
)

TABLE_2 = (
    "lstm",
    "bilstm",
    "lstm_ica",
    "lstm_max",
    "lstm_max_ica",
    "lstm_mean",
    "lstm_mean_ica",
    "lstm_self_attention",
    "lstm_self_attention_ica",
)
"""The nine models of the paper's Table 2, in its order."""
