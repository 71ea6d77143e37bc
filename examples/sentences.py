"""Which words spoke for a good review? Against what people said of the words"""

# %%
import os

import numpy as np

import thesis_rnn
from thesis_rnn import data

# %% [markdown]
# Rated sentences and the valence that people gave to words; THESIS_RNN_DATA_DIR names the folder that has them.

# %%
place = os.environ["THESIS_RNN_DATA_DIR"]
train, test = (data.load("movie_sentences", part, data_dir=place) for part in ("train", "test"))
source = data.problem_of("movie_sentences").source
words, valence = source.vocabulary(place), source.valence(place)
model = thesis_rnn.build("lstm", steps=train.x.shape[1], vocabulary=len(words), classes=2, seed=0, masked=True)
model.fit(train.x, train.y, epochs=12, verbose=0)
print("accuracy", round(float((model.predict(test.x, verbose=0).argmax(1) == test.y).mean()), 3))

# %% [markdown]
# Relevance of each word for "positive", on the colour of its sign.

# %%
x = test.x[:200]
explanation = thesis_rnn.explain(model, x, 1, "lrp_epsilon")
tokens = [words[token] for token in x[0]]
thesis_rnn.plot(explanation, kind="text", sample=0, words=tokens)

# %% [markdown]
# Do words that people rate as pleasant receive relevance? Correlations over all rated words of these sentences.

# %%
for method in ("lrp_epsilon", "gradient_x_input", "deep_lift"):
    relevance = thesis_rnn.explain(model, x, 1, method).relevance
    rated = ~np.isnan(valence[x]) & (x > 0)
    print(method, round(float(np.corrcoef(relevance[rated], valence[x][rated])[0, 1]), 3))
