"""The figures of Chormai (2018), and some beyond. A new one is a function of ``Material``, and a line here."""

from collections.abc import Callable, Mapping
from functools import partial

from matplotlib.figure import Figure

from thesis_rnn.papers.chormai_2018.figures import (
    architectures,
    beyond,
    grids,
    images,
    majority,
    methods,
    scores,
    steps,
    teaching,
)
from thesis_rnn.papers.material import Material

DENSE = ("shallow", "deep", "deep_v2", "convdeep")
DROPOUT = ("deep", "deep_sd", "rlstm", "rlstm_sd")
LITERAL = ("convdeep", "conv_plus_deep", "rlstm_sd", "convrlstm_sd", "conv_plus_rlstm_sd")

FIGURES: Mapping[str, Callable[[Material], Figure]] = {
    "figure_1_1": partial(images.samples_figure, dataset_names=("mnist", "digits")),
    "figure_1_2": partial(images.samples_figure, dataset_names=("fashion_mnist",)),
    "figure_2_11": teaching.root_points_figure,
    "figure_2_14": methods.lenet_figure,
    "figure_3_3": partial(architectures.diagrams, names=("shallow", "deep")),
    "figure_3_4": partial(grids.steps_figure, dataset_names=("mnist", "digits")),
    "figure_3_5": partial(grids.steps_figure, dataset_names=("fashion_mnist",)),
    "figure_3_6": grids.one_class_figure,
    "figure_3_7": steps.step_shares_figure,
    "figure_3_8": majority.problem_figure,
    "figure_3_9": partial(architectures.diagrams, names=("deep_v2", "convdeep")),
    "figure_3_10": majority.disagreement_figure,
    "figure_3_11": partial(grids.majority_figure, architectures=DENSE),
    "figure_3_12": partial(scores.cosine_figure, architectures=DENSE, baselines=("shallow",)),
    "figure_3_13": teaching.dropout_figure,
    "figure_3_14": partial(architectures.diagrams, names=("rlstm",)),
    "figure_3_15": partial(architectures.diagrams, names=("conv_plus_deep",)),
    "figure_3_16": partial(architectures.diagrams, names=("rlstm_sd", "convrlstm_sd")),
    "figure_3_17": partial(grids.majority_figure, architectures=DROPOUT),
    "figure_3_18": partial(scores.cosine_figure, architectures=DROPOUT, baselines=("deep",)),
    "figure_3_19": partial(grids.majority_figure, architectures=LITERAL),
    "figure_3_20": partial(grids.positive_figure, architectures=("rlstm_sd", "convrlstm_sd")),
    "figure_3_21": partial(scores.cosine_figure, architectures=LITERAL, baselines=("convdeep", "rlstm_sd")),
    "accuracy_and_cosine": scores.accuracy_figure,
    "learning": beyond.learning_figure,
    "local_quality": beyond.local_quality_figure,
}
