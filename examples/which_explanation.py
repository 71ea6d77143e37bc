"""Which explanation can be trusted: images, series and texts, judged by the same measures (needs MNIST, series, texts).

THESIS_RNN_DATA_DIR=DIR python examples/which_explanation.py which-explanation.png
"""

import os
import sys

import keras
import matplotlib.pyplot as plt
import numpy as np

import thesis_rnn
from thesis_rnn.data import PROBLEMS, load, negation_templates

METHODS = "sensitivity; gradient_x_input; lrp_epsilon; integrated_gradients(points=16); occlusion"
MEASURES = ("selectivity", "randomisation", "entropy")
TEST, TEXTS = 120, 500


def images():
    """Three digits, of which two are of the class: the evidence is known by blocks."""
    test = load("mnist_maj", "test", limit=TEST)
    model = thesis_rnn.load("zoo:convrlstm_sd/mnist_maj")
    more = "; lrp(alpha=1.5, beta=0.5); deep_taylor"
    judgement = thesis_rnn.judge(
        model, test.x, test.y, METHODS + more, "; ".join((*MEASURES, "cosine")), evidence=test.evidence
    )
    return "MNIST-MAJ, ConvR-LSTM-SD", judgement, "cosine"


def trained(layers, train, epochs):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy")
    model.fit(train.x, train.y, 32, epochs, verbose=0)
    return model


def accuracy(model, test):
    return (model.predict(test.x, verbose=0).argmax(axis=1) == test.y).mean()


def series():
    """Vowels of nine speakers: no evidence is known, nearly equal series must be explained nearly equally."""
    train, test = load("japanese_vowels", "train"), load("japanese_vowels", "test")
    layers = [keras.Input(train.x.shape[1:]), keras.layers.Masking(), keras.layers.LSTM(24)]
    model = trained([*layers, keras.layers.Dense(9, "softmax")], train, 40)
    chosen = np.random.default_rng(0).choice(len(test.y), TEST, replace=False)
    few = test.take(chosen)
    judgement = thesis_rnn.judge(
        model, few.x, few.y, METHODS, "; ".join((*MEASURES, "continuity")), lengths=few.lengths
    )
    return f"JapaneseVowels, LSTM(24), accuracy {accuracy(model, test):.0%}", judgement, "continuity"


def texts():
    """Sentences of film reviews: people rated the words, independently of any model."""
    train, test = load("movie_sentences", "train"), load("movie_sentences", "test")
    source = PROBLEMS["movie_sentences"].source
    vocabulary, valence = source.vocabulary(), source.valence()
    layers = [keras.Input((51,), dtype="int32"), keras.layers.Embedding(len(vocabulary), 32, mask_zero=True)]
    model = trained([*layers, keras.layers.LSTM(32), keras.layers.Dense(2, "softmax")], train, 2)
    few = test.take(slice(TEXTS))
    judgement = thesis_rnn.judge(
        model, few.x, few.y, METHODS, "; ".join((*MEASURES, "valence_correlation")), valence=valence[few.x]
    )
    found = negation_templates(vocabulary, valence, 51)
    given = {"valence": found.valence, "negated": found.negated}
    turned = thesis_rnn.judge(model, found.x, 1, METHODS, "selectivity; negation", **given)
    for row in turned.rows:
        if row["measure"] == "negation":
            print(f"negation: {row['method']} {row['value']:.2f} of {row['n']}")
    return f"film reviews, LSTM(32), accuracy {accuracy(model, test):.0%}", judgement, "valence_correlation"


judged = [problem() for problem in (images, series, texts)]
figure, grid = plt.subplots(3, 4, figsize=(12, 8.5), layout="constrained")
for axes, (title, judgement, last) in zip(grid, judged, strict=True):
    print(f"{title}\n{judgement.recommendation}\n")
    names = list(judgement.ranking.methods)
    for axis, measure in zip(axes, (*MEASURES, last), strict=True):
        rows = {row["method"]: row for row in judgement.rows if row["measure"] == measure}
        shown = [name for name in names if name in rows]
        mean, low, high, chance = (
            np.array([rows[one][key] for one in shown]) for key in ("value", "low", "high", "chance")
        )
        axis.errorbar(mean, range(len(shown)), xerr=[mean - low, high - mean], fmt="o", capsize=3)
        if len(chance) and np.isfinite(chance[0]):
            axis.axvline(chance[0], color="grey", linestyle="--", linewidth=0.8)
        axis.set_yticks(range(len(shown)), shown if axis is axes[0] else [], fontsize=8)
        axis.invert_yaxis()
        better = {"higher": " (higher is better)", "lower": " (lower is better)"}.get(
            next(iter(rows.values()))["better"], ""
        )
        axis.set_xlabel(measure.replace("_", " ") + better, fontsize=8)
        axis.tick_params(axis="x", labelsize=8)
    axes[0].set_title(title, fontsize=9, loc="left")
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.getcwd(), "which_explanation.png"), dpi=110)
