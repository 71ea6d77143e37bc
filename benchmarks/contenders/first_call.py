"""thesis_rnn: an explanation through the public ``explain`` by a process that has made none before."""

import keras
import numpy as np
from keras import layers

from benchmarks.contenders.keras_serving import serve_keras
from benchmarks.serving import Job
from thesis_rnn import build, explain


def load(job: dict) -> Job:
    model, x, parameters = two_lstms(job) if job["model"] == "two_lstms" else architecture(job)
    return lambda: explain(model, x, 0, job["method"], **parameters).relevance


def two_lstms(job: dict):
    """Two stacked LSTM(64), signed series of 8 features."""
    cells = [layers.LSTM(job["units"], return_sequences=True), layers.LSTM(job["units"])]
    model = keras.Sequential([keras.Input((job["steps"], 8)), *cells, layers.Dense(5)])
    x = np.random.default_rng(0).normal(size=(job["samples"], job["steps"], 8)).astype(np.float32)
    return model, x, {"ledger": True} if job["ledger"] else {}


def architecture(job: dict):
    model = build(job["model"])
    x = np.random.default_rng(0).uniform(-1, 1, (job["samples"], *model.input_shape[1:])).astype(np.float32)
    return model, x, {}


if __name__ == "__main__":
    serve_keras(load)
