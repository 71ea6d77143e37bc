"""Draws every method's heatmap of one sample: docs/concepts/methods/NAME.png, and which-method.png with all of them.

python docs/site/method_figures.py            # all of them, in a few minutes
python docs/site/method_figures.py lime cam   # new or changed methods; then docs/site/formulas.py, which shows them

The sample is a bump in one of six features, in noise. What each method was asked, of which model, and how much of its
relevance lies on the bump is written to methods/figures.csv.
"""

import csv
import functools
import pathlib
import sys

import keras
import matplotlib.pyplot as plt
import numpy as np

import thesis_rnn
from thesis_rnn.attribution.methods.table import METHODS

CONCEPTS = pathlib.Path(__file__).parents[1] / "concepts"
FOLDER = CONCEPTS / "methods"
LIST = FOLDER / "figures.csv"
GRID = CONCEPTS / "which-method.png"
STEPS, FEATURES, LONG, CLASSES = 30, 6, 6, 3
TRAINED = 1000
"""Samples that models are trained on; the first behind them is explained."""

CELLS = "(players=cells)"
PARAMETERS = {
    "guided_backprop": "(signed=true)",
    "integrated_gradients": "(points=128)",
    "deep_taylor": "(inputs=real)",
    "lrp": "(inputs=real)",
    "lrp_alpha_beta": "(alpha=2, beta=1, inputs=real)",
    "lrp_epsilon": "(epsilon=0.01)",
    "lstm_arras_2017": "(epsilon=0.01)",
    "epsilon_plus_flat": "(epsilon=0.01)",
    "attn_lrp": "(epsilon=0.01)",
    "composite": "(epsilon(0.01), first=w_square)",
    "shapley": "(players=segments, size=10)",
    "kernel_shap": "(players=cells, samples=2000)",
    "permutation_shap": CELLS,
    "lime": "(players=blocks, size=3)",
    "occlusion": "(unit=cells)",
    "erasure": CELLS,
    "minimal_erasure": CELLS,
    "input_reduction": CELLS,
    "learned_mask": "(area=0.05)",
    "extremal_mask": "(areas=(0.03, 0.1))",
}
"""What methods are asked; all others have their defaults."""
MODELS = {
    "agglomerative_decomposition": "lstm",
    "beta_decomposition": "lstm",
    "contextual_decomposition": "lstm",
    "contributions": "retain",
    "gamma_decomposition": "lstm",
    "lrp": "relu",
    "lrp_alpha_beta": "relu",
    "lstm_arras_2017": "lstm",
    "mutation_map": "tokens",
}
"""Methods that are made for models of one kind; all others explain ``attention``."""
WITH_DATA = ("counterfactual", "deep_shap", "expected_gradients", "gradient_shap")


@functools.cache
def data():
    """Samples [n, steps, features], their classes and where their bumps begin: class c is a bump in feature 2c."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 0.3, (1200, STEPS, FEATURES)).astype("float32")
    y, start = rng.integers(0, CLASSES, 1200), rng.integers(0, STEPS - LONG, 1200)
    for series, feature, step in zip(x, 2 * y, start, strict=True):
        series[step : step + LONG, feature] += 1.5
    return x, y, start


def tokens(x):
    """The same samples for methods of tokens: each step is the feature that is largest there."""
    return x.argmax(axis=2).astype("int32")


def attention():
    """A convolution and self-attention."""
    inputs = keras.Input((STEPS, FEATURES))
    maps = keras.layers.Conv1D(12, 5, padding="same", activation="relu")(inputs)
    maps = keras.layers.Add()([maps, keras.layers.MultiHeadAttention(2, 6)(maps, maps)])
    maps = keras.layers.LayerNormalization()(maps)
    outputs = keras.layers.Dense(CLASSES, activation="softmax")(keras.layers.GlobalAveragePooling1D()(maps))
    return keras.Model(inputs, outputs)


def relu():
    """A convolution with ReLUs, all of whose signals are positive."""
    inputs = keras.Input((STEPS, FEATURES))
    maps = keras.layers.Conv1D(12, 5, padding="same", activation="relu")(inputs)
    outputs = keras.layers.Dense(CLASSES, activation="softmax")(keras.layers.GlobalMaxPooling1D()(maps))
    return keras.Model(inputs, outputs)


def lstm():
    """An LSTM that one dense layer reads out at its end."""
    inputs = keras.Input((STEPS, FEATURES))
    return keras.Model(inputs, keras.layers.Dense(CLASSES, activation="softmax")(keras.layers.LSTM(16)(inputs)))


def retain():
    """RETAIN, whose weights of attention are part of its explanation."""
    return thesis_rnn.build("retain", steps=STEPS, features=FEATURES, classes=CLASSES, seed=0)


def of_tokens():
    """A convolution of embedded tokens."""
    inputs = keras.Input((STEPS,), dtype="int32")
    maps = keras.layers.Conv1D(12, 5, padding="same", activation="relu")(keras.layers.Embedding(FEATURES, 4)(inputs))
    outputs = keras.layers.Dense(CLASSES, activation="softmax")(keras.layers.GlobalMaxPooling1D()(maps))
    return keras.Model(inputs, outputs)


BUILDERS = {"attention": attention, "relu": relu, "lstm": lstm, "retain": retain, "tokens": of_tokens}


@functools.cache
def trained(kind):
    """A model that knows the classes."""
    keras.utils.set_random_seed(0)
    model, (x, y, _) = BUILDERS[kind](), data()
    x = tokens(x) if kind == "tokens" else x
    softmax = kind != "retain"
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=not softmax)
    model.compile(keras.optimizers.Adam(1e-3 if kind == "attention" else 1e-2), loss, metrics=["accuracy"])
    model.fit(x[:TRAINED], y[:TRAINED], epochs=15, verbose=0)
    print(kind, "accuracy", model.evaluate(x[TRAINED:], y[TRAINED:], verbose=0)[1])
    return model


def heatmap(name):
    """The relevance [steps, features] of the sample; the mutations of tokens are of that shape as well."""
    x, y, _ = data()
    kind = MODELS.get(name, "attention")
    sample = (tokens(x) if kind == "tokens" else x)[TRAINED : TRAINED + 1]
    more = {"background": x[:40]} if name in WITH_DATA else {}
    method = name + PARAMETERS.get(name, "")
    explanation = thesis_rnn.explain(trained(kind), sample, int(y[TRAINED]), method, **more)
    return explanation.details["mutations"][0] if name == "mutation_map" else explanation.relevance[0]


def bump():
    """Which cells of the sample are the bump, bool [steps, features]."""
    _, y, start = data()
    cells = np.zeros((STEPS, FEATURES), bool)
    cells[start[TRAINED] : start[TRAINED] + LONG, 2 * y[TRAINED]] = True
    return cells


def draw(axis, values, **look):
    """A heatmap, steps from left to right, with a box around the bump."""
    axis.imshow(values.T, aspect="auto", **look)
    _, y, start = data()
    corner = start[TRAINED] - 0.5, 2 * y[TRAINED] - 0.5
    axis.add_patch(plt.Rectangle(corner, LONG, 1, fill=False, color="black", linewidth=0.8))
    axis.set(xticks=[0, STEPS - 1], yticks=[])
    axis.tick_params(labelsize=7)


def draw_relevance(axis, relevance):
    """Red speaks for the class, blue against it."""
    largest = np.abs(relevance).max() or 1
    draw(axis, relevance, cmap="seismic", vmin=-largest, vmax=largest)


def draw_input(axis):
    """The sample itself."""
    draw(axis, data()[0][TRAINED], cmap="gray_r")


def save(name, drawn):
    """One picture of 350 x 105 pixels."""
    figure, axis = plt.subplots(figsize=(3.5, 1.05), layout="constrained")
    drawn(axis)
    figure.savefig(FOLDER / f"{name}.png", dpi=100, pil_kwargs={"optimize": True})
    plt.close(figure)


def draw_all(heatmaps):
    """All of them in one picture."""
    figure, axes = plt.subplots(-(-(len(heatmaps) + 1) // 6), 6, figsize=(12, 9), sharex=True, layout="constrained")
    axes = axes.ravel()
    draw_input(axes[0])
    axes[0].set_title("input", fontsize=7)
    for axis, (name, relevance) in zip(axes[1:], heatmaps.items(), strict=False):
        draw_relevance(axis, relevance)
        of = f", {MODELS[name]}" if name in MODELS else ""
        axis.set_title(name + of, fontsize=7)
    for axis in axes[len(heatmaps) + 1 :]:
        axis.axis("off")
    figure.savefig(GRID, dpi=110, pil_kwargs={"optimize": True})
    plt.close(figure)


def row(name, relevance):
    """What the page says below a figure; a mutation map is of what the sample does not have, so it has no share."""
    size = np.abs(relevance)
    percent = "" if name == "mutation_map" else f"{100 * size[bump()].sum() / size.sum():.0f}"
    called = name + PARAMETERS.get(name, "")
    return {"method": name, "call": called, "model": MODELS.get(name, "attention"), "percent": percent}


def rows():
    """What was drawn, by the method's name."""
    if not LIST.exists():
        return {}
    with LIST.open(encoding="utf-8", newline="") as file:
        return {one["method"]: one for one in csv.DictReader(file)}


def main(names):
    """Draws these methods, or all of them and the picture of all."""
    FOLDER.mkdir(exist_ok=True)
    heatmaps = {name: heatmap(name) for name in names or METHODS}
    for name, relevance in heatmaps.items():
        save(name, functools.partial(draw_relevance, relevance=relevance))
    if not names:
        save("input", draw_input)
        draw_all(heatmaps)
    found = (rows() if names else {}) | {name: row(name, relevance) for name, relevance in heatmaps.items()}
    with LIST.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["method", "call", "model", "percent"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(found[name] for name in METHODS if name in found)


if __name__ == "__main__":
    main(sys.argv[1:])
