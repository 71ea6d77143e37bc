"""What all sections share: what a run has at hand, the contenders it can start, and comparing them on one case."""

import pathlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.cases import GRADIENT
from benchmarks.process import Contender, Recipe, RefusedError
from benchmarks.timing import interleaved

OWN = Recipe("thesis_rnn", "own", options=(("xla", False),))
OWN_XLA = Recipe("thesis_rnn, XLA", "own", options=(("xla", True),))
ZENNIT = Recipe("zennit", "zennit_rules", "peers")
CAPTUM = Recipe("Captum", "captum_rules", "peers")
CAPTUM_AGAIN = Recipe("Captum, second call", "captum_rules", "peers", (("rules_set_once", True),))
INNVESTIGATE = Recipe("iNNvestigate", "innvestigate_rules", "innvestigate")
NUMPY = Recipe("NumPy loop", "numpy_lrp")

OURS = ("own", "keras_training")
"""Modules that run the package itself, which must not refuse a job."""


PASSIVE = " (passive waiting)"


def passive(recipe: Recipe) -> Recipe:
    """The same, with OpenMP threads that sleep while they wait for each other.

    By default PyTorch's threads spin, which is fastest on a machine that does nothing else, and many times slower where
    another process needs a core. Both are measured, so that PyTorch's libraries are seen at their best.
    """
    variables = (*recipe.variables, ("OMP_WAIT_POLICY", "PASSIVE"))
    return replace(recipe, name=f"{recipe.name}{PASSIVE}", variables=variables)


@dataclass
class Setup:
    """What a run has at hand.

    Attributes:
      pythons: the interpreter of each environment that was set up.
      absent: why an environment is not there, for those that are not.
      threads: threads of every contender.
      repeats: how often each contender is timed.
      quick: tiny sizes, to see that everything works.
      folder: where results are.
      scratch: a folder for weights and inputs, gone after the run.
    """

    pythons: dict[str, str]
    absent: dict[str, str]
    threads: int
    repeats: int
    quick: bool
    folder: pathlib.Path
    scratch: pathlib.Path

    def sized(self, full, quick):
        """``full``, or ``quick`` in a quick run."""
        return quick if self.quick else full

    def save(self, name: str, arrays: dict[str, np.ndarray]) -> str:
        """Writes the arrays of a case; returns the path."""
        path = self.scratch / f"{name}.npz"
        np.savez(path, **arrays)
        return str(path)


@dataclass
class Findings:
    """What a section found: rows of its table, versions, and who could not do what, and why."""

    rows: list[dict] = field(default_factory=list)
    versions: dict[str, dict] = field(default_factory=dict)
    missing: list[dict] = field(default_factory=list)

    def miss(self, contender: str, job: str, reason: str) -> None:
        self.missing.append({"contender": contender, "job": job, "reason": reason})


@contextmanager
def started(recipes: Sequence[Recipe], setup: Setup, findings: Findings) -> Iterator[dict[Recipe, Contender]]:
    """The contenders whose environment is there, running; the others are noted as missing."""
    with ExitStack() as stack:
        running = {}
        for recipe in recipes:
            if recipe.environment in setup.absent:
                findings.miss(recipe.name, "everything", setup.absent[recipe.environment])
            else:
                running[recipe] = stack.enter_context(recipe.start(setup.pythons[recipe.environment], setup.threads))
        for recipe in list(running):
            try:
                findings.versions[recipe.name] = running[recipe].about()["versions"]
            except RefusedError as reason:
                findings.miss(recipe.name, "everything", str(reason))
                del running[recipe]
        yield running


def loads(recipe: Recipe, contender: Contender, identity: str, job: dict, findings: Findings) -> float | None:
    """Seconds of the first call; None where the contender refuses, which is noted. Our own must not refuse."""
    try:
        return contender.load(identity, **dict(recipe.options), **job)
    except RefusedError as reason:
        if recipe.module in OURS:
            raise
        findings.miss(recipe.name, identity, str(reason))
        return None


def compare(running: dict[Recipe, Contender], rules: Sequence[str], job: dict, setup: Setup, findings: Findings):
    """Times all rules, and a forward and backward pass, of all contenders in turns; adds a row for each."""
    first_calls = {}
    for rule in (GRADIENT, *rules):
        for recipe, contender in running.items():
            first = loads(recipe, contender, rule, job | {"rule": rule}, findings)
            if first is not None:
                first_calls[recipe, rule] = first
    calls = {
        (recipe, rule): lambda contender=running[recipe], rule=rule: contender.time(rule)
        for recipe, rule in first_calls
    }
    for (recipe, rule), seconds in interleaved(calls, setup.repeats).items():
        row = {"contender": recipe.name, "rule": rule, "first_call": first_calls[recipe, rule]}
        findings.rows.append(row | {"seconds": [round(value, 7) for value in seconds.tolist()]})


def say(text: str) -> None:
    """Progress, on standard error: the tables go to standard output."""
    print(text, file=sys.stderr, flush=True)
