"""The majority problem and how explanations of it are scored: figures 3.8 and 3.10."""

from itertools import permutations

import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.data import class_names
from thesis_rnn.measures import block_relevance, cosine_similarity, evidence_percentage
from thesis_rnn.papers.chormai_2018 import published
from thesis_rnn.papers.explained import Explained, check_same_samples, explained
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.papers.selection import in_order, title_of
from thesis_rnn.papers.wording import dataset_title, method_title
from thesis_rnn.plans.tasks import Task
from thesis_rnn.reporting.heatmaps.majority import Scored, disagreement_rows, problem_rows

METHODS = published.METHODS[2:]
STEPS = 12


def problem_figure(material: Material) -> Figure:
    """A majority sequence of each data set, whose odd image stands in the middle if one of those at hand does."""
    names = material.datasets("blocks")
    if not names:
        raise MissingError("no majority runs")
    examples = {}
    for name in names:
        own = explained(_tasks(material, name)[0], METHODS[:1])[METHODS[0]]
        sample = int(np.argmax((own.evidence == (1, 0, 1)).all(axis=1)))
        examples[dataset_title(name)] = (own.images[sample], own.evidence[sample], class_names(name)[own.y[sample]])
    return problem_rows(examples, STEPS)


def disagreement_figure(material: Material) -> Figure:
    """For each data set, two explanations of a sequence: the one has more relevance in the right blocks, the other has
    it on both."""
    examples = {name: _disagreement(material, name) for name in material.datasets("blocks")}
    found = {dataset_title(name): example for name, example in examples.items() if example}
    if not found:
        raise MissingError("no two majority runs whose percentage and cosine disagree")
    return disagreement_rows(found)


def _tasks(material: Material, dataset: str) -> list[Task]:
    """The runs on the original split, by architecture."""
    tasks = material.originals(dataset)
    if not tasks:
        raise MissingError(f"no run on the original split of {dataset}")
    order = in_order({task.architecture for task in tasks})
    return sorted(tasks, key=lambda task: order.index(task.architecture))


def _disagreement(material: Material, dataset: str):
    """The sequence and the two explanations, of all runs by DTD and LRP, between which the two measures disagree most.

    Both differences count: the smaller of what percentage/100 prefers the first by and cosine the second. None if they
    never disagree.
    """
    candidates = {
        f"{title_of(task.architecture)}, {method_title(method)}": own
        for task in _tasks(material, dataset)
        for method, own in explained(task, METHODS).items()
    }
    check_same_samples(candidates.items())
    scores = {label: _scored(own) for label, own in candidates.items()}
    best = max(permutations(scores, 2), key=lambda pair: _gaps(scores, pair).max(), default=None)
    if best is None or _gaps(scores, best).max() <= 0:
        return None
    sample = int(_gaps(scores, best).argmax())
    first = candidates[best[0]]
    return first.images[sample], first.evidence[sample], {label: scores[label].of(sample) for label in best}


def _gaps(scores: dict[str, Scored], pair: tuple[str, str]) -> np.ndarray:
    one, other = (scores[label] for label in pair)
    return np.minimum((one.percentage - other.percentage) / 100, other.cosine - one.cosine)


def _scored(own: Explained) -> Scored:
    """Relevance as it is scored: negative relevance of LRP is set to zero first."""
    blocks = block_relevance(own.relevance[:, np.newaxis], own.evidence.shape[1], positive_only=True)
    return Scored(
        own.relevance, blocks, evidence_percentage(own.evidence, blocks), cosine_similarity(own.evidence, blocks)
    )
