"""The table of problems: what each row promises, and what splits, seeds and steps do."""

import dataclasses
import pathlib

import numpy as np
import pytest

from thesis_rnn.data import PROBLEMS, Split, problem_of
from thesis_rnn.errors import InputError
from thesis_rnn.support.calls import parse_calls

HERE = pathlib.Path(__file__).parent  # a folder without images
EMBEDDED = [name for name in PROBLEMS if problem_of(name).source.is_available(HERE)]


def test_some_rows_need_no_file():
    assert {"digits_maj", "digits", "digits_rows", "box_earlier", "box_moving_40"} <= set(EMBEDDED)


@pytest.mark.parametrize("name", EMBEDDED)
def test_a_row_keeps_its_promises(name):
    problem = problem_of(name)
    test = problem.source.load("test", limit=3)
    assert test.x.shape == (3, *problem.shape())
    assert test.x.dtype == np.float32
    assert test.y.dtype == np.int32
    assert set(test.y) <= set(range(len(problem.class_names)))
    expected = {None: None, "blocks": (3, 3), "cells": test.x.shape}[problem.evidence]
    assert (None if test.evidence is None else test.evidence.shape) == expected
    assert (test.lengths is not None) == problem.masked
    if problem.domain == "bounded":
        assert problem.low <= test.x.min() <= test.x.max() <= problem.high
        assert problem.low <= problem.background <= problem.high


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_lists_of_a_row_are_of_the_grammar(name):
    problem = problem_of(name)
    assert problem.title
    assert problem.text
    assert parse_calls(problem.methods)
    assert parse_calls(problem.measures)


def test_defaults_of_training():
    images, series = problem_of("mnist_maj").training, problem_of("box_earlier").training
    assert dataclasses.astuple(images) == (10, 0, 0, 50, 2e-3, "cosine", 0.2, "zero_logit")
    assert dataclasses.astuple(series) == (400, 8000, 50, 50, 1e-3, "constant", 0.1, "softmax")
    assert problem_of("digits_rows").training == series


def test_test_samples_of_the_majority_problem_are_the_same_for_every_seed():
    majority, box = problem_of("digits_maj"), problem_of("box_latter")
    assert [majority.seed_of(split, 7) for split in ("train", "validation", "test")] == [7, 7, 0]
    assert [box.seed_of(split, 7) for split in ("train", "validation", "test")] == [7, 7, 7]


def test_taking_samples():
    split = Split(np.arange(4), np.array([3, 2, 1, 0]), lengths=np.array([1, 2, 3, 4]))
    taken = split.take([2, 0])
    assert taken.x.tolist() == [2, 0]
    assert taken.y.tolist() == [1, 3]
    assert taken.evidence is None
    assert taken.lengths.tolist() == [3, 1]
    assert split.take(slice(2)).x.tolist() == [0, 1]


def test_a_name_of_before_is_answered_with_its_new_form():
    with pytest.raises(InputError, match=r"did you mean box_mixed\?; received 'mixed'$"):
        problem_of("mixed")


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_measures_of_a_row_are_in_their_table(name):
    from thesis_rnn.measures.measure import MEASURES

    assert {call.name for call in parse_calls(problem_of(name).measures)} <= set(MEASURES)
