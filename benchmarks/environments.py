"""The environments of other libraries, set up beside the package's own; one that cannot be is named with the reason."""

import pathlib
import shutil
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.measuring import say
from benchmarks.process import ROOT

PYTORCH_INDEX = "https://download.pytorch.org/whl/cpu"


@dataclass(frozen=True)
class Environment:
    """How to make one.

    Attributes:
      folder: its name, in the repository's root.
      pythons: the versions of Python it works with, the preferred one first.
      steps: arguments of "pip install", one after the other; of alternatives, the first that succeeds counts.
    """

    folder: str
    pythons: tuple[str, ...]
    steps: tuple[tuple[tuple[str, ...], ...], ...]


ENVIRONMENTS = {
    "peers": Environment(
        ".venv-peers",
        ("3.11", "3.12", "3.13"),
        (
            # From where pip is told to look or, failing that, from PyTorch's own index: the registry's build for
            # Linux brings gigabytes for GPUs.
            (("torch==2.13.0+cpu",), ("torch==2.13.0+cpu", "--extra-index-url", PYTORCH_INDEX)),
            (("captum>=0.9,<0.10", "numpy>=2", "click", "Pillow"),),
            (("--no-deps", "zennit==0.5.1"),),  # it asks for torchvision; see contenders/torchvision_stand_in.py
        ),
    ),
    "innvestigate": Environment(
        ".venv-innvestigate",
        ("3.11", "3.10"),
        (
            (("tensorflow-cpu==2.14.1", "numpy<2", "future", "matplotlib"),),
            (("--no-deps", "innvestigate==2.1.2"),),  # it asks for "tensorflow", by another name already there
        ),
    ),
}


class NotInstallableError(Exception):
    """The environment cannot be set up; the message says why."""


def set_up(wanted: bool = True) -> tuple[dict[str, str], dict[str, str]]:
    """The interpreters by environment, and the reasons for those that are not there."""
    pythons, absent = {"own": sys.executable}, {}
    for name, environment in ENVIRONMENTS.items():
        if not wanted:
            absent[name] = "left out by --nopeers"
            continue
        try:
            pythons[name] = _python_of(environment)
        except NotInstallableError as reason:
            absent[name] = str(reason)
            say(f"{environment.folder} cannot be set up: {reason}")
    return pythons, absent


def _python_of(environment: Environment) -> str:
    """Installs again only when what is to be installed has changed."""
    folder = ROOT / environment.folder
    python, mark = folder / "bin" / "python", folder / "installed"
    if not (mark.is_file() and mark.read_text() == repr(environment) and python.is_file()):
        say(f"setting up {environment.folder} (minutes the first time)")
        _run(_interpreter(environment.pythons), "-m", "venv", "--clear", str(folder))
        for alternatives in environment.steps:
            _install(str(python), alternatives)
        mark.write_text(repr(environment))
    return str(python)


def _install(python: str, alternatives: tuple[tuple[str, ...], ...]) -> None:
    reasons = []
    for arguments in alternatives:
        try:
            return _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)
        except NotInstallableError as reason:
            reasons.append(str(reason))
    raise NotInstallableError(reasons[0])


def _interpreter(versions: tuple[str, ...]) -> str:
    for version in versions:
        candidates = [sys.executable, shutil.which(f"python{version}"), *_of_pyenv(version)]
        for candidate in filter(None, candidates):
            if _version_of(candidate) == version:
                return candidate
    raise NotInstallableError(f"needs Python {' or '.join(versions)}; found none")


def _of_pyenv(version: str) -> list[str]:
    """Interpreters that pyenv has but does not show."""
    return sorted(map(str, pathlib.Path.home().glob(f".pyenv/versions/{version}.*/bin/python")))


def _version_of(python: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=False).stdout.strip()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise NotInstallableError(errors[-1] if errors else f"{command[0]} ended with status {done.returncode}")
