"""The thesis' architectures by name: ``build`` makes a compiled Keras model of any size that fits.

To add one: write its ``connect`` function and add a row to ``ARCHITECTURES``.
"""

import keras

# The imports fill the table.
from thesis_rnn.architectures import convolutional, dense, gated, lenet  # noqa: F401
from thesis_rnn.architectures.table import ARCHITECTURES, Architecture, Plan, endless_seeds
from thesis_rnn.errors import InputError
from thesis_rnn.layers import ZeroLogitCrossentropy
from thesis_rnn.layers.base import at_least_one

__all__ = ["ARCHITECTURES", "Architecture", "architecture_names", "build", "compile_model"]


def architecture_names() -> list[str]:
    """The names that ``build`` and ``--arch`` know."""
    return ARCHITECTURES.names()


def build(
    name: str,
    steps: int = 12,
    rows: int = 28,
    columns: int = 7,
    classes: int = 10,
    seed: int = 0,
    dropout: float = 0.2,
    learning_rate: float = 1e-3,
    sizes: dict[str, int] | None = None,
) -> keras.Model:
    """A compiled model of the thesis, ready for ``fit``.

    It maps [batch, steps, rows, columns], pixels in [-1, 1], to logits [batch, classes], and is compiled with Adam, the
    cross-entropy with a zero logit, and accuracy.

    Args:
      name: one of ``architecture_names()``.
      steps, rows, columns: the shape of a sequence: ``columns`` is the width of one step.
      classes: the number of logits.
      seed: seeds kernels and dropout masks.
      dropout: the rate at the architecture's dropout sites.
      learning_rate: Adam's learning rate: a number or a Keras schedule.
      sizes: replaces default sizes by layer name, for instance ``{"cells": 8}``.

    Raises:
      InputError: for an unknown name or layer, or sizes that do not fit.
    """
    architecture = ARCHITECTURES[name]
    at_least_one(steps=steps, rows=rows, columns=columns, classes=classes)
    plan = Plan(_merge(name, architecture.sizes, sizes or {}), classes, dropout, endless_seeds(seed))
    inputs = keras.Input((steps, rows, columns), name="sequence")
    model = keras.Model(inputs, architecture.logits(inputs, plan), name=name)
    compile_model(model, learning_rate)
    return model


def compile_model(model: keras.Model, learning_rate: float) -> None:
    """Compiles a model of logits as the thesis' are: Adam, the cross-entropy with a zero logit, and accuracy."""
    # XLA makes a step of Deep several times slower on a CPU and gains little elsewhere: see benchmarks/README.md.
    model.compile(
        keras.optimizers.Adam(learning_rate), ZeroLogitCrossentropy(), metrics=["accuracy"], jit_compile=False
    )
    model.optimizer.build(model.trainable_variables)  # Keras warns when it loads a model saved without


def _merge(name: str, defaults: dict[str, int], replaced: dict[str, int]) -> dict[str, int]:
    unknown = sorted(set(replaced) - set(defaults))
    if unknown:
        raise InputError(f"{name} has sizes for {', '.join(defaults)}; received {', '.join(unknown)}")
    at_least_one(**replaced)
    return defaults | replaced
