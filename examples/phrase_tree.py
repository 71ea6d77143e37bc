"""The tree of phrases of one sentence: what words say together, beside what they say alone.

THESIS_RNN_DATA_DIR names the folder that has the rated sentences.
"""

import os
import sys

import keras
import numpy as np

import thesis_rnn
from thesis_rnn import data

place = os.environ["THESIS_RNN_DATA_DIR"]
train, test = (data.load("movie_sentences", part, data_dir=place) for part in ("train", "test"))
words = np.array(data.problem_of("movie_sentences").source.vocabulary(place))
keras.utils.set_random_seed(0)
model = thesis_rnn.build(
    "lstm", steps=train.x.shape[1], vocabulary=len(words), classes=2, seed=0, masked=True, units=32
)
model.fit(train.x, train.y, epochs=4, verbose=0)
print("accuracy", round(float((model.predict(test.x, verbose=0).argmax(1) == test.y).mean()), 3))

lengths = (test.x > 0).sum(axis=1)
right = model.predict(test.x, verbose=0).argmax(1) == test.y
negated = (test.x == list(words).index("not")).any(axis=1)
x = test.x[right & negated & (lengths > 7) & (lengths < 14)]
explanation = thesis_rnn.explain(model, x, 1, "agglomerative_decomposition")
strongest = np.nanmax(np.abs(explanation.details["interactions"]), axis=1)
chosen = int(strongest.argmax())
path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.getcwd(), "phrase_tree.png")
figure = explanation.plot(kind="tree", sample=chosen, words=words[x[chosen]].tolist())
figure.savefig(path, dpi=100)
