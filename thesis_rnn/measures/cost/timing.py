"""What an explanation costs."""

import time

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.measures.measure import Scored


def seconds(scored: Scored) -> np.ndarray:
    """t / n seconds, [n], all alike: t is the wall time of explaining n samples, once it is compiled.

    Of two explanations the second is timed. Other work on the machine counts too.

    Args:
      scored: samples and the method itself, ``explain``.

    Returns:
      The time of all samples over their number.

    Raises:
      InputError: where no method is at hand.

    Example:
      >>> x = np.ones((2, 3, 1))
      >>> bool((seconds(Scored(x, x, np.array([0, 0]), explain=lambda x, target: x)) >= 0).all())
      True
    """
    if scored.explain is None:
        raise InputError("seconds asks the method again; received none")
    scored.explain(scored.x, scored.target)
    began = time.perf_counter()
    scored.explain(scored.x, scored.target)
    return np.full(len(scored.x), (time.perf_counter() - began) / max(len(scored.x), 1))
