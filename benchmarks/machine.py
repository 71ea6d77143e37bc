"""The machine that a measurement was made on."""

import os
import pathlib
import platform
import time


def describe() -> dict[str, str]:
    """Processor, usable cores, memory and system."""
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _processor(),
        "cores": str(len(usable_cores())),
        "memory": f"{gibibytes:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "python": platform.python_version(),
    }


def usable_cores() -> list[int]:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def pin(threads: int) -> None:
    """Keeps this process, and those it starts, on as many cores as contenders have threads, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, usable_cores()[:threads])


class Others:
    """How many cores, on average, processes other than ours have used since this object was made.

    Our processes count once they have ended. None where the system does not tell.
    """

    def __init__(self):
        self._start = time.perf_counter(), _used_by_all(), _used_by_us()

    def cores(self) -> float | None:
        start, all_before, ours_before = self._start
        if all_before is None:
            return None
        others = _used_by_all() - all_before - (_used_by_us() - ours_before)
        return max(0.0, others) / (time.perf_counter() - start)


def _used_by_all() -> float | None:
    """Seconds that all cores together have worked since the system started."""
    statistics = pathlib.Path("/proc/stat")
    if not statistics.is_file():
        return None
    user, nice, system, _, _, interrupts, soft_interrupts, *_ = map(int, statistics.read_text().split()[1:9])
    return (user + nice + system + interrupts + soft_interrupts) / os.sysconf("SC_CLK_TCK")


def _used_by_us() -> float:
    return sum(os.times()[:4])


def _processor() -> str:
    information = pathlib.Path("/proc/cpuinfo")
    if information.is_file():
        names = [
            line.partition(":")[2].strip() for line in information.read_text().splitlines() if "model name" in line
        ]
        if names:
            return names[0]
    return platform.processor() or "unknown"
