"""What the front ends share: running ``main`` so that the user's mistakes end in one line, and common flags."""

import dataclasses
import os
import sys
from collections.abc import Callable

from absl import app, flags

from thesis_rnn.errors import InputError

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended, by the shell's convention."""


def run(main: Callable[[list[str]], None]) -> None:
    """Runs ``main`` with absl's flags; an ``InputError`` is one line on standard error and exit status 1."""
    # TensorFlow's start-up messages would bury ours; a user who wants them sets the variable.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    app.run(lambda arguments: _guarded(main, arguments))


def _guarded(main: Callable[[list[str]], None], arguments: list[str]) -> None:
    try:
        if len(arguments) > 1:
            raise InputError(f"expected flags of the form --name=value; received {' '.join(arguments[1:])}")
        main(arguments)
    except InputError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print("\ninterrupted; a training goes on with --resume", file=sys.stderr)
        sys.exit(INTERRUPTED)


def define_flags(settings: type, *names: str, **defaults) -> None:
    """Defines the flags that fields of ``settings`` describe: those of ``names``, or all, with other ``defaults``."""
    define = {int: flags.DEFINE_integer, float: flags.DEFINE_float, str: flags.DEFINE_string}
    for item in dataclasses.fields(settings):
        if not names or item.name in names:
            define[item.type](item.name, defaults.get(item.name, item.default), item.metadata["help"])
