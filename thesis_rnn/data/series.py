"""What problems of series share: how models of them are trained and explained, and how series are standardised."""

from typing import NamedTuple

import numpy as np

from thesis_rnn.data.problem import Training

TRAINING = Training(
    epochs=400, updates=8000, patience=50, learning_rate=1e-3, schedule="constant", dropout=0.1, loss="softmax"
)
"""How models of series are trained, on boxes and on rows of images alike."""
METHODS = "saliency(output=log_odds); saliency"
MEASURES = (
    "weighted_jaccard; euclidean; euclidean_printed; roc_auc; average_precision; mass_accuracy; rank_accuracy; "
    "pointing_game; time_cosine; half_life; masked_accuracy; step_share"
)

CHUNK = 256  # samples whose squares are summed at once: what lies between x and its deviation stays a few megabytes


class CellStatistics(NamedTuple):
    """Mean and standard deviation (divisor n) of each cell over the samples, float32 [steps, features].

    Example:
      >>> CellStatistics(mean=np.zeros((2, 3)), deviation=np.ones((2, 3))).mean.shape
      (2, 3)
    """

    mean: np.ndarray
    deviation: np.ndarray


def cell_statistics(x: np.ndarray) -> CellStatistics:
    """The statistics of ``x`` [n, steps, features] with n > 0, summed in float64.

    Returns:
      The statistics of each cell.

    Example:
      >>> mean, deviation = cell_statistics(np.array([[[1.0, 5.0]], [[3.0, 5.0]]]))
      >>> mean.tolist(), deviation.tolist()
      ([[2.0, 5.0]], [[1.0, 0.0]])
    """
    mean = x.mean(axis=0, dtype=np.float64)
    squares = sum(np.square(x[start : start + CHUNK] - mean).sum(axis=0) for start in range(0, len(x), CHUNK))
    return CellStatistics(mean.astype(np.float32), np.sqrt(squares / len(x)).astype(np.float32))


def feature_statistics(x: np.ndarray, lengths: np.ndarray | None = None) -> CellStatistics:
    """The statistics of each feature over samples and their own steps, float32 [features], summed in float64.

    Args:
      x: [n, steps, features] with n > 0.
      lengths: own steps of each sample [n]; by default all are.

    Returns:
      The statistics, which ``standardise`` takes in the place of those of cells.

    Example:
      >>> mean, deviation = feature_statistics(np.array([[[1.0], [0.0]], [[2.0], [3.0]]]), np.array([1, 2]))
      >>> mean.tolist(), deviation.round(3).tolist()
      ([2.0], [0.8159999847412109])
    """
    own = x.reshape(-1, x.shape[-1]) if lengths is None else x[np.arange(x.shape[1]) < lengths[:, np.newaxis]]
    own = own.astype(np.float64)
    return CellStatistics(own.mean(axis=0).astype(np.float32), own.std(axis=0).astype(np.float32))


def standardise(x: np.ndarray, statistics: CellStatistics, out: np.ndarray | None = None) -> np.ndarray:
    """(x - mean) / deviation in each cell, float32; a cell of deviation 0 becomes x - mean.

    As the programs of Ismail et al. (2019) do.

    Args:
      x: [n, steps, features].
      statistics: of :func:`cell_statistics` or :func:`feature_statistics`, those of the training set for all splits.
      out: an array that receives the result; it may be x itself.

    Returns:
      The standardised series.

    Example:
      >>> x = np.array([[[1.0, 5.0]], [[3.0, 5.0]]])
      >>> standardise(x, cell_statistics(x)).tolist()
      [[[-1.0, 0.0]], [[1.0, 0.0]]]
    """
    out = np.subtract(x, statistics.mean, out=out, dtype=np.float32)
    return np.divide(out, np.where(statistics.deviation > 0, statistics.deviation, np.float32(1)), out=out)
