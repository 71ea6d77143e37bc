"""How the process asks the system for memory, and how much there is."""

import contextlib
import ctypes
import pathlib
import platform
import sys

# From malloc.h: parameters of mallopt.
TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3
UNKNOWN = 1 << 33
"""Bytes that are taken to be free where the system does not say."""


def keep_freed_memory() -> bool:
    """Lets the allocator keep freed memory for the next step of a training instead of giving it back to the system.

    TensorFlow allocates every activation anew; beyond 128 KiB glibc maps and unmaps each of them, and the system then
    clears every page: over a third of the processor's time in ConvR-LSTM's training. To be called by programs, not by
    a library on its user's behalf. Returns whether it took effect: only glibc has these settings.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    settings = {MMAP_THRESHOLD: 1 << 30, TRIM_THRESHOLD: (1 << 31) - 1, TOP_PAD: 1 << 26}
    return all(mallopt(parameter, value) for parameter, value in settings.items())


def available() -> int:
    """Bytes that may still be allocated: what the system has free, or less where the process has a limit of its own."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = pathlib.Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
        return min(free, _own_limit())
    return UNKNOWN


def _own_limit() -> int:
    """What ``ulimit -v`` leaves of the process' addresses."""
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return sys.maxsize
    used = int(pathlib.Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    return max(limit - used, 0)
