"""Figure 3.20 of the thesis in small: does another architecture look at the digits that count?"""

# %%
import numpy as np

import thesis_rnn
from thesis_rnn import data, measures

# %% [markdown]
# Three digits side by side, the majority is the class: a network should look at the two that agree, not at the third.

# %%
train, test = (data.load("digits_maj", part) for part in ("train", "test"))
shape = dict(zip(("steps", "rows", "columns"), train.x.shape[1:], strict=True))
models = {}
for name in ("shallow", "rlstm"):
    models[name] = thesis_rnn.build(name, **shape, classes=10, seed=0, learning_rate=2e-3)
    models[name].fit(train.x, train.y, epochs=4, batch_size=50, verbose=0)
    accuracy = (models[name].predict(test.x, verbose=0).argmax(1) == test.y).mean()
    print(name, "accuracy", round(float(accuracy), 3))

# %% [markdown]
# The cosine between relevance and the evidence: 1 if all of it lies on the digits of the majority, shared equally.

# %%
explanations = {}
for name, model in models.items():
    explanations[name] = thesis_rnn.explain(model, test.x[:300], test.y[:300], "lrp(alpha=2, beta=1)")
    share = measures.block_relevance(explanations[name].relevance, blocks=test.evidence.shape[1])
    print(name, round(float(np.mean(measures.cosine_similarity(test.evidence[:300], share))), 3))

# %%
thesis_rnn.plot(explanations["shallow"], test.x[:300])

# %%
thesis_rnn.plot(explanations["rlstm"], test.x[:300])
