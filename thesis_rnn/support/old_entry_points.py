"""Modules that were programs: running one prints the command of now, importing one raises it.

They have no files, so that ``thesis_rnn.explain`` can only be the function. Python looks for them when it imports or
runs ``thesis_rnn.<name>``, which ends at the finder below.
"""

import importlib.abc
import importlib.machinery
import sys

from thesis_rnn.support.old_names import ENTRY_POINTS, refusal_of_entry_point

PACKAGE = "thesis_rnn"


class OldEntryPoints(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds the modules of ``ENTRY_POINTS`` that have no file, whose code is one line that shows the new form."""

    def find_spec(self, fullname, path=None, target=None):
        package, _, name = fullname.rpartition(".")
        if package != PACKAGE or name not in ENTRY_POINTS:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin="thesis_rnn.support.old_names")

    def get_code(self, fullname):
        """What ``python -m`` runs: the line, and exit status 1."""
        line = refusal_of_entry_point(fullname.rpartition(".")[2], f"python -m {fullname}")
        return compile(f"import sys\nsys.exit({f'error: {line}'!r})", fullname, "exec")

    def get_source(self, fullname):
        return None

    def create_module(self, spec):
        name = spec.name.rpartition(".")[2]
        raise ImportError(refusal_of_entry_point(name, f"import {spec.name}"), name=spec.name)

    def exec_module(self, module):
        raise ImportError(f"{module.__name__} is no module")


def install() -> None:
    """Puts the finder behind Python's own."""
    if not any(isinstance(finder, OldEntryPoints) for finder in sys.meta_path):
        sys.meta_path.append(OldEntryPoints())


def main() -> None:
    """The console scripts ``thesis-rnn-*`` of before: the line, and exit status 1."""
    import pathlib

    script = pathlib.Path(sys.argv[0]).stem
    name = script.removeprefix("thesis-rnn-")
    sys.exit(f"error: {refusal_of_entry_point(name, script)}")
