"""TensorFlow's start without its log lines, which would stand above the one line that a program has to say."""

import importlib.machinery
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from thesis_rnn.support.progress import during

NOISE = re.compile(
    rb"WARNING: All log messages before absl|To enable the following instructions"
    rb"|[IE]\d{4} .*(cudart_stub|cuda_platform|cpu_feature_guard|port)\.cc"
)
"""The beginnings of lines that TensorFlow writes when it is imported on a machine without a GPU; no variable silences
them."""


def import_tensorflow_quietly() -> None:
    """Drops ``NOISE`` from standard error while TensorFlow is imported, whenever that is; other lines are passed on."""
    if "tensorflow" not in sys.modules and not any(isinstance(finder, _Quiet) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Quiet())


class _Quiet:
    """Finds TensorFlow as Python does, once, and lets it load quietly."""

    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def quietly(module):
            with during("loading TensorFlow"), _without_noise():
                load(module)

        spec.loader.exec_module = quietly
        return spec


@contextmanager
def _without_noise() -> Iterator[None]:
    """A block in which what arrives at standard error, from C++ as well, waits until its end."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        own = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(own, 2)
            os.close(own)
            kept.seek(0)
            for line in kept.read().splitlines(keepends=True):
                if not NOISE.match(line):
                    os.write(2, line)
