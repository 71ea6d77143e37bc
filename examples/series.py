"""A stock Keras LSTM on a small multivariate series: from training to a figure of what it looked at."""

import keras
import numpy as np

import thesis_rnn

rng = np.random.default_rng(0)
x, y = rng.normal(0, 0.3, (1200, 30, 6)).astype("float32"), rng.integers(0, 3, 1200)
start = rng.integers(0, 24, 1200)
for series, feature, step in zip(x, 2 * y, start, strict=True):
    series[step : step + 6, feature] += 1.5  # class c is a bump in feature 2c, anywhere in time

keras.utils.set_random_seed(0)
layers = [keras.layers.LSTM(24), keras.layers.Dense(3, activation="softmax")]
model = keras.Sequential([keras.Input((30, 6)), *layers])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:1000], y[:1000], epochs=12, verbose=0)
print("accuracy", model.evaluate(x[1000:], y[1000:], verbose=0)[1])

explanation = thesis_rnn.explain(model, x[1000:1003], target=y[1000:1003], method="lrp_epsilon", epsilon=0.01)
print("explained", explanation.explained, "absorbed", explanation.absorbed)
thesis_rnn.plot(explanation, x[1000:1003], "series.png")
