"""From an architecture's name and a shape to a compiled Keras model."""

from numbers import Integral

import keras
import tensorflow as tf

from thesis_rnn.architectures.plan import Plan, endless_seeds
from thesis_rnn.architectures.row import Form
from thesis_rnn.architectures.table import form_of
from thesis_rnn.data import Training, problem_of
from thesis_rnn.errors import InputError
from thesis_rnn.layers import ZeroLogitCrossentropy
from thesis_rnn.support.checks import at_least_one, checked
from thesis_rnn.support.memory import available

LOSSES = {
    "zero_logit": ZeroLogitCrossentropy,
    "softmax": lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True),
}
"""The thesis' cross-entropy with one more logit of zero, and the usual one."""


DEFAULTS = {
    "images": Training(loss="zero_logit", dropout=0.2),
    "series": Training(loss="softmax", dropout=0.1),
    "tokens": Training(loss="softmax", dropout=0.1),
}
"""Those of the thesis and of Ismail et al. (2019)."""

USUAL = {"steps": 12, "rows": 28, "columns": 7, "classes": 10}
"""The shape of the thesis' majority sequences, which is taken where nothing is said."""
AXES = {"images": ("steps", "rows", "columns"), "series": ("steps", "features"), "tokens": ("steps",)}
FLOAT_BYTES = 4

EMBEDDING = 32
"""Numbers that a token is embedded as, where nothing is said."""


@checked
def build(
    name: str,
    steps: int | None = None,
    rows: int | None = None,
    columns: int | None = None,
    classes: int | None = None,
    seed: int = 0,
    dropout: float | None = None,
    learning_rate: float = 1e-3,
    sizes: dict[str, int] | None = None,
    *,
    features: int | None = None,
    vocabulary: int | None = None,
    dataset: str | None = None,
    loss: str | None = None,
    units: int | None = None,
    attention_units: int | None = None,
    attention_hops: int | None = None,
    attention_variant: str | None = None,
    attention_window: int | None = None,
    attend_last_steps: int | None = None,
    masked: bool = False,
) -> keras.Model:
    """A compiled model by the name of its architecture, ready for ``fit`` with class indices.

    It maps images [batch, steps, rows, columns], or, where ``features`` or a ``dataset`` of series is given, series
    [batch, steps, features], or, where a ``vocabulary`` or a ``dataset`` of texts is, tokens [batch, steps] to logits
    [batch, classes], and is compiled with Adam and accuracy. Images get the stack of the thesis, 12 steps of 28x7 and
    10 classes unless something else is said; series the bare cell; tokens an Embedding below what series get.

    Args:
      name: one of ``architecture_names()``.
      steps, rows, columns: the shape of a sequence: ``columns`` is the width of one step.
      classes: the number of logits.
      seed: seeds kernels and dropout masks.
      dropout: the rate at the architecture's dropout sites; None: the dataset's, or 0.2 for images, 0.1 for series.
      learning_rate: Adam's learning rate: a number or a Keras schedule.
      sizes: replaces default sizes by name, for instance ``{"cells": 8}``.
      features: the number of features of a series.
      vocabulary: the number of tokens, 0 among them; their Embedding has the size "embedding".
      dataset: a problem's name, in the place of rows, columns, features, vocabulary and classes.
      loss: "zero_logit", the cross-entropy with a zero logit, or "softmax"; None: the dataset's, or the first for
        images and the second for series.
      units: the size of the recurrent cell, in each direction; None: the dataset's, or the architecture's own.
      attention_units, attention_hops: sizes of input-cell attention and of self-attention.
      attention_variant: what becomes of the hops of input-cell attention, "mean" or "flatten", one after another; None:
        their mean.
      attention_window: input-cell attention to the last inputs only; None: to all so far.
      attend_last_steps: input-cell attention at the last steps only; None: at all.
      masked: steps of a series whose features are all zero are padding, and token 0 is; the model leaves them out.

    Returns:
      The model, untrained.

    Raises:
      InputError: for an unknown name or size, shapes that the architecture does not take, attention arguments for an
        architecture without input-cell attention, or ``masked`` for one that would read padding.

    Example:
      >>> model = build("lstm", steps=3, features=2, classes=2, units=1)
      >>> model.output_shape, model.count_params()
      ((None, 2), 20)
    """
    given = _given(rows=rows, columns=columns, features=features, vocabulary=vocabulary, classes=classes)
    kind, shape, defaults = _of_dataset(dataset, steps, given) if dataset else _of_sizes(steps, given)
    form = form_of(name, "series" if kind == "tokens" else kind)
    own = form.sizes | ({"embedding": EMBEDDING} if kind == "tokens" else {}) | _units_of(dataset, form)
    sizes = dict(sizes or {})
    sizes |= _given(**{form.units or "units": units}, attention_units=attention_units, attention_hops=attention_hops)
    steps_seen = _given(attention_window=attention_window, attend_last_steps=attend_last_steps)
    attention = steps_seen | _given(attention_variant=attention_variant)
    _check_options(name, kind, form, attention, masked)
    at_least_one(**shape, **steps_seen)
    words = shape.pop("vocabulary", None)
    plan = Plan(
        _merge(name, own, sizes),
        shape.pop("classes"),
        defaults.dropout if dropout is None else dropout,
        endless_seeds(seed),
        "bounded" if words is None else "real",
        **attention,
    )
    _check_memory(name, own | sizes)
    inputs, read = _inputs(kind, tuple(shape.values()), words, masked, plan)
    try:
        model = keras.Model(inputs, form.connect(read, plan), name=name)
    except tf.errors.ResourceExhaustedError:
        raise InputError(f"sizes must fit into the memory; received {name} of {given | sizes}") from None
    compile_model(model, learning_rate, loss or defaults.loss)
    return model


@checked
def compile_model(model: keras.Model, learning_rate: float, loss: str = "zero_logit") -> None:
    """Compiles a model of logits with Adam, one of ``LOSSES``, and accuracy.

    Args:
      model: a Keras model; it is changed in place.
      learning_rate: Adam's: a number or a Keras schedule.
      loss: "zero_logit" or "softmax".

    Raises:
      InputError: for an unknown loss.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
      >>> compile_model(model, learning_rate=1e-3, loss="softmax")
      >>> type(model.optimizer).__name__
      'Adam'
    """
    if loss not in LOSSES:
        raise InputError(f"loss must be one of {', '.join(LOSSES)}; received {loss!r}")
    if isinstance(learning_rate, Integral):  # Keras takes no whole numbers
        learning_rate = float(learning_rate)
    # XLA makes a step of Deep several times slower on a CPU and gains little elsewhere: see benchmarks/README.md.
    model.compile(keras.optimizers.Adam(learning_rate), LOSSES[loss](), metrics=["accuracy"], jit_compile=False)
    model.optimizer.build(model.trainable_variables)  # Keras warns when it loads a model saved without


def _inputs(kind: str, shape: tuple[int, ...], words: int | None, masked: bool, plan: Plan):
    """The model's input, and what its first layer reads: the input itself, masked, or its embedding."""
    if kind == "tokens":
        inputs = keras.Input(shape, dtype="int32", name=kind)
        start = keras.initializers.RandomUniform(-0.05, 0.05, plan.seed())
        size = plan.sizes["embedding"]
        return inputs, keras.layers.Embedding(words, size, start, mask_zero=masked, name="embedding")(inputs)
    inputs = keras.Input(shape, name="series" if kind == "series" else "sequence")
    return inputs, keras.layers.Masking(name="padding")(inputs) if masked else inputs


Shape = dict[str, int]
"""Sizes by axis, "classes" and, of tokens, "vocabulary" among them."""


def _units_of(dataset: str | None, form: Form) -> Shape:
    """The size of the cell that the problem asks for, where it does and the form has one."""
    units = problem_of(dataset).units if dataset else 0
    return {form.units: units} if units and form.units else {}


def _of_sizes(steps: int | None, given: Shape) -> tuple[str, Shape, Training]:
    """What kind of input is asked for, its shape, and how a model of such inputs is trained."""
    kind = "series" if "features" in given else "tokens" if "vocabulary" in given else "images"
    named = [name for name in given if name != "classes"]
    if sum(bool(form & set(named)) for form in ({"rows", "columns"}, {"features"}, {"vocabulary"})) > 1:
        raise InputError(f"a shape has rows and columns, or features, or a vocabulary; received {', '.join(named)}")
    shape = USUAL | _given(steps=steps) | given
    axes = (*AXES[kind], *(["vocabulary"] if kind == "tokens" else []), "classes")
    return kind, {axis: shape[axis] for axis in axes}, DEFAULTS[kind]


def _of_dataset(name: str, steps: int | None, given: Shape) -> tuple[str, Shape, Training]:
    """The same for a problem, by its name."""
    if given:
        raise InputError(f"dataset={name!r} says the shape and the classes; received {', '.join(given)} too")

    problem = problem_of(name)
    sizes = problem.shape(steps)
    kinds = {len(axes): kind for kind, axes in AXES.items()}
    if len(sizes) not in kinds:
        raise InputError(
            "architectures take samples [steps, rows, columns], [steps, features] or [steps]; received "
            f"{name} of shape {sizes}"
        )
    kind = kinds[len(sizes)]
    shape = dict(zip(AXES[kind], sizes, strict=True)) | {"classes": len(problem.class_names)}
    if kind == "tokens" and problem.vocabulary_size is not None:
        shape["vocabulary"] = problem.vocabulary_size
    return kind, shape, problem.training


def _given(**values) -> dict:
    return {name: value for name, value in values.items() if value is not None}


def _check_memory(name: str, sizes: dict) -> None:
    """Refuses layers whose states alone, multiplied by themselves, need more memory than there is."""
    most = max((size for size in sizes.values() if isinstance(size, int)), default=0)
    if (needed := FLOAT_BYTES * most**2) > available():
        raise InputError(
            f"sizes must fit into the memory; received {name} of {sizes}, whose largest kernel takes {needed:.3g} bytes"
        )


def _check_options(name: str, kind: str, form: Form, attention: dict, masked: bool) -> None:
    if attention and not form.attended:
        raise InputError(
            f"{' and '.join(attention)} needs an architecture with input-cell attention, such as lstm_ica; "
            f"received {name!r}"
        )
    if masked and kind == "images":
        raise InputError(f"masked=True is for series and tokens, whose padding is zero; received {kind}")
    if masked and not form.masked:
        raise InputError(
            f"series of different lengths need an architecture that leaves out padding, such as lstm; received {name!r}"
        )


def _merge(name: str, defaults: dict[str, int], replaced: dict[str, int]) -> dict[str, int]:
    unknown = sorted(set(replaced) - set(defaults))
    if unknown:
        raise InputError(f"{name} has sizes for {', '.join(defaults)}; received {', '.join(unknown)}")
    at_least_one(**replaced)
    return defaults | replaced
