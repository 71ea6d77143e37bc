"""Series of the UEA and UCR archives as problems: where their ``.ts`` files may lie, and three of them.

``<data_dir>/series/<name>_TRAIN.ts`` (or .ts.gz, or in a folder of that name) and ``..._TEST.ts``; without a data_dir,
the folder in THESIS_RNN_DATA_DIR, then the copies that sktime bundles, where it is installed.
"""

import importlib.util
import os
import pathlib
from dataclasses import dataclass, replace

import numpy as np

from thesis_rnn.data.folders import DATA_DIR_VARIABLE, named_folders
from thesis_rnn.data.own.samples import step_mask
from thesis_rnn.data.own.source import OwnSeries
from thesis_rnn.data.problem import PROBLEMS, SPLITS, DrawnWhole, Problem, Split, Training, check_uncut
from thesis_rnn.data.series import MEASURES, feature_statistics, standardise
from thesis_rnn.errors import InputError


@dataclass(frozen=True)
class ArchiveSeries(DrawnWhole):
    """The canonical splits of a data set of the archives (a ``data.problem.Source``).

    Each feature is standardised by its mean and deviation over the own steps of the training series; padded steps are
    0. The last sixth of each class of the training file is the validation set.

    Attributes:
      name: of the data set in the archives.
      steps: of the longest series.
      features: what they are called.
      classes: the classes in words, in the order of their labels in the files.
      masked: whether series differ in length.
      missing: the share of values that are taken away at random, and are 0 instead: the same ones for every seed.
    """

    name: str
    steps: int
    features: tuple[str, ...]
    classes: tuple[str, ...]
    masked: bool = False
    missing: float = 0.0
    evidence = None

    def load(
        self,
        split: str,
        steps: int | None = None,
        data_dir: str | os.PathLike | None = None,
        seed: int = 0,
        limit: int | None = None,
        fold=None,
    ) -> Split:
        """The series of a split, in the order of their file; they do not depend on the seed.

        Raises:
          InputError: files that are nowhere to be found, are damaged, or of another shape.
        """
        check_uncut(self.steps, steps, fold)
        series = self._found(data_dir)
        train, own = series.load("train"), series.load(split).take(slice(limit))
        found = (*train.x.shape[1:], len(series.class_names()), series.masked)
        if found != (self.steps, len(self.features), len(self.classes), self.masked):
            expected = f"{self.steps} steps x {len(self.features)} features of {len(self.classes)} classes"
            raise InputError(f"{series.path}: expected {expected}; received {' x '.join(map(str, found[:3]))}")
        x = standardise(own.x, feature_statistics(train.x, train.lengths))
        if own.lengths is not None:
            x[~step_mask(own.lengths, self.steps)] = 0
        if self.missing:
            x[np.random.default_rng(SPLITS.index(split)).random(x.shape) < self.missing] = 0
        return own._replace(x=x)

    def shape(self, steps: int | None = None) -> tuple[int, int]:
        """(steps of the longest series, features)."""
        check_uncut(self.steps, steps, None)
        return self.steps, len(self.features)

    def class_names(self) -> tuple[str, ...]:
        """The classes in words."""
        return self.classes

    def feature_names(self) -> tuple[str, ...]:
        """What the features are called."""
        return self.features

    def is_available(self, data_dir: str | os.PathLike | None = None) -> bool:
        """Whether both files are at hand."""
        return any(series.is_available() for series in self._candidates(data_dir))

    def _found(self, data_dir) -> OwnSeries:
        candidates = self._candidates(data_dir)
        for series in candidates:
            if series.is_available():
                return series
        searched = ", ".join(series.path for series in candidates) or "no folder"
        raise InputError(
            f"{self.name} comes from --data_dir=DIR or {DATA_DIR_VARIABLE}=DIR with DIR/series/{self.name}_TRAIN.ts "
            f"and ..._TEST.ts, plain or .gz (timeseriesclassification.com has them), or from an installed sktime; "
            f"received none in {searched}"
        )

    def _candidates(self, data_dir) -> list[OwnSeries]:
        folders = [folder / "series" for folder in named_folders(data_dir)]
        bundled = None if data_dir else importlib.util.find_spec("sktime")
        if bundled and bundled.origin:
            folders.append(pathlib.Path(bundled.origin).parent / "datasets" / "data")
        return [OwnSeries(os.fspath(folder / self.name)) for folder in folders]


TRAINING = Training(epochs=60, batch_size=20, learning_rate=3e-3, schedule="cosine", dropout=0.1, loss="softmax")
METHODS = "gradient_x_input; lrp_epsilon"


def _add(name: str, title: str, series: ArchiveSeries, text: str, units: int) -> None:
    problem = Problem(title, series, training=TRAINING, methods=METHODS, measures=UNPLANTED, units=units, text=text)
    PROBLEMS.add(name, problem)


UNPLANTED = "; ".join(name for name in MEASURES.split("; ") if name in ("half_life", "masked_accuracy", "step_share"))
"""Those of the usual measures that need no evidence."""

_add(
    "japanese_vowels",
    "Japanese vowels",
    ArchiveSeries(
        "JapaneseVowels",
        steps=29,
        features=tuple(f"cepstrum {number}" for number in range(1, 13)),
        classes=tuple(f"speaker {number}" for number in range(1, 10)),
        masked=True,
    ),
    "12 cepstral coefficients of a vowel of 7 to 29 steps by nine speakers (Kudo et al., 1999)",
    units=24,
)
_vowels = PROBLEMS["japanese_vowels"]
_add(
    "japanese_vowels_missing",
    "Japanese vowels, half missing",
    replace(_vowels.source, missing=0.5),
    f"{_vowels.text}, half of whose values are missing at random",
    units=24,
)
_add(
    "italy_power_demand",
    "Italy's power demand",
    ArchiveSeries("ItalyPowerDemand", steps=24, features=("power",), classes=("season 1", "season 2")),
    "power demand by hour of a day from October to March, or from April to September (Keogh et al., 2006)",
    units=16,
)
_add(
    "basic_motions",
    "Basic motions",
    ArchiveSeries(
        "BasicMotions",
        steps=100,
        features=tuple(f"{sensor} {axis}" for sensor in ("accelerometer", "gyroscope") for axis in "xyz"),
        classes=("badminton", "running", "standing", "walking"),
    ),
    "accelerometer and gyroscope of a watch in four activities, 80 series (UEA archive)",
    units=24,
)
