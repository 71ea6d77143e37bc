"""The settings of a run in four groups: each field is a flag, and a line of ``flags.txt``."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from thesis_rnn.data.images.folds import FOLDS, Fold
from thesis_rnn.errors import InputError
from thesis_rnn.runs.options import check_options, option, options_of, parsed
from thesis_rnn.support.old_names import check_no_old_flag

MILLION, BILLION = 10**6, 10**9


@dataclass(frozen=True)
class DataSettings:
    """Which samples a run is about."""

    dataset: str = option("mnist_maj", "The problem, as 'thesis-rnn list problems' names it, or file:PATH of your own.")
    steps: int | None = option(None, "Steps a sequence is cut into; 0 for the problem's own.", least=0, most=MILLION)
    fold: int = option(
        0, "Fold to test on, 1 to --folds, of all samples pooled; 0 for the original split.", least=0, most=MILLION
    )
    folds: int = option(FOLDS, "Folds of the cross-validation that --fold belongs to.", most=MILLION)
    data_dir: str = option(
        "",
        "Folder with the images: IDX files as <data_dir>/<mnist|fashion_mnist>/train-images-idx3-ubyte[.gz], or data "
        "sets of tensorflow-datasets. Default: THESIS_RNN_DATA_DIR, then tensorflow-datasets' own folder.",
    )

    def __post_init__(self):
        check_options(self)
        _ = self.test_fold  # refuses what is no fold

    @property
    def test_fold(self) -> Fold | None:
        """The fold that is the test set; None for the original split."""
        return Fold(self.fold, self.folds) if self.fold else None


@dataclass(frozen=True)
class ModelSettings:
    """Which network it is."""

    architecture: str = option("convrlstm_sd", "Architecture; see 'thesis-rnn list architectures'.", flag="arch")
    units: int = option(
        0, "Units of the recurrent cell; 0 for the problem's or the architecture's own.", least=0, most=MILLION
    )
    attention_units: int = option(0, "Neurons of the attention; 0 for the architecture's own.", least=0, most=MILLION)
    attention_hops: int = option(0, "Hops of the attention; 0 for the architecture's own.", least=0, most=MILLION)
    attention_variant: str = option(
        "mean", "With input-cell attention: what becomes of its hops, mean or flatten.", words=("mean", "flatten")
    )
    attention_window: int = option(
        0, "With input-cell attention: attend to the last so many inputs; 0 for all.", least=0, most=MILLION
    )
    attend_last_steps: int = option(
        0, "With input-cell attention: attend at the last so many steps only; 0 for all.", least=0, most=MILLION
    )
    dropout: float | None = option(None, "Dropout rate, in [0, 1).")

    def __post_init__(self):
        check_options(self)
        if self.dropout is not None and not 0 <= self.dropout < 1:
            raise InputError(f"dropout rate must lie in [0, 1); received {self.dropout}")


@dataclass(frozen=True)
class TrainingSettings:
    """How it is trained."""

    seed: int = option(0, "Seeds kernels, dropout masks and what is drawn for an epoch.", least=0, most=2**31 - 1)
    epochs: int | None = option(
        None, "Epochs to train, at most. The one with the best validation accuracy is kept.", least=1, most=MILLION
    )
    updates: int | None = option(
        None, "Updates, at most: training ends with the epoch that reaches them; 0 for no limit.", least=0, most=BILLION
    )
    patience: int | None = option(
        None,
        "Epochs without a better validation accuracy or loss after which training ends; 0 to train all.",
        least=0,
        most=MILLION,
    )
    sequences_per_epoch: int = option(
        0, "Sequences drawn for an epoch; 0 for as many as there are.", least=0, most=BILLION
    )
    batch_size: int | None = option(None, "Sequences per update.", least=1, most=MILLION)
    learning_rate: float | None = option(None, "Adam's learning rate.")
    schedule: str | None = option(
        None, "Learning rate over the updates: cosine (to zero) or constant.", words=("constant", "cosine")
    )

    def __post_init__(self):
        check_options(self)
        if self.learning_rate is not None and not self.learning_rate > 0:
            raise InputError(f"learning_rate must be positive and finite; received {self.learning_rate}")


@dataclass(frozen=True)
class ExplanationSettings:
    """How it is explained and scored: what the trained model does not depend on."""

    methods: str | None = option(
        None, "Attribution methods, separated by semicolons, as in 'sensitivity; lrp(alpha=2, beta=1)'."
    )
    measures: str | None = option(None, "Measures, separated by semicolons; see 'thesis-rnn list measures'.")
    samples: int = option(100, "Test samples whose heatmaps are kept, from the first.", least=1, most=MILLION)
    indices: str = option("", "Instead of the first --samples: the test samples' indices, separated by commas.")
    scored: int = option(
        0, "Test samples whose explanations are scored, from the first; 0 for all.", least=0, most=MILLION
    )
    track_sequences: int = option(
        0,
        "Validation samples whose explanations are scored after each epoch, into history.csv; 0 for none.",
        least=0,
        most=MILLION,
    )

    def __post_init__(self):
        check_options(self)
        _ = self.heatmap_indices  # refuses what is no list of indices

    @property
    def heatmap_indices(self) -> Sequence[int]:
        """The indices of the test samples whose heatmaps are kept."""
        if not self.indices:
            return range(self.samples)
        entries = [entry.strip() for entry in self.indices.split(",")]
        if not all(entry.isdecimal() and len(entry) < 10 for entry in entries):
            expected = "whole numbers separated by commas, as in 8915,1318"
            raise InputError(f"indices are {expected}; received {self.indices[:80]!r}")
        return [int(entry) for entry in entries]


GROUPS = {
    "data": DataSettings,
    "model": ModelSettings,
    "training": TrainingSettings,
    "explanation": ExplanationSettings,
}
FLAGS = {name: (group, attribute, item) for group, kind in GROUPS.items() for name, attribute, item in options_of(kind)}
"""Name of a flag -> its group, its field's name and its field."""
LATER = (*(name for name, (group, *_) in FLAGS.items() if group == "explanation"), "data_dir")
"""Flags that the trained model does not depend on."""


@dataclass(frozen=True)
class Settings:
    """What a run depends on. The same settings, versions and machine give the same run.

    A field that is None is the problem's to decide; ``complete`` fills it.

    Example:
      >>> Settings.of(arch="lstm", dataset="box_earlier").complete().training.epochs
      400
    """

    data: DataSettings = field(default_factory=DataSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    explanation: ExplanationSettings = field(default_factory=ExplanationSettings)

    @classmethod
    def of(cls, **flags) -> "Settings":
        """The settings with these flags, as in ``Settings.of(arch="deep", dataset="mnist_maj")``.

        Raises:
          InputError: for an unknown flag, or a value that its range refuses.
        """
        return cls().replaced(**flags)

    def replaced(self, **flags) -> "Settings":
        """The same settings with other values for these flags."""
        changes: dict[str, dict] = {group: {} for group in GROUPS}
        for name, value in flags.items():
            if name not in FLAGS:
                check_no_old_flag(name)
                raise InputError(f"settings are {', '.join(FLAGS)}; received {name}")
            group, attribute, _ = FLAGS[name]
            changes[group][attribute] = value
        groups = {name: dataclasses.replace(getattr(self, name), **own) for name, own in changes.items()}
        return dataclasses.replace(self, **groups)

    def flags(self) -> dict[str, object]:
        """Every flag with its value, in the order of ``flags.txt``."""
        return {name: getattr(getattr(self, group), attribute) for name, (group, attribute, _) in FLAGS.items()}

    def complete(self) -> "Settings":
        """The settings in which the problem has filled what was left to it.

        Raises:
          InputError: for an unknown problem, or steps that it cannot be cut into.
        """
        from thesis_rnn.data import problem_of

        problem = problem_of(self.data.dataset)
        defaults = {name: getattr(problem.training, name) for name in FLAGS if hasattr(problem.training, name)}
        defaults |= {"methods": problem.methods, "measures": problem.measures}
        missing = {name: value for name, value in defaults.items() if self.flags()[name] is None}
        return self.replaced(**missing, steps=problem.shape(self.data.steps or None)[0])

    def as_flagfile(self) -> str:
        """The settings as an absl flagfile that repeats the run; what is None is left out."""
        return "".join(f"--{name}={value}\n" for name, value in self.flags().items() if value is not None)

    @classmethod
    def from_flagfile(cls, text: str, origin: str) -> "Settings":
        """The settings that a flagfile writes; ``origin`` names the file in errors.

        Raises:
          InputError: for a line that is no flag of these settings, or whose value is of another kind.
        """
        return cls.from_flags(dict(_name_and_value(line, origin) for line in text.splitlines()), origin)

    @classmethod
    def from_flags(cls, flags: Mapping[str, str], origin: str) -> "Settings":
        """The settings of flags whose values are text; ``origin`` names the file in errors.

        Raises:
          InputError: for what is no flag of these settings, or a value of another kind.
        """
        values: dict[str, object] = {}
        for name, text in flags.items():
            check_no_old_flag(name, origin)
            try:
                values[name] = parsed(FLAGS[name][2], text)
            except (KeyError, ValueError):
                raise _refused(f"--{name}={text}", origin) from None
        return cls.of(**values)

    def hyperparameters(self) -> dict[str, object]:
        """What the trained model depends on, without what only later stages read."""
        return {name: value for name, value in self.flags().items() if name not in LATER}

    def differing_flags(self, other: "Settings", but: Sequence[str] = ("data_dir",)) -> tuple[str, str] | None:
        """The flags in which two settings differ, as each has them; None if only in those of ``but``."""
        one, two = self.flags(), other.flags()
        names = [name for name in FLAGS if name not in but and one[name] != two[name]]
        return (_words(one, names), _words(two, names)) if names else None

    def check_resumed_with(self, other: "Settings") -> None:
        """Refuses to go on with other settings than the run's, but for its data's place and what explains it.

        Raises:
          InputError: with the flags that differ.
        """
        if differing := self.differing_flags(other, LATER):
            own, received = differing
            raise InputError(f"--resume continues a run with its own settings, {own}; received {received}")


def _name_and_value(line: str, origin: str) -> tuple[str, str]:
    name, equals, value = line.partition("=")
    if not line.startswith("--") or not equals:
        raise _refused(line, origin)
    return name.removeprefix("--"), value


def _refused(line: str, origin: str) -> InputError:
    return InputError(f"expected lines --name=value of a training run in {origin}; received {line[:120]!r}")


def _words(flags: Mapping[str, object], names: Sequence[str]) -> str:
    return " ".join(f"--{name}={flags[name]}" for name in names)
