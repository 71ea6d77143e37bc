"""Settings of a task until ``runs.settings`` is there: the same groups and flags."""

from dataclasses import dataclass, fields, replace

from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.attribution import method_specs
from thesis_rnn.data import problem_of
from thesis_rnn.data.images.folds import Fold
from thesis_rnn.errors import InputError


@dataclass(frozen=True)
class Data:
    dataset: str = "mnist_maj"
    architecture: str = "convrlstm_sd"
    steps: int = 0
    fold: int = 0
    folds: int = 7
    data_dir: str = ""


@dataclass(frozen=True)
class Model:
    units: int = 0
    attention_units: int = 50
    attention_hops: int = 20
    attention_window: int = 0
    attend_last_steps: int = 0
    dropout: float = 0.0


@dataclass(frozen=True)
class Training:
    seed: int = 0
    epochs: int = 0
    updates: int = 0
    patience: int = 0
    sequences_per_epoch: int = 0
    batch_size: int = 0
    learning_rate: float = 0.0
    schedule: str = ""


@dataclass(frozen=True)
class Explanation:
    methods: str = ""
    measures: str = ""
    samples: int = 100
    indices: str = ""
    track_sequences: int = 0


GROUPS = {"data": Data, "model": Model, "training": Training, "explanation": Explanation}


@dataclass(frozen=True)
class Settings:
    data: Data = Data()
    model: Model = Model()
    training: Training = Training()
    explanation: Explanation = Explanation()

    @classmethod
    def from_flags(cls, flags: dict[str, str], origin: str) -> "Settings":
        named = {("architecture" if name == "arch" else name): text for name, text in flags.items()}
        groups, known = {}, set()
        for group, kind in GROUPS.items():
            own = {item.name: item.type for item in fields(kind)}
            known |= set(own)
            try:
                groups[group] = kind(**{name: own[name](text) for name, text in named.items() if name in own})
            except ValueError:
                raise InputError(f"expected flags of a training run in {origin}; received {flags}") from None
        for name, text in named.items():
            if name not in known:
                raise InputError(
                    f"expected lines --name=value of a training run in {origin}; received '--{name}={text}'"
                )
        return cls(**groups)._resolved(named)

    def _resolved(self, named) -> "Settings":
        problem, _ = problem_of(self.data.dataset), ARCHITECTURES[self.data.architecture]
        if self.data.fold:
            Fold(self.data.fold, self.data.folds)
        defaults = {name: value for name, value in vars(problem.training).items() if name not in named}
        training = {item.name: defaults[item.name] for item in fields(Training) if item.name in defaults}
        steps, *_ = problem.shape(self.data.steps or None)
        methods = "; ".join(str(spec.text) for spec in method_specs(self.explanation.methods or problem.methods))
        return Settings(
            replace(self.data, steps=steps),
            replace(self.model, dropout=defaults.get("dropout", self.model.dropout)),
            replace(self.training, **training),
            replace(self.explanation, methods=methods),
        )

    def flags(self) -> dict[str, str]:
        values = {name: value for group in GROUPS for name, value in vars(getattr(self, group)).items()}
        return {("arch" if name == "architecture" else name): str(value) for name, value in values.items()}

    def as_flagfile(self) -> str:
        return "".join(f"--{name}={value}\n" for name, value in self.flags().items())

    @classmethod
    def of_run(cls, folder, made_by: str) -> "Settings":
        path = folder.required(folder.flags, made_by)
        lines = path.read_text(encoding="utf-8").splitlines()
        return cls.from_flags(dict(line.removeprefix("--").split("=", 1) for line in lines), str(path))

    def differing_flags(self, other) -> tuple[str, str] | None:
        own, others = self.flags(), other.flags()
        names = [name for name in own if name != "data_dir" and own[name] != others[name]]
        texts = (" ".join(f"--{name}={each[name]}" for name in names) for each in (own, others))
        return tuple(texts) if names else None
