"""The box data sets (Ismail et al., 2019, section 6.1): Gaussian noise in which a box of cells tells the class.

Every cell is drawn from N(0, 1); the cells of the sample's boxes are raised by 1 in class 1 and lowered by 1 in
class 0; the two classes are equally likely. The boxes are the evidence.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from thesis_rnn.data.problem import PROBLEMS, DrawnWhole, EvidenceKind, Problem, Split, check_uncut
from thesis_rnn.data.seeds import Seed, generator
from thesis_rnn.data.series import MEASURES, METHODS, TRAINING, CellStatistics, cell_statistics, standardise
from thesis_rnn.errors import InputError

STEPS = FEATURES = 100


class Box(NamedTuple):
    """The cells of steps start..stop-1 and features low..high-1, counted from 0.

    Example:
      >>> box = Box(start=0, stop=2, low=1, high=3)
      >>> box.stop - box.start
      2
    """

    start: int
    stop: int
    low: int
    high: int


@dataclass(frozen=True)
class BoxData(DrawnWhole):
    """One box data set (a ``data.problem.Source``).

    Attributes:
      boxes: where the evidence lies; overlapping boxes are raised once.
      one_of: whether each sample has one of the boxes, drawn uniformly; by default it has all of them.
      heights: what a sample's boxes are raised or lowered by, drawn uniformly from this range for each sample.
      steps, features: the size of a sample.
      train, validation, test: samples per split. The validation samples are drawn in addition to the training
        samples, so that the training set keeps the published size.

    Example:
      >>> data = BoxData((Box(0, 2, 0, 2),), steps=4, features=3, train=6, test=2)
      >>> data.load("test").x.shape, data.shape()
      ((2, 4, 3), (4, 3))
    """

    boxes: tuple[Box, ...]
    one_of: bool = False
    heights: tuple[float, float] = (1, 1)
    steps: int = STEPS
    features: int = FEATURES
    train: int = 1_000
    validation: int = 500
    test: int = 1_000

    evidence: ClassVar[EvidenceKind] = "cells"
    masked = False

    def __post_init__(self):
        object.__setattr__(self, "boxes", _checked(self.boxes, self.steps, self.features))

    def load(
        self, split: str, steps: int | None = None, data_dir=None, seed: int = 0, limit: int | None = None, fold=None
    ) -> Split:
        """Draws a split, each cell standardised with the mean and deviation of the training set.

        The three splits are independent draws. A sample depends on (seed, split) and its place alone, so a limit leaves
        the kept samples as they are, and one seed gives all data sets the same noise and labels: they differ in their
        boxes. The statistics are those of the whole training set, whatever the limit.

        Raises:
          InputError: other steps, a fold, a seed that is no non-negative integer.
        """
        check_uncut(self.steps, steps, fold)
        if not isinstance(seed, int | np.integer) or seed < 0:
            raise InputError(f"a seed must be a non-negative integer; received {seed!r}")
        statistics = _train_statistics(self, int(seed))
        drawn = _draw_split(self, split, int(seed), limit)
        standardise(drawn.x, statistics, out=drawn.x)
        return drawn

    def shape(self, steps: int | None = None) -> tuple[int, int]:
        """(steps, features)."""
        check_uncut(self.steps, steps, None)
        return self.steps, self.features

    def class_names(self) -> tuple[str, ...]:
        """What the boxes are: lowered in class 0, raised in class 1."""
        return "lowered", "raised"

    def feature_names(self) -> None:
        """Noise has no names."""
        return

    def is_available(self, data_dir=None) -> bool:
        """True: samples are drawn."""
        return True


def draw_boxes(
    boxes: Sequence[Box],
    count: int,
    steps: int = STEPS,
    features: int = FEATURES,
    seed: Seed = 0,
    one_of: bool = False,
    heights: tuple[float, float] = (1, 1),
) -> Split:
    """Draws samples with boxes of your own; they are not standardised.

    Args:
      boxes: where the evidence lies; overlapping boxes are raised once.
      count: the number of samples.
      steps, features: the size of a sample.
      seed: a generator, or a seed: a non-negative integer or a tuple of them. The first samples do not depend on
        ``count``.
      one_of: whether each sample has one of the boxes, drawn uniformly; by default it has all of them.
      heights: what a sample's boxes are raised or lowered by, drawn uniformly from this range for each sample.

    Returns:
      A ``Split`` with evidence in the shape of x.

    Raises:
      InputError: no boxes, a box without cells or outside the series, a count below 1, a bad seed, bad heights.

    Example:
      >>> split = draw_boxes([Box(0, 1, 0, 2)], count=3, steps=2, features=2)
      >>> split.x.shape, split.evidence[0].astype(int).tolist()
      ((3, 2, 2), [[1, 1], [0, 0]])
    """
    boxes = _checked(boxes, steps, features)
    if count < 1:
        raise InputError(f"count must be at least 1; received {count}")
    # Streams of their own: the first samples do not depend on count.
    labels, places, noise, difficulty = generator(seed).spawn(4)
    y = labels.integers(0, 2, count, dtype=np.int32)
    x = noise.standard_normal((count, steps, features), dtype=np.float32)
    masks = np.stack([_mask(box, steps, features) for box in boxes])
    if one_of:
        evidence = masks[places.integers(0, len(boxes), count)]
    else:
        evidence = np.repeat(masks.any(axis=0, keepdims=True), count, axis=0)
    height = difficulty.uniform(*_range(heights), count).astype("float32")
    for sample, cells, shift in zip(x, evidence, np.where(y, height, -height), strict=True):
        sample[cells] += shift
    return Split(x, y, evidence)


def _draw_split(data: BoxData, split: str, seed: int, limit: int | None = None) -> Split:
    count = getattr(data, split) if limit is None else min(limit, getattr(data, split))
    return draw_boxes(data.boxes, count, data.steps, data.features, (seed, *split.encode()), data.one_of, data.heights)


@functools.lru_cache(maxsize=64)
def _train_statistics(data: BoxData, seed: int) -> CellStatistics:
    """Kept, because validation and test need them as well and are much smaller than a training set."""
    return cell_statistics(_draw_split(data, "train", seed).x)


def _mask(box: Box, steps: int, features: int) -> np.ndarray:
    mask = np.zeros((steps, features), bool)
    mask[box.start : box.stop, box.low : box.high] = True
    return mask


def _checked(boxes: Sequence[Box], steps: int, features: int) -> tuple[Box, ...]:
    if not len(boxes):
        raise InputError("box data need at least one box; received none")
    for box in boxes:
        if len(box) != 4 or not all(isinstance(edge, int | np.integer) for edge in box):
            raise InputError(f"a box must be four integers: start, stop, low, high; received {box}")
    boxes = tuple(Box(*map(int, box)) for box in boxes)
    for box in boxes:
        if not (0 <= box.start < box.stop <= steps and 0 <= box.low < box.high <= features):
            raise InputError(
                f"a box must have 0 <= start < stop <= {steps} steps and 0 <= low < high <= {features} features; "
                f"received {box}"
            )
    return boxes


def _range(heights: tuple[float, float]) -> tuple[float, float]:
    if len(heights) != 2 or not 0 <= heights[0] <= heights[1] < np.inf:
        raise InputError(f"heights must be two numbers, 0 <= least <= most; received {heights}")
    return heights


def moving(start: int) -> BoxData:
    """A box of 60 steps from ``start`` and features 20..79 (figure 5; the paper's starts are 0, 10, 20, 30 and 40)."""
    return BoxData((Box(start, start + 60, 20, 80),))


def _three(start: int, stop: int) -> BoxData:
    return BoxData(tuple(Box(start, stop, low, low + 30) for low in (0, 35, 70)))


def _add(name: str, title: str, data: BoxData) -> None:
    text = f"{data.steps} steps of {data.features} features, noise with boxes that tell the class (Ismail et al., 2019)"
    problem = Problem(title, data, training=TRAINING, methods=METHODS, measures=MEASURES, text=text)
    PROBLEMS.add(f"box_{name}", problem)


_add("earlier", "earlier box", BoxData((Box(0, 30, 10, 90),)))
# The paper's text puts the middle box at steps 30 to 70; its authors' program at 20 to 80, and that gave its numbers.
_add("middle", "middle box", BoxData((Box(20, 80, 20, 80),)))
_add("latter", "latter box", BoxData((Box(70, 100, 10, 90),)))
_CORNERS = tuple(Box(start, start + 60, low, low + 60) for start in (5, 35) for low in (5, 35, 20))
_add("mixed", "mixed boxes", BoxData((*_CORNERS, Box(20, 80, 20, 80)), one_of=True, train=8_000))
_add("three_earlier", "three earlier boxes", _three(0, 40))
_add("three_middle", "three middle boxes", _three(25, 65))
# The paper names this one without saying where it lies: the mirror image of three_earlier.
_add("three_latter", "three latter boxes", _three(60, 100))
# Not the paper's: some samples are easy and some cannot be told, so that no model is right about all.
_add("graded", "middle box of graded height", BoxData((Box(20, 80, 20, 80),), heights=(0, 0.2)))
for _start in (0, 10, 20, 30, 40):
    _add(f"moving_{_start}", f"box from step {_start}", moving(_start))
