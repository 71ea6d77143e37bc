"""Interleaved timings: what is compared is measured in turns, so that a busy machine slows all of it alike."""

import time
from collections.abc import Callable

import numpy as np


def interleaved(contenders: dict[str, Callable[[], None]], repeats: int, warm_up: int = 1) -> dict[str, np.ndarray]:
    """Seconds of each contender's calls [repeats], in the order A B C A B C ...; warm-up calls are not counted."""
    for _ in range(warm_up):
        for call in contenders.values():
            call()
    seconds = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, call in contenders.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    return {name: np.array(times) for name, times in seconds.items()}


def quartiles(seconds: np.ndarray) -> tuple[float, float, float]:
    """The lower quartile, the median and the upper quartile."""
    return tuple(float(value) for value in np.percentile(seconds, (25, 50, 75)))
