"""The contender's side of a measurement: a process that loads jobs and runs them when it is told to.

One line of JSON each way, over standard input and output:

    {"load": {...}, "id": "a"}        -> {"seconds": 1.2}      builds the job and runs it once: the first call
    {"time": "a"}                     -> {"seconds": 0.01}     runs it once more; its own seconds if it returns some
    {"save": "a", "path": "out.npy"}  -> {}                    runs it and saves what it returns
    {"about": true}                   -> {"versions": {...}, "peak_bytes": 1}

What goes wrong is answered by {"refused": "the reason"}. Only the standard library and NumPy are imported here: each
contender lives in an environment of its own.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable

import numpy as np

from thesis_rnn.support import memory

Job = Callable[[], np.ndarray | float | None]
BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024  # of getrusage's ru_maxrss


class NotOffered(Exception):
    """The library has no such rule or layout, or refuses it; the message says which."""


def threads() -> int:
    """The number of threads that every contender may use."""
    return int(os.environ["BENCHMARK_THREADS"])


def serve(load: Callable[[dict], Job], versions: dict[str, str]) -> None:
    """Answers requests until there are no more; ``load`` makes a job of its description."""
    # What libraries print must not look like an answer.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        memory.keep_freed_memory()  # as the package's own programs do; the others profit as well
        jobs: dict[str, Job] = {}
        for line in sys.stdin:
            print(json.dumps(_answer(json.loads(line), jobs, load, versions)), file=answers, flush=True)


def _answer(request: dict, jobs: dict[str, Job], load, versions: dict[str, str]) -> dict:
    try:
        if "load" in request:
            start = time.perf_counter()
            job = load(request["load"])
            job()
            jobs[request["id"]] = job
            return {"seconds": time.perf_counter() - start}
        if "time" in request:
            start = time.perf_counter()
            own = jobs[request["time"]]()
            return {"seconds": own if isinstance(own, float) else time.perf_counter() - start}
        if "save" in request:
            np.save(request["path"], jobs[request["save"]]())
            return {}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_PER_UNIT
        return {"versions": versions, "peak_bytes": peak}
    except NotOffered as reason:
        return {"refused": str(reason)}
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"}
