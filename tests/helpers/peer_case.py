"""What measures of other libraries were frozen on: samples, relevance, evidence and a small network, by seeds alone."""

import json
import pathlib

import numpy as np

FROZEN = pathlib.Path(__file__).with_name("peer_measures.json")
N, STEPS, FEATURES, HIDDEN = 6, 4, 3, 5
RADIUS, NUMBER, SHARE = 0.1, 8, 0.25


class Case:
    """logits = tanh(x W) V of x [n, steps, features]; relevance is gradient x input of the target."""

    def __init__(self, seed: int = 0):
        rng = np.random.default_rng(seed)
        self.x = rng.normal(size=(N, STEPS, FEATURES))
        self.first, self.second = rng.normal(size=(STEPS * FEATURES, HIDDEN)), rng.normal(size=(HIDDEN, 2))
        self.target = np.arange(N) % 2
        self.evidence = rng.random(self.x.shape) < 0.4
        self.evidence[:, 0, 0], self.evidence[:, 0, 1] = True, False
        self.relevance = self.explain(self.x, self.target)

    def predict(self, x) -> np.ndarray:
        return np.tanh(np.reshape(x, (len(x), -1)) @ self.first) @ self.second

    def explain(self, x, target) -> np.ndarray:
        inner = 1 - np.tanh(np.reshape(x, (len(x), -1)) @ self.first) ** 2
        return np.asarray(x) * ((inner * self.second[:, target].T) @ self.first.T).reshape(np.shape(x))

    def uniform_noise(self) -> np.ndarray:
        """What max_sensitivity draws with seed 0: [number, n, steps, features]."""
        return np.random.default_rng(0).uniform(-RADIUS, RADIUS, (NUMBER, *self.x.shape))

    def normal_noise(self) -> np.ndarray:
        """What infidelity(by=noise) draws with seed 0: [number, steps, features], the same for all samples."""
        return RADIUS * np.random.default_rng(0).standard_normal((NUMBER + 1, STEPS, FEATURES))[1:]

    def removed(self) -> np.ndarray:
        """Which cells infidelity(by=removal) takes away with seed 0: [number, steps, features]."""
        return np.random.default_rng(0).random((NUMBER + 1, STEPS, FEATURES))[1:] < SHARE


def frozen() -> dict[str, np.ndarray]:
    """Measure -> what Captum or Quantus gave, for each sample."""
    return {name: np.array(values) for name, values in json.loads(FROZEN.read_text())["values"].items()}
