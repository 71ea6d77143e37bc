"""What the verbs share: running ``main`` so that the user's mistakes end in one line, and flags from settings."""

import contextlib
import io
import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any

from absl import app, flags

from thesis_rnn.cli.outcomes import Outcome, as_json
from thesis_rnn.errors import InputError, one_line
from thesis_rnn.runs.options import kind_of
from thesis_rnn.runs.settings import FLAGS as SETTINGS
from thesis_rnn.support import progress
from thesis_rnn.support.old_names import FLAGS as OLD_FLAGS
from thesis_rnn.support.old_names import check_no_old_flag
from thesis_rnn.support.quiet_start import import_tensorflow_quietly
from thesis_rnn.support.tuning import tune_process

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended, by the shell's convention."""
PIPE_CLOSED = 141
"""That of one whose output nobody reads any more, as in ``thesis-rnn list methods | head -3``: 128 + SIGPIPE."""
HELP = ("--help", "-h", "--helpshort")

flags.DEFINE_bool("quiet", False, "Show no progress.")
flags.DEFINE_bool("json", False, "Print the result as one JSON object instead of text.")
OF_EVERY_VERB = ("quiet", "json")


def run(
    main: Callable[[list[str]], Any], module: str, if_interrupted: str = "interrupted", words: bool = False
) -> None:
    """Runs ``main`` with absl's flags; an ``InputError`` is one line on standard error and exit status 1.

    Ctrl-C prints the line ``if_interrupted`` and exits with status ``INTERRUPTED``.

    Args:
      main: gets the words of the command line that are no flags, the program's name first; prints the result in words,
        and returns it as data, or as an ``Outcome`` that says what failed.
      module: the name of the verb's module, whose docstring and flags --help shows.
      if_interrupted: what Ctrl-C prints.
      words: whether the verb takes words beside flags.
    """
    # TensorFlow's start-up messages would bury ours, and on a processor without GPU one of them looks like an error.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for stream in (sys.stdout, sys.stderr):  # names of files need not be letters of the terminal
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    import_tensorflow_quietly()
    tune_process()
    for name in OF_EVERY_VERB:
        flags.FLAGS.register_key_flag_for_module(module, flags.FLAGS[name])
    if set(HELP) & set(sys.argv[1:]):
        text = f"{sys.modules[module].__doc__}\n{flags.FLAGS.module_help(module)}"
        _guarded(lambda arguments: print(text), [], if_interrupted, words)
        sys.exit(0)
    _guarded(_check_flags, sys.argv, if_interrupted, True)
    carried_out = _carrying_out(main, module.rpartition(".")[2])
    app.run(lambda arguments: _guarded(carried_out, arguments, if_interrupted, words), flags_parser=_parsed)


def _parsed(arguments: list[str]) -> list[str]:
    """The words that are no flags; flags that absl refuses are one line, as any other mistake."""
    try:
        return flags.FLAGS(arguments)
    except flags.Error as error:
        sys.exit(f"error: {one_line(f'expected flags as --help lists them; received {error}')}")


def _carrying_out(main: Callable[[list[str]], Any], doing: str) -> Callable[[list[str]], None]:
    """``main`` under a line that says what is done, with its result as --json asks for it."""

    def carried_out(arguments: list[str]) -> None:
        if flags.FLAGS.quiet:
            progress.silence()
        told = contextlib.redirect_stdout(io.StringIO()) if flags.FLAGS.json else contextlib.nullcontext()
        with progress.watched(doing), told:
            result = main(arguments)
        outcome = result if isinstance(result, Outcome) else Outcome(result)
        if flags.FLAGS.json:
            print(as_json(outcome.data), end="")
        if outcome.error:
            raise InputError(outcome.error)

    return carried_out


def _guarded(main: Callable[[list[str]], Any], arguments: list[str], if_interrupted: str, words: bool) -> None:
    try:
        if len(arguments) > 1 and not words:
            raise InputError(f"expected flags of the form --name=value; received {' '.join(arguments[1:])}")
        main(arguments)
        print(end="", flush=True)  # here, where a closed pipe is caught
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to write disturbs nobody
        sys.exit(PIPE_CLOSED)
    except (InputError, OSError) as error:  # OSError: a full disk, a missing permission
        sys.exit(f"error: {one_line(error)}")
    except MemoryError as error:
        sys.exit(f"error: {one_line(f'the memory is too small, ask for less or end other programs; received {error}')}")
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C has nothing left to end
        print(f"\n{if_interrupted}", file=sys.stderr)  # below a progress bar
        sys.exit(INTERRUPTED)


def _check_flags(arguments: list[str]) -> None:
    """Refuses flags of before with their new form, on the command line and in flagfiles."""
    try:
        arguments = flags.FLAGS.read_flags_from_files(arguments[1:], force_gnu=True)
    except flags.Error:  # told where they are parsed
        arguments = arguments[1:]
    for argument in arguments:
        name = argument.lstrip("-").partition("=")[0]
        if argument.startswith("-") and name in OLD_FLAGS and name not in flags.FLAGS:
            check_no_old_flag(name)


def define_settings() -> None:
    """Defines a flag for each setting; None, its default where the problem decides, is told in words."""
    for name, (_, _, item) in SETTINGS.items():
        text = item.metadata["help"]
        if item.default is None:
            text = f"{text} Default: {_by_problem(name)}."
        _DEFINE[kind_of(item)](name, item.default, text)


def _by_problem(name: str) -> str:
    """The defaults of a flag by problem: "10 for mnist_maj, ...; 400 for box_earlier, ..."."""
    from thesis_rnn.data import PROBLEMS, problem_of

    problems = {problem: PROBLEMS[problem] for problem in PROBLEMS} | {"file:PATH": problem_of("file:PATH")}
    if not hasattr(problems["file:PATH"], name) and not hasattr(problems["file:PATH"].training, name):
        return "the problem's own"
    values: dict[str, list[str]] = {}
    for problem, row in problems.items():
        value = getattr(row, name, None) if hasattr(row, name) else getattr(row.training, name)
        values.setdefault(f"{value}", []).append(problem)
    return "; ".join(f"{value or 'all usual ones'} for {_shortened(names)}" for value, names in values.items())


def _shortened(names: list[str]) -> str:
    if len(names) <= 6:
        return ", ".join(names)
    return f"{', '.join(names[:2])} and {len(names) - 2} more, to {names[-1]}"


def define_run_flags(default_folder: str) -> None:
    """Defines --run_dir, --overwrite and --resume for a program that trains into a run folder."""
    flags.DEFINE_string("run_dir", None, f"Folder of the run. Default: {default_folder}.")
    flags.DEFINE_bool("overwrite", False, "Replace the run in the folder; removes only what a run made.")
    flags.DEFINE_bool("resume", False, "Continue an interrupted run, with the settings that its folder holds.")


def define_own_code() -> None:
    """Defines the flags of a verb that loads a model of the user's own."""
    text = "With --model: a Python file that registers your own layers; may be repeated."
    flags.DEFINE_multi_string("import", [], text)
    flags.DEFINE_bool("unsafe", False, "With --model: also load Lambda layers, which run code that the file holds.")


def own_model(path: str):
    """The model that --model names, a file or zoo:NAME, with --import and --unsafe."""
    from thesis_rnn.support.own_code import run_file
    from thesis_rnn.training.zoo import load

    for file in flags.FLAGS["import"].value:
        run_file(file)
    return load(path, unsafe=flags.FLAGS.unsafe)


def check_run_flags() -> None:
    """Refuses to replace and continue a run at once."""
    if flags.FLAGS.overwrite and flags.FLAGS.resume:
        raise InputError("a run is either replaced or continued; received --overwrite and --resume")


def asks_for_run(done: str) -> bool:
    """Whether --run_dir, and not --model, says what is ``done``.

    Raises:
      InputError: if both are given, or neither.
    """
    run_dir, model = flags.FLAGS.run_dir, flags.FLAGS.model
    if bool(run_dir) == bool(model):
        received = "both" if run_dir else "neither"
        raise InputError(f"either --run_dir, a run, or --model, a model of your own, is {done}; received {received}")
    return bool(run_dir)


def check_files_of_model() -> None:
    """Refuses a --model without what it is asked about and where the answer goes.

    Raises:
      InputError: with the flags that are missing.
    """
    missing = [f"--{name}" for name in ("input", "out_dir") if not flags.FLAGS[name].value]
    if missing:
        raise InputError(f"--model needs --input and --out_dir; received none for {', '.join(missing)}")


def refuse_flags(names: Iterable[str], expected: str) -> None:
    """Refuses those of the flags ``names`` that were given, in the words ``expected``.

    Raises:
      InputError: with their names.
    """
    given = [f"--{name}" for name in names if flags.FLAGS[name].present]
    if given:
        raise InputError(f"{expected}; received {', '.join(given)}")


def define_replacements(*names: str) -> None:
    """Defines the settings ``names`` for a later stage; by default it does as the run does."""
    for name in names:
        item = SETTINGS[name][2]
        _DEFINE[kind_of(item)](name, None, f"{item.metadata['help']} If not given, the run's own.")


def named() -> dict[str, object]:
    """The settings that the command line or a flagfile names, with their values."""
    known = [name for name in SETTINGS if name in flags.FLAGS]
    return {name: flags.FLAGS[name].value for name in known if flags.FLAGS[name].present}


_DEFINE = {int: flags.DEFINE_integer, float: flags.DEFINE_float, str: flags.DEFINE_string}
