"""How a process runs TensorFlow fast: what the package's own programs do, and others may."""

import os
import sys

from thesis_rnn.support.memory import keep_freed_memory

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"


def tune_process() -> str:
    """Lets TensorFlow use oneDNN, and the allocator keep freed memory; to be called before TensorFlow is imported.

    oneDNN is used by itself only on newer Intel processors; elsewhere convolutions take half as long again without it.
    Beyond 128 KiB glibc maps and unmaps memory at every allocation (see ``keep_freed_memory``). A variable
    ``TF_ENABLE_ONEDNN_OPTS`` that is set already stays as it is. A library does neither on its user's behalf.

    Returns:
      What was done, or that it came too late, in one line.

    Example:
      >>> "memory" in tune_process()
      True
    """
    loaded, chosen = "tensorflow" in sys.modules, os.environ.get(ONEDNN)
    if chosen is not None:
        onednn = f"{ONEDNN}={chosen} was set before"
    elif loaded:
        onednn = "oneDNN as it was: TensorFlow is loaded already, call tune_process before importing it"
    else:
        os.environ[ONEDNN] = "1"
        onednn = "oneDNN is on"
    memory = "freed memory is kept" if keep_freed_memory() else "memory as it was: only glibc can keep it"
    return f"{onednn}; {memory}"
