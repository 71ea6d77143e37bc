"""What the front ends share: running ``main`` so that the user's mistakes end in one line, and flags from settings."""

import dataclasses
import os
import sys
from collections.abc import Callable

from absl import app, flags

from thesis_rnn.errors import InputError
from thesis_rnn.support import memory

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended, by the shell's convention."""


def run(main: Callable[[list[str]], None], if_interrupted: str = "interrupted") -> None:
    """Runs ``main`` with absl's flags; an ``InputError`` is one line on standard error and exit status 1.

    Ctrl-C prints the line ``if_interrupted`` and exits with status ``INTERRUPTED``.
    """
    # TensorFlow's start-up messages would bury ours, and on a processor without GPU one of them looks like an error.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # TensorFlow uses oneDNN by itself only on newer Intel processors; elsewhere convolutions take half as long again
    # without it: benchmarks/README.md.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    memory.keep_freed_memory()
    app.run(lambda arguments: _guarded(main, arguments, if_interrupted))


def _guarded(main: Callable[[list[str]], None], arguments: list[str], if_interrupted: str) -> None:
    try:
        if len(arguments) > 1:
            raise InputError(f"expected flags of the form --name=value; received {' '.join(arguments[1:])}")
        main(arguments)
    except (InputError, OSError) as error:  # OSError: a full disk, a missing permission
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print(f"\n{if_interrupted}", file=sys.stderr)  # below a progress bar
        sys.exit(INTERRUPTED)


def define_flags(settings: type) -> None:
    """Defines a flag for each field of the dataclass ``settings``, with its default and its help."""
    for item in dataclasses.fields(settings):
        _DEFINE[item.type](item.name, item.default, item.metadata["help"])


def define_run_flags(default_folder: str) -> None:
    """Defines --run_dir, --overwrite and --resume for a program that trains into a run folder."""
    flags.DEFINE_string("run_dir", None, f"Folder of the run. Default: {default_folder}.")
    flags.DEFINE_bool("overwrite", False, "Replace the run folder if it exists.")
    flags.DEFINE_bool("resume", False, "Continue an interrupted run, with the settings that its folder holds.")


def check_run_flags() -> None:
    """Refuses to replace and continue a run at once."""
    if flags.FLAGS.overwrite and flags.FLAGS.resume:
        raise InputError("a run is either replaced or continued; received --overwrite and --resume")


def define_replacements(settings: type, *names: str) -> None:
    """Defines the flags ``names`` of ``settings`` for a later stage; by default it does as the run does."""
    for item in dataclasses.fields(settings):
        if item.name in names:
            _DEFINE[item.type](item.name, None, f"{item.metadata['help']} If not given, the run's own.")


def named(settings: type) -> dict[str, object]:
    """The fields of ``settings`` that the command line or a flagfile names, with their values."""
    known = [item.name for item in dataclasses.fields(settings) if item.name in flags.FLAGS]
    return {name: flags.FLAGS[name].value for name in known if flags.FLAGS[name].present}


_DEFINE = {int: flags.DEFINE_integer, float: flags.DEFINE_float, str: flags.DEFINE_string}
