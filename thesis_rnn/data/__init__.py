"""Images as sequences, the majority problem, box data, one's own series. Light: NumPy only until something is read."""

# In this order, because it is that of the table of problems.
from thesis_rnn.data.images import problems, rows  # noqa: F401

# isort: split
from thesis_rnn.data.boxes import Box, BoxData, draw_boxes

# isort: split
from thesis_rnn.data import archives  # noqa: F401
from thesis_rnn.data.text import reviews, sentences  # noqa: F401

# isort: split
from thesis_rnn.data.images.folds import Fold
from thesis_rnn.data.images.majority import draw_triples
from thesis_rnn.data.images.sequences import assemble, cut_into_steps, join_steps, scale_pixels
from thesis_rnn.data.images.splits import Images
from thesis_rnn.data.loading import (
    class_names,
    default_dataset,
    feature_names,
    is_available,
    load,
    load_images,
    names,
    problem_of,
    sequence_shape,
)
from thesis_rnn.data.own.files import read_series
from thesis_rnn.data.own.samples import Samples, classes_of, pad, step_mask
from thesis_rnn.data.problem import PROBLEMS, Pool, Problem, Split, Training
from thesis_rnn.data.series import CellStatistics, cell_statistics, standardise
from thesis_rnn.data.text.negations import Negations, negated, negation_templates
from thesis_rnn.support.checks import check_labels, check_pixels, check_sequences, tell_in_public

__all__ = [
    "PROBLEMS",
    "Box",
    "BoxData",
    "CellStatistics",
    "Fold",
    "Images",
    "Negations",
    "Pool",
    "Problem",
    "Samples",
    "Split",
    "Training",
    "assemble",
    "cell_statistics",
    "check_labels",
    "check_pixels",
    "check_sequences",
    "class_names",
    "classes_of",
    "cut_into_steps",
    "default_dataset",
    "draw_boxes",
    "draw_triples",
    "feature_names",
    "is_available",
    "join_steps",
    "load",
    "load_images",
    "names",
    "negated",
    "negation_templates",
    "pad",
    "problem_of",
    "read_series",
    "scale_pixels",
    "sequence_shape",
    "standardise",
    "step_mask",
]

tell_in_public(globals())
