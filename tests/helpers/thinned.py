"""Families of cases that run the same code: some of them every time, all of them with ``-m slow``."""

from collections.abc import Sequence

import pytest


def thinned(cases: Sequence, every: int = 3) -> list:
    """The cases as parameters, all but each ``every``-th marked slow; the first is always among those that run."""
    return [
        pytest.param(
            case, marks=() if place % every == 0 else pytest.mark.slow, id=getattr(case, "__name__", str(case))
        )
        for place, case in enumerate(cases)
    ]
