"""A Keras LSTM of your own on series: from training to a report"""

# %%
import keras
import numpy as np

import thesis_rnn

# %% [markdown]
# Series of 30 steps and 6 features; class c is a bump in feature 2c, anywhere in time. Put your own arrays here.

# %%
rng = np.random.default_rng(0)
x, y = rng.normal(0, 0.3, (1200, 30, 6)).astype("float32"), rng.integers(0, 3, 1200)
start = rng.integers(0, 24, 1200)
for series, feature, step in zip(x, 2 * y, start, strict=True):
    series[step : step + 6, feature] += 1.5

keras.utils.set_random_seed(0)
layers = [keras.layers.LSTM(24), keras.layers.Dense(3, activation="softmax")]
model = keras.Sequential([keras.Input((30, 6)), *layers])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:1000], y[:1000], epochs=12, verbose=0)
print("accuracy", model.evaluate(x[1000:], y[1000:], verbose=0)[1])

# %% [markdown]
# What did it look at? Without `method=` it is the one that fits the model.

# %%
explanation = thesis_rnn.explain(model, x[1000:1050], target=y[1000:1050])
print(explanation.method, "absorbed by biases and stabilisers:", explanation.absorbed[:3])
thesis_rnn.plot(explanation)

# %% [markdown]
# The largest parts of one sample, and the mean over steps with its interval.

# %%
thesis_rnn.plot(explanation, kind="waterfall", sample=0)

# %%
thesis_rnn.plot(explanation, kind="time")

# %% [markdown]
# One page of HTML that needs nothing else.

# %%
page = explanation.to_html("own_series.html")
print(len(page) // 1024, "KiB")
