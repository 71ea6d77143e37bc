"""The seconds of an explanation."""

import time

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.measures import Scored
from thesis_rnn.measures.cost.timing import seconds

X = np.ones((4, 3, 1))


def test_the_second_explanation_is_timed_and_shared_by_its_samples():
    pauses = [0.2, 0.04]

    def explain(x, target):
        time.sleep(pauses.pop(0))
        return x

    found = seconds(Scored(X, X, np.zeros(4, int), explain=explain))
    assert not pauses
    assert (found == found[0]).all()
    assert 0.01 <= found[0] < 0.05  # 0.04 s over four samples, and not the 0.2 s of the first one


def test_without_a_method_it_is_refused():
    with pytest.raises(InputError, match=r"^seconds asks the method again; received none$"):
        seconds(Scored(X, X, np.zeros(4, int)))
