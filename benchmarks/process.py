"""The measuring side: a contender in a process of its own, told by lines of JSON what to load and when to run."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[1]


class RefusedError(Exception):
    """The contender cannot do this job; the message says why."""


class Contender:
    """A running process of ``module``; see ``serving`` for what it answers.

    Args:
      name: how it is called in tables.
      module: the module to run, in the package ``benchmarks.contenders``.
      python: the interpreter of its environment.
      threads: how many threads it may use.
      variables: further environment variables.
    """

    def __init__(self, name: str, module: str, python: str = sys.executable, threads: int = 1, variables=()):
        self.name = name
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (as long as the process lives)
        self._process = subprocess.Popen(
            [python, "-m", f"benchmarks.contenders.{module}"],
            cwd=ROOT,
            env=_environment(threads) | dict(variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def load(self, identity: str, **job) -> float:
        """Seconds from nothing to the first result of a job: building, tracing, compiling and running it."""
        return self._ask({"load": job, "id": identity})["seconds"]

    def time(self, identity: str) -> float:
        """Seconds of one more run of a loaded job."""
        return self._ask({"time": identity})["seconds"]

    def save(self, identity: str, path: pathlib.Path) -> None:
        """Runs a loaded job and saves its result."""
        self._ask({"save": identity, "path": str(path)})

    def about(self) -> dict:
        """The versions of its libraries, and its peak memory so far, in bytes."""
        return self._ask({"about": True})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def _ask(self, request: dict) -> dict:
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it died: there is no answer either
        answer = self._process.stdout.readline()
        if not answer:
            raise RefusedError(f"the process died: {self._last_words()}")
        answer = json.loads(answer)
        if "refused" in answer:
            raise RefusedError(answer["refused"])
        return answer

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().strip().splitlines()
        return lines[-1] if lines else f"exit status {self._process.wait()}"


@dataclass(frozen=True)
class Recipe:
    """How to start a contender.

    Attributes:
      name: how it is called in tables.
      module: in ``benchmarks.contenders``.
      environment: the environment it runs in: "own", or a key of ``environments.ENVIRONMENTS``.
      options: what every job of it gets.
      variables: environment variables of its process.
    """

    name: str
    module: str
    environment: str = "own"
    options: tuple[tuple[str, object], ...] = ()
    variables: tuple[tuple[str, str], ...] = ()

    def start(self, python: str, threads: int) -> Contender:
        return Contender(self.name, self.module, python, threads, self.variables)


def _environment(threads: int) -> dict[str, str]:
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BENCHMARK_THREADS")
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    return os.environ | dict.fromkeys(limits, str(threads)) | quiet
