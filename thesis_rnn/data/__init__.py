"""Images as sequences: sources, splits, the majority problem, validation. Light: NumPy only until something is read."""

from thesis_rnn.data.images import Images
from thesis_rnn.data.loading import class_names, default_dataset, is_available, load, load_images, names
from thesis_rnn.data.majority import draw_triples
from thesis_rnn.data.sequences import (
    Sequences,
    assemble,
    cut_into_steps,
    join_steps,
    scale_pixels,
    sequence_shape,
)
from thesis_rnn.data.validation import check_labels, check_pixels, check_sequences

__all__ = [
    "Images",
    "Sequences",
    "assemble",
    "check_labels",
    "check_pixels",
    "check_sequences",
    "class_names",
    "cut_into_steps",
    "default_dataset",
    "draw_triples",
    "is_available",
    "join_steps",
    "load",
    "load_images",
    "names",
    "scale_pixels",
    "sequence_shape",
]
