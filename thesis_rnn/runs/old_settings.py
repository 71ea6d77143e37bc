"""The hyperparameters of a run: each is a field here, and from it a flag and a line of ``flags.txt``."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from thesis_rnn.data.images.folds import FOLDS, Fold
from thesis_rnn.errors import InputError
from thesis_rnn.runs.old_flagfile import FlagFile, option


@dataclass(frozen=True)
class Settings(FlagFile):
    """What a training run depends on. The same settings, versions and machine give the same run."""

    arch: str = option("convrlstm_sd", "Architecture; see --list_architectures.")
    dataset: str = option(
        "mnist_maj",
        "Data set: mnist_maj, fashion_mnist_maj, digits_maj (majority problem), mnist, fashion_mnist, digits "
        "(single images).",
    )
    steps: int = option(0, "Steps a sequence is cut into; 0 for the data set's own: 12 for *_maj, 4 for single images.")
    epochs: int = option(10, "Epochs to train. The one with the best validation accuracy is kept.")
    epoch_size: int = option(0, "Sequences drawn per epoch; 0 for one for each training image.")
    batch_size: int = option(50, "Sequences per update.")
    learning_rate: float = option(2e-3, "Adam's learning rate; the thesis holds 1e-4 to 5e-4 for 100 epochs.")
    schedule: str = option("cosine", "Learning rate over the updates: cosine (to zero) or constant.")
    dropout: float = option(0.2, "Dropout rate, in [0, 1).")
    fold: int = option(0, "Fold to test on, 1 to --folds, of all images pooled; 0 for the original split.")
    folds: int = option(FOLDS, "Folds of the cross-validation that --fold belongs to.")
    seed: int = option(0, "Seeds kernels, dropout masks, the order of batches and majority triples.")
    method: str = option(
        "sensitivity,guided_backprop,deep_taylor,lrp",
        "Attribution methods, separated by commas; an unknown name lists them all; composite takes --rules.",
    )
    alpha: float = option(1.5, "alpha of lrp; alpha - beta must be 1.")
    beta: float = option(0.5, "beta of lrp.")
    rules: str = option("", "Rules of the method composite, as in 'epsilon(0.01); first=flat'.")
    samples: int = option(100, "Test sequences whose heatmaps are kept, from the first.")
    indices: str = option("", "Instead of the first --samples: the test sequences' indices, separated by commas.")
    track: int = option(
        0, "Validation sequences whose explanations are scored after each epoch, into history.csv; 0 for none."
    )
    data_dir: str = option(
        "",
        "Folder with the images: IDX files as <data_dir>/<mnist|fashion_mnist>/train-images-idx3-ubyte[.gz], or data "
        "sets of tensorflow-datasets. Default: THESIS_RNN_DATA_DIR, then tensorflow-datasets' own folder.",
    )

    def __post_init__(self):
        for name in ("epochs", "batch_size", "samples"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be at least 1; received {getattr(self, name)}")
        if self.schedule not in ("constant", "cosine"):
            raise InputError(f"schedule must be constant or cosine; received {self.schedule!r}")
        if not (self.learning_rate > 0 and math.isfinite(self.learning_rate)):
            raise InputError(f"learning_rate must be positive and finite; received {self.learning_rate}")
        if self.track < 0:
            raise InputError(f"track must be 0 or a number of sequences; received {self.track}")
        if self.seed < 0:
            raise InputError(f"seed must not be negative; received {self.seed}")
        _ = self.test_fold, self.chosen  # refuses what is neither a fold nor a list of indices

    @property
    def test_fold(self) -> Fold | None:
        """The fold that is the test set; None for the original split."""
        return Fold(self.fold, self.folds) if self.fold else None

    @property
    def chosen(self) -> Sequence[int]:
        """The indices of the test sequences whose heatmaps are kept."""
        if not self.indices:
            return range(self.samples)
        entries = [entry.strip() for entry in self.indices.split(",")]
        if not all(entry.isdecimal() for entry in entries):
            raise InputError(
                f"indices are whole numbers separated by commas, as in 8915,1318; received {self.indices!r}"
            )
        return [int(entry) for entry in entries]

    def hyperparameters(self) -> dict[str, object]:
        """What the trained model depends on, without what only later stages read."""
        later = ("method", "alpha", "beta", "rules", "samples", "indices", "track", "data_dir")
        return {name: value for name, value in vars(self).items() if name not in later}
