"""Front ends in processes of their own, forked from one that has imported TensorFlow already.

They are real programs with exit status, output and signals, and cost half a second instead of eight.
"""

import multiprocessing
import os
import pathlib
import runpy
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE = 240  # seconds

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        "sklearn.datasets",
        "tensorflow",
        "thesis_rnn.runs.pipeline",
    ]
)


@dataclass(frozen=True)
class Finished:
    """What is left of a process: its exit status (minus the signal's number if one ended it) and its output."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """Its only line on standard error."""
        (line,) = self.err.splitlines()
        return line


class FrontEnd:
    """``python -m thesis_rnn <name> *arguments`` in the folder ``cwd``, started.

    Args:
      before: called in the process before the front end, for instance to let a later call fail.
      environment: variables to set, or with None to remove.
    """

    def __init__(
        self,
        name: str,
        *arguments: str,
        cwd: pathlib.Path,
        before: Callable[[], None] | None = None,
        environment: dict[str, str | None] | None = None,
    ):
        self._output = tempfile.TemporaryDirectory()
        files = [os.path.join(self._output.name, stream) for stream in ("out", "err")]
        for file in files:
            pathlib.Path(file).touch()  # there even if the process is killed before its first line
        self._process = _FORKS.Process(target=_main, args=(name, arguments, cwd, files, before, environment or {}))
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.is_alive()

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, patience: float = PATIENCE) -> Finished:
        """Waits until the process has ended."""
        self._process.join(patience)
        if self.running:
            self._process.kill()
            raise TimeoutError(f"still running after {patience} s")
        with self._output as folder:
            out, err = (pathlib.Path(folder, stream).read_text() for stream in ("out", "err"))
        return Finished(self._process.exitcode, out, err)


def run(name: str, *arguments: str, cwd: pathlib.Path, **options) -> Finished:
    """Runs a front end to its end."""
    return FrontEnd(name, *arguments, cwd=cwd, **options).wait()


def refusal(name: str, *arguments: str, cwd: pathlib.Path, **options) -> str:
    """The line with which a front end refuses ``arguments``, without its "error: "."""
    done = run(name, *arguments, cwd=cwd, **options)
    assert done.status == 1, done
    assert done.error.startswith("error: "), done
    return done.error.removeprefix("error: ")


def _main(verb, arguments, cwd, files, before, environment) -> None:
    # As at a terminal: tests started in the background (`pytest &`) would hand down that Ctrl-C is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(cwd)
    for stream, path in zip((sys.stdout, sys.stderr), files, strict=True):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream.fileno())
    for variable, value in environment.items():
        os.environ.pop(variable, None)
        if value is not None:
            os.environ[variable] = value
    if before:
        before()
    sys.argv = ["thesis_rnn", verb, *arguments]
    runpy.run_module("thesis_rnn", run_name="__main__")
