"""Profiles: which experiments are run, and in what their flags differ from those of their own flagfiles.

``flags/<paper>/<experiment>.flags`` says what an experiment runs. ``flags/profiles/<profile>.flags`` has sections:

    [seeds_* lenet_mnist]       experiments by name, or patterns of names, in the order in which they are planned
    --epochs=100                which replaces the flag in the flagfile of each, or is added to its flags

An experiment is planned where a section first names it; later sections that name it only change its flags further.
"""

import pathlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import resources
from importlib.resources.abc import Traversable

import thesis_rnn
from thesis_rnn.errors import InputError

PROFILES = "profiles"
SUFFIX = ".flags"


@dataclass(frozen=True)
class Experiment:
    """The flags of an experiment, in order, as a profile runs it.

    Attributes:
      paper: the folder of its flagfile.
      name: of its flagfile.
      flags: name -> the text behind the equals sign, with lists and ranges of values.
      origin: the flagfile, for errors.
    """

    paper: str
    name: str
    flags: dict[str, str]
    origin: str


@dataclass
class _Section:
    patterns: list[str]
    flags: dict[str, str] = field(default_factory=dict)

    def names(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.patterns)


def flags_folder(flags_dir: str = "") -> Traversable:
    """The folder of flagfiles: ``flags_dir``, or the one that comes with the package.

    That lies inside an installed package, and beside the package in its repository.

    Raises:
      InputError: if there is no such folder.
    """
    inside = resources.files(thesis_rnn) / "flags"
    beside = pathlib.Path(thesis_rnn.__file__).resolve().parents[1] / "flags"
    folder = pathlib.Path(flags_dir) if flags_dir else inside if inside.is_dir() else beside
    if not (folder / PROFILES).is_dir():
        raise InputError(
            f"expected a folder with flagfiles and the folder {PROFILES}, see --flags_dir; received {folder}"
        )
    return folder


def read_profile(profile: str, folder: Traversable) -> list[Experiment]:
    """The experiments of a profile, in the order in which it names them.

    Raises:
      InputError: for an unknown profile, a section that names no experiment, or a line of another form.
    """
    known = _by_name(folder / PROFILES)
    if profile not in known:
        raise InputError(f"profile must be one of {', '.join(known) or 'none'} in {folder}; received {profile!r}")
    sections = _sections(known[profile])
    files = {
        name: (paper.name, file)
        for paper in sorted(folder.iterdir(), key=lambda paper: paper.name)
        if paper.is_dir() and paper.name != PROFILES
        for name, file in _by_name(paper).items()
    }
    planned = dict.fromkeys(
        name for section in sections for pattern in section.patterns for name in _matching(files, pattern, profile)
    )
    return [_experiment(name, *files[name], sections) for name in planned]


def _experiment(name: str, paper: str, file: Traversable, sections: Sequence[_Section]) -> Experiment:
    flags = dict(parse_flag(line, str(file)) for line in lines_of(file))
    for section in sections:
        if section.names(name):
            flags |= section.flags
    return Experiment(paper, name, flags, str(file))


def _matching(files, pattern: str, profile: str) -> list[str]:
    names = sorted(name for name in files if fnmatchcase(name, pattern))
    if not names:
        raise InputError(f"sections of profile {profile} name experiments, {', '.join(files)}; received [{pattern}]")
    return names


def _sections(file: Traversable) -> list[_Section]:
    sections: list[_Section] = []
    for line in lines_of(file):
        if line.startswith("[") and line.endswith("]"):
            sections.append(_Section(line[1:-1].split()))
        elif sections:
            sections[-1].flags |= [parse_flag(line, str(file))]
        else:
            raise InputError(
                f"expected a section such as [experiment_1_mnist] before flags in {file}; received {line!r}"
            )
    return sections


def _by_name(folder: Traversable) -> dict[str, Traversable]:
    files = {file.name.removesuffix(SUFFIX): file for file in folder.iterdir() if file.name.endswith(SUFFIX)}
    return dict(sorted(files.items()))


def lines_of(file: Traversable) -> list[str]:
    """The lines of a flagfile without comments and empty ones.

    Raises:
      InputError: for a file that is not text in UTF-8.
    """
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except UnicodeDecodeError as error:
        raise InputError(f"expected a flagfile, text in UTF-8; received {file}: {error}") from None
    return [line for line in lines if line and not line.startswith("#")]


def parse_flag(line: str, origin: str) -> tuple[str, str]:
    """The name and the value of ``--name=value``.

    Raises:
      InputError: for a line of another form.
    """
    name, equals, value = line.removeprefix("--").partition("=")
    if not (line.startswith("--") and name and equals):
        raise InputError(f"expected lines --name=value in {origin}; received {line!r}")
    return name, value
