"""A small decision tree on the last state of a layer: which units decide, and how well they do alone."""

import numpy as np

from thesis_rnn.analysis.analysis import Finding, Studied
from thesis_rnn.analysis.halves import halves
from thesis_rnn.errors import InputError


def state_tree(studied: Studied, depth: int = 3) -> Finding:
    """A decision tree from the last state to the class that the network predicts; agreement on other samples."""
    from sklearn.tree import DecisionTreeClassifier, export_text

    if studied.outputs.shape[1] < 2:
        raise InputError("this analysis is of classes; received a network of one output")
    predicted = studied.outputs.argmax(axis=1)
    fitted, held_out = halves(predicted, studied.seed)
    chance = float(np.bincount(predicted[held_out]).max() / len(held_out))
    rows, texts = [], []
    for name, states in studied.states.items():
        tree = DecisionTreeClassifier(max_depth=depth, random_state=studied.seed)
        tree.fit(states.last[fitted], predicted[fitted])
        agreement = float((tree.predict(states.last[held_out]) == predicted[held_out]).mean())
        rows.append((name, int(tree.get_depth()), int(tree.get_n_leaves()), agreement, chance))
        units = [f"{name}:{unit}" for unit in range(states.last.shape[1])]
        classes = [studied.class_name(int(label)) for label in tree.classes_]
        texts.append(export_text(tree, feature_names=units, class_names=classes))
    best = max(rows, key=lambda row: row[3])
    said = (
        f"A tree of depth {best[1]} on {best[0]} agrees with the network on {best[3]:.0%} of {len(held_out)} other "
        f"samples; always the most frequent class, on {chance:.0%}."
    )
    return Finding(said, ("layer", "depth", "leaves", "agreement", "most frequent class"), rows, text="\n".join(texts))
