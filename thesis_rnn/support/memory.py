"""How the process asks the system for memory."""

import ctypes
import platform

# From malloc.h: parameters of mallopt.
TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3


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
