"""Images as sequences, the majority problem, box data, one's own series. Light: NumPy only until something is read."""

from thesis_rnn.data import boxes
from thesis_rnn.data.boxes import BOX_DATA_SETS, Box, BoxData, draw_boxes
from thesis_rnn.data.images import rows
from thesis_rnn.data.images.loading import class_names, default_dataset, is_available, load, load_images, names
from thesis_rnn.data.images.majority import draw_triples
from thesis_rnn.data.images.sequences import (
    Sequences,
    assemble,
    cut_into_steps,
    first,
    join_steps,
    scale_pixels,
    sequence_shape,
)
from thesis_rnn.data.images.splits import Images
from thesis_rnn.data.own import files as series_files
from thesis_rnn.data.own.recordings import Recordings, Samples, pad, step_mask
from thesis_rnn.data.series import CellStatistics, Series, cell_statistics, standardise
from thesis_rnn.support.validation import check_labels, check_pixels, check_sequences

__all__ = [
    "BOX_DATA_SETS",
    "Box",
    "BoxData",
    "CellStatistics",
    "Images",
    "Recordings",
    "Samples",
    "Sequences",
    "Series",
    "assemble",
    "boxes",
    "cell_statistics",
    "check_labels",
    "check_pixels",
    "check_sequences",
    "class_names",
    "cut_into_steps",
    "default_dataset",
    "draw_boxes",
    "draw_triples",
    "first",
    "is_available",
    "join_steps",
    "load",
    "load_images",
    "names",
    "pad",
    "rows",
    "scale_pixels",
    "sequence_shape",
    "series_files",
    "standardise",
    "step_mask",
]
