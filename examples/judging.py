"""Which explanation of this model can be trusted?"""

# %%
import keras
import numpy as np

import thesis_rnn

# %% [markdown]
# A network that must find a bump in noise; the evidence, where the bump is, is known here and given to the judge.

# %%
rng = np.random.default_rng(0)
x, y = rng.normal(0, 0.3, (900, 20, 4)).astype("float32"), rng.integers(0, 2, 900)
evidence = np.zeros(x.shape, int)
for sample, (feature, start) in enumerate(zip(2 * y, rng.integers(0, 15, 900), strict=True)):
    evidence[sample, start : start + 5, feature] = 1
x += 1.5 * evidence

keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((20, 4)), keras.layers.GRU(12), keras.layers.Dense(2, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:800], y[:800], epochs=10, verbose=0)
print("accuracy", model.evaluate(x[800:], y[800:], verbose=0)[1])

# %% [markdown]
# Every method is scored on samples that did not choose it, each measure beside what a random map gets.

# %%
methods = "lrp_epsilon; gradient_x_input; integrated_gradients; sensitivity; deep_lift"
measures = "selectivity; roc_auc; gini"
judgement = thesis_rnn.judge(model, x[800:], y[800:], methods=methods, measures=measures, evidence=evidence[800:])
print(judgement)
