"""Small cases made from the tables: whatever is a row of them is covered, also one that was added a minute ago."""

import functools
import inspect
import itertools
import tempfile
from dataclasses import dataclass

import numpy as np

import thesis_rnn
from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.attribution import METHODS, method_names, method_spec
from thesis_rnn.data import PROBLEMS, Box, BoxData, Problem, load, problem_of
from thesis_rnn.measures import MEASURES
from thesis_rnn.runs.settings import Settings

SAMPLES = 4
UNITS = 4
SIZES = {"blocks": 1, "heads": 2}
VARYING = "series of varying length"
KINDS = {
    "majority": ("images", "digits_maj", 3),
    "single images": ("images", "digits", 2),
    "series with cells": ("series", "conformance_box", None),
    VARYING: ("series", "file:", None),
}
"""Kind of problem -> the form of its samples, a problem of that kind ("file:" one from a file), and its steps."""


@dataclass(frozen=True)
class Case:
    """An architecture on a kind of problem."""

    architecture: str
    kind: str

    def __str__(self) -> str:
        return f"{self.architecture}, {self.kind}"


def takes(name: str, kind: str) -> bool:
    """Whether an architecture says that it takes samples of the kind."""
    form = getattr(ARCHITECTURES[name], KINDS[kind][0])
    return form is not None and (form.masked or kind != VARYING)


ALL = [Case(name, kind) for name in ARCHITECTURES for kind in KINDS if takes(name, kind)]
"""The full product of architectures and the kinds that they take."""


def one_kind_each() -> list[Case]:
    """Every architecture with one kind; those that take the same kinds take turns, so that all kinds are met."""
    turns = itertools.count()
    grouped = itertools.groupby(ALL, key=lambda case: case.architecture)
    return [cases[next(turns) % len(cases)] for cases in (list(group) for _, group in grouped)]


def is_explained_early(case: Case) -> bool:
    """Whether the fast run explains an architecture: every fourth, from the last row on, which may be new."""
    names = ARCHITECTURES.names()
    return (len(names) - 1 - names.index(case.architecture)) % 4 == 0


def turn_of(case: Case) -> str:
    """A method, another one for the next architecture."""
    names = method_names()
    return names[ARCHITECTURES.names().index(case.architecture) % len(names)]


# ---- problems


def dataset(kind: str) -> str:
    """The name of the problem of a kind."""
    name = KINDS[kind][1]
    return f"{name}{_file()}" if name == "file:" else name


@functools.cache
def samples(kind: str):
    """The first training samples."""
    return load(dataset(kind), "train", KINDS[kind][2]).take(slice(SAMPLES))


def problem(kind: str) -> Problem:
    return problem_of(dataset(kind))


def with_small_box():
    """The block within which the small problem of boxes is a row of the table; other tests must not see it."""
    data = BoxData((Box(1, 3, 0, 2),), steps=5, features=3, train=SAMPLES, validation=SAMPLES, test=SAMPLES)
    return PROBLEMS.replaced("conformance_box", Problem("small box", data))


@functools.cache
def _folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory()


@functools.cache
def _file() -> str:
    """Series of three lengths, with masks of their evidence."""
    rng = np.random.default_rng(0)
    x, y, lengths = rng.normal(size=(24, 5, 2)).astype(np.float32), np.arange(24) % 2, 3 + np.arange(24) % 3
    x[np.arange(5) >= lengths[:, np.newaxis]] = 0
    path = f"{_folder().name}/own.npz"
    np.savez(path, x=x, y=y, lengths=lengths)
    return path


# ---- models, runs and methods


def built(case: Case):
    """The architecture with a handful of units; a step of its training is not compiled."""
    form, _, steps = KINDS[case.kind]
    sizes = {name: SIZES.get(name, UNITS) for name in getattr(ARCHITECTURES[case.architecture], form).sizes}
    masked = problem(case.kind).masked
    model = thesis_rnn.build(case.architecture, steps, dataset=dataset(case.kind), sizes=sizes, masked=masked)
    model.run_eagerly = True
    return model


def settings_of(case: Case, method: str) -> Settings:
    """Those of the shortest run."""
    form, _, steps = KINDS[case.kind]
    sizes = getattr(ARCHITECTURES[case.architecture], form).sizes
    flags = {name: UNITS for name in ("attention_units", "attention_hops") if name in sizes}
    flags |= {"dataset": dataset(case.kind), "steps": steps, "sequences_per_epoch": 50, "epochs": 1, "samples": 2}
    return Settings.of(arch=case.architecture, methods=fitting_spec(method, case.kind).text, **flags)


def fitting_spec(name: str, kind: str):
    """The method with what it must be told: rules, and where inputs live."""
    parameters = inspect.signature(METHODS[name]).parameters
    if name == "composite":
        return method_spec("composite(epsilon(0.01), first=flat)")
    bounded = problem(kind).domain == "bounded"
    if {"low", "inputs"} <= set(parameters):
        return method_spec(name, **({"low": -1.0, "high": 1.0} if bounded else {"inputs": "real"}))
    if "updates" in parameters:
        return method_spec(name, updates=3)
    return method_spec(name)


def applying_measures(given) -> list[str]:
    """The measures whose needs are all given."""
    return [name for name in MEASURES if set(MEASURES[name].needs) <= set(given)]


def quick_measures(given) -> list[str]:
    """Those of them that are taken of all samples, since they are not expensive."""
    return [name for name in applying_measures(given) if MEASURES[name].samples is None]
