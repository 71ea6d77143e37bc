"""What the tutorial's three pieces of advice on structure change in the quality of explanations (section 6).

Few fully connected layers, with dropout; sum pooling; biases that are zero or negative. A small network of series, a
GRU, pooling over steps and dense layers, is trained on boxes planted in noise without any of them, with each alone, and
with all three. Deep Taylor decomposition explains it, and LRP with alpha 2 and beta 1.
"""

import keras
import numpy as np

from thesis_rnn.attribution import explain
from thesis_rnn.judging.transfer import planted
from thesis_rnn.layers import NonPositive, StepPooling
from thesis_rnn.measures import Scored, measure_specs
from thesis_rnn.reporting.tables import Table
from thesis_rnn.statistics.intervals import mean_interval
from thesis_rnn.support.progress import bar

ADVICE = {
    "none": (),
    "few dense layers, dropout": ("few",),
    "sum pooling": ("sum",),
    "biases <= 0": ("biases",),
    "all three": ("few", "sum", "biases"),
}
"""A network's name -> the advice that it follows."""
SHAPE = (20, 6)
MEASURED = "roc_auc; mass_accuracy; selectivity; continuity"
UNITS, DENSE = 16, 3


def advised_network(advice: tuple[str, ...], seed: int = 0) -> keras.Model:
    """The network that follows the ``advice``, any of "few", "sum" and "biases"; otherwise maxima and three layers."""
    keras.utils.set_random_seed(seed)
    constraint = NonPositive() if "biases" in advice else None
    biases = {"bias_constraint": constraint}
    inputs = keras.Input(SHAPE)
    a = keras.layers.GRU(UNITS, return_sequences=True, **biases)(inputs)
    a = StepPooling("sum" if "sum" in advice else "max")(a)
    for _ in range(1 if "few" in advice else DENSE):
        a = keras.layers.Dense(UNITS, "relu", **biases)(a)
        if "few" in advice:
            a = keras.layers.Dropout(0.3)(a)
    return keras.Model(inputs, keras.layers.Dense(2, "softmax", **biases)(a))


def advice_scores(seed: int = 0, samples: int = 2000, epochs: int = 40, test: int = 100) -> list[dict]:
    """The scores of a network for each entry of ``ADVICE``, trained with this seed.

    Args:
      seed: of the weights and the data.
      samples: training samples.
      epochs: passes through them, at most; training ends where the loss on 200 others stops falling.
      test: samples that are explained.

    Returns:
      Rows of advice, seed, accuracy, the mean of each measure of deep Taylor decomposition, and the share of negative
      relevance of LRP with alpha 2 and beta 1.

    Example:
      >>> rows = advice_scores(samples=20, epochs=1, test=4)
      >>> [row["advice"] for row in rows][:2]
      ['none', 'few dense layers, dropout']
    """
    train, held, shown = (planted(SHAPE, n, 3 * seed + k) for k, n in enumerate((samples, 200, test)))
    rows = []
    for name, advice in bar(ADVICE.items(), f"advice, seed {seed}", "network"):
        model = advised_network(advice, seed)
        model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
        stop = keras.callbacks.EarlyStopping(patience=6, restore_best_weights=True)
        model.fit(train.x, train.y, 50, epochs, verbose=0, validation_data=(held.x, held.y), callbacks=[stop])
        rows.append({"advice": name, "seed": seed} | _scores(model, shown))
    return rows


def _scores(model: keras.Model, shown) -> dict[str, float]:
    def again(x, target):
        return explain(model, x, target, "deep_taylor(inputs=real)", dtype="float64").relevance

    logits = keras.Model(model.input, model.layers[-1].input)
    weights, bias = model.layers[-1].get_weights()

    def predict(x):
        return logits(x, training=False).numpy() @ weights + bias

    scored = Scored(again(shown.x, shown.y), shown.x, shown.y, shown.evidence, predict=predict, explain=again)
    found = {"accuracy": float((predict(shown.x).argmax(axis=1) == shown.y).mean())}
    for spec in measure_specs(MEASURED):
        found[spec.text] = float(np.nanmean(spec.measure.function(scored)))
    signed = explain(model, shown.x, shown.y, "lrp(alpha=2, beta=1, inputs=real)").relevance
    return found | {"negative share": float(-np.minimum(signed, 0).sum() / np.abs(signed).sum())}


def advice_table(seeds: int = 3, **options) -> Table:
    """Means over seeds, with the 95% interval's half width, of :func:`advice_scores`.

    Args:
      seeds: how many.
      **options: those of ``advice_scores``.

    Returns:
      A row for each entry of ``ADVICE``.

    Example:
      >>> advice_table(1, samples=20, epochs=1, test=4).header[0]
      'advice'
    """
    scores = [row for seed in range(seeds) for row in advice_scores(seed, **options)]
    columns = [name for name in scores[0] if name not in ("advice", "seed")]
    rows = [
        [name, *(_cell([row[column] for row in scores if row["advice"] == name]) for column in columns)]
        for name in ADVICE
    ]
    note = (
        "Deep Taylor decomposition of boxes planted in noise; the share of negative relevance is that of LRP-a2b1. "
        f"Means over {seeds} seeds, with the half width of their 95% interval."
    )
    return Table("What the advice on structure changes", ["advice", *columns], rows, [note])


def _cell(values: list[float]) -> str:
    mean, low, high, n = mean_interval(values)
    return f"{mean:.3g}" if n == 1 else f"{mean:.3g} ± {(high - low) / 2:.2g}"
