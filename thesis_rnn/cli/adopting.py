"""Makes a finished run of an earlier version one of this version: python -m thesis_rnn adopt OLD_RUN NEW_RUN."""

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.errors import InputError

FLAGS = flags.FLAGS


def main(arguments) -> dict:
    if len(arguments) != 3:
        received = " ".join(arguments[1:]) or "none"
        raise InputError(f"expected two folders, as in thesis-rnn adopt OLD_RUN NEW_RUN; received {received}")
    from thesis_rnn.runs.adopting import adopt_run

    folder = adopt_run(*arguments[1:])
    print(f"The run is in {folder.path}")
    return {"run": folder.path}


def run() -> None:
    front_end.run(main, __name__, words=True)
