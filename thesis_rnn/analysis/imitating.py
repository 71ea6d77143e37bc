"""Models that imitate a network on its inputs: how much of it can be said simply (Che et al., 2016)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from thesis_rnn.analysis.analysis import Finding, Studied
from thesis_rnn.analysis.halves import halves
from thesis_rnn.errors import InputError

MOST_WORDS = 2000
"""Words that a student counts."""


class Students(NamedTuple):
    """Models that were fitted to a network's outputs, by name.

    Attributes:
      fidelity: on other samples: the share of equal classes, or R^2 of a regression.
      chance: the same of the most frequent class, or of the mean, which is 0.
      rules: the tree's, in words.

    Example:
      >>> Students({"tree": 0.9}, 0.5, "").fidelity["tree"]
      0.9
    """

    fidelity: dict[str, float]
    chance: float
    rules: str


def students(
    table: np.ndarray, outputs: np.ndarray, names: Sequence[str], class_names: Sequence[str], depth: int, seed: int
) -> Students:
    """A linear model, a tree and boosted trees that are fitted to what a network gives, not to the truth.

    Args:
      table: what they see of each sample [n, columns].
      outputs: of the network [n, classes]; one column is a regression.
      names, class_names: of columns and classes.
      depth: of the tree.
      seed: of the halves and of the fits.

    Returns:
      Their fidelity on the half of the samples that they have not seen.

    Raises:
      InputError: fewer than 20 samples, or outputs that do not vary.

    Example:
      >>> x = np.random.default_rng(0).normal(size=(400, 2))
      >>> found = students(x, np.stack([x[:, 0], -x[:, 0]], axis=1), ["a", "b"], ["up", "down"], depth=1, seed=0)
      >>> found.fidelity["tree"] > 0.95 > found.chance, "a <=" in found.rules
      (True, True)
    """
    from sklearn import ensemble, linear_model, pipeline, preprocessing, tree

    regression = outputs.shape[1] == 1
    taught = outputs[:, 0] if regression else outputs.argmax(axis=1)
    fitted, held_out = halves(taught, seed)
    linear = linear_model.Ridge() if regression else linear_model.LogisticRegression(max_iter=500)
    kinds = ("DecisionTreeRegressor", "HistGradientBoostingRegressor") if regression else (
        "DecisionTreeClassifier", "HistGradientBoostingClassifier")  # fmt: skip
    models = {
        "linear": pipeline.make_pipeline(preprocessing.StandardScaler(), linear),
        "tree": getattr(tree, kinds[0])(max_depth=depth, random_state=seed),
        "boosted trees": getattr(ensemble, kinds[1])(random_state=seed),
    }
    for model in models.values():
        model.fit(table[fitted], taught[fitted])
    fidelity = {name: float(model.score(table[held_out], taught[held_out])) for name, model in models.items()}
    chance = 0.0 if regression else float(np.bincount(taught[held_out]).max() / len(held_out))
    labels = {} if regression else {"class_names": [class_names[int(label)] for label in models["tree"].classes_]}
    return Students(fidelity, chance, tree.export_text(models["tree"], feature_names=list(names), **labels))


def mimic(studied: Studied, depth: int = 4) -> Finding:
    """A linear model, a tree and boosted trees that imitate the network on its inputs; fidelity on other samples."""
    table, names = _seen(studied)
    classes = [studied.class_name(label) for label in range(studied.outputs.shape[1])]
    found = students(table, studied.outputs, names, classes, depth, studied.seed)
    measure = "R^2" if studied.outputs.shape[1] == 1 else "agreement"
    best = max(found.fidelity, key=found.fidelity.get)
    told = f"{measure} {found.fidelity[best]:.2f} on the half of the samples that it has not seen"
    said = (
        f"{best} imitates the network best: {told}; {found.chance:.2f} is chance. A student tells of it as far as that."
        if found.fidelity[best] > found.chance
        else f"No student imitates the network better than chance, {found.chance:.2f}: {best} has {told}."
    )
    rows = [(name, value, found.chance) for name, value in found.fidelity.items()]
    return Finding(said, ("student", f"{measure} with the network", "chance"), rows, text=found.rules)


def _seen(studied: Studied) -> tuple[np.ndarray, list[str]]:
    """What students see: every value of a series, how often each token occurs; and the names of that."""
    x = studied.x
    if x.dtype.kind in "iu" and x.ndim == 2:
        tokens, counts = np.unique(x, return_counts=True)
        tokens = np.sort(tokens[np.argsort(-counts, kind="stable")[:MOST_WORDS]])
        names = [_word(studied, token) for token in tokens]
        return np.stack([(x == token).sum(axis=1) for token in tokens], axis=1), names
    if x.ndim != 3:
        raise InputError(f"this analysis is of series [n, steps, features] and tokens; received {list(x.shape)}")
    names = [f"{studied.feature_name(feature)}[{step}]" for step in range(x.shape[1]) for feature in range(x.shape[2])]
    return x.reshape(len(x), -1), names


def _word(studied: Studied, token: int) -> str:
    if studied.words is None:
        return str(token)
    return str(studied.words[studied.x == token][0]) or "(padding)"
