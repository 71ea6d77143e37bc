"""Interleaved timings: what is compared is measured in turns, so that a busy machine slows all of it alike."""

from collections.abc import Callable

import numpy as np


def interleaved(contenders: dict, repeats: int, warm_up: int = 1) -> dict:
    """Seconds that each contender's calls report [repeats], in the order A B C A B C ...; warm-up is not counted."""
    for _ in range(warm_up):
        for call in contenders.values():
            call()
    seconds = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, call in contenders.items():
            seconds[name].append(call())
    return {name: np.array(times) for name, times in seconds.items()}


def repeated(call: Callable[[], float], repeats: int) -> np.ndarray:
    """Seconds of ``repeats`` calls, after one that warms up."""
    return interleaved({"": call}, repeats)[""]


def quartiles(seconds: np.ndarray) -> tuple[float, float, float]:
    """The lower quartile, the median and the upper quartile."""
    return tuple(float(value) for value in np.percentile(seconds, (25, 50, 75)))
