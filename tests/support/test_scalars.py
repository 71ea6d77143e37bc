"""Numbers apart from the structure of what is computed."""

from dataclasses import dataclass
from typing import Any

import pytest

from thesis_rnn.support.scalars import count, is_zero, number, scalars_of, structure_of, with_scalars


@dataclass(frozen=True)
class Inner:
    """Refuses what is negative."""

    size: float = number(1.0)
    part: float = number(0.0, zero_apart=True)
    kind: str = "plain"

    def __post_init__(self):
        if self.size < 0:
            raise ValueError(self.size)


@dataclass(frozen=True)
class Outer:
    """Has others within."""

    inner: Inner = Inner()
    named: tuple = ()
    bound: Any = number(None)
    times: int = count(3)
    fixed: float = 0.5


OUTER = Outer(Inner(2.0, 0.25), (("a", Inner(3.0)),), 4)


def test_numbers_stand_in_the_order_of_fields():
    # 2 and .25 of the inner one, 3 of the named one (its part is 0, which is structure), the bound, the count.
    assert scalars_of(OUTER) == [2.0, 0.25, 3.0, 4.0, 3]
    assert [type(value) for value in scalars_of(OUTER)[-2:]] == [float, int]
    assert scalars_of(Outer()) == [1.0, 3]


def test_others_can_stand_in_their_place_without_being_checked():
    filled = with_scalars(OUTER, iter(["a", "b", "c", "d", "e"]))
    assert (filled.inner.size, filled.inner.part, filled.named[0][1].size) == ("a", "b", "c")
    assert (filled.bound, filled.times, filled.fixed) == ("d", "e", 0.5)
    assert filled.named[0][1].part == 0.0
    assert scalars_of(OUTER) == [2.0, 0.25, 3.0, 4.0, 3]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (Outer(Inner(7.0, 0.5), (("a", Inner(1.0)),), 2), True),
        (Outer(Inner(2.0, 0.0), (("a", Inner(3.0)),), 4), False),
        (Outer(Inner(2.0, 0.25), (("b", Inner(3.0)),), 4), False),
        (Outer(Inner(2.0, 0.25), (("a", Inner(3.0)),), (4, 5)), False),
        (Outer(Inner(2.0, 0.25, "other"), (("a", Inner(3.0)),), 4), False),
        (Outer(Inner(2.0, 0.25), (("a", Inner(3.0)),), 4, fixed=0.6), False),
        (Outer(Inner(2.0, 0.25), (("a", Inner(3.0)),), 4, 9), True),
    ],
)
def test_structure_is_everything_else(other, same):
    assert (structure_of(other) == structure_of(OUTER)) == same
    assert len({structure_of(other), structure_of(OUTER)}) == 2 - same


def test_zero_is_that_of_a_number():
    assert is_zero(0)
    assert is_zero(0.0)
    assert not is_zero(1e-9)
    assert not is_zero("a tensor")
