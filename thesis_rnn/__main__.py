"""``python -m thesis_rnn VERB``: the verbs of the command line."""

import importlib
import sys

VERBS = {
    "train": "train",
    "explain": "cli.explaining",
    "evaluate": "cli.evaluating",
    "report": "cli.reporting",
    "reproduce": "cli.reproducing",
    "boxes": "cli.box_training",
}


def main() -> None:
    verb = sys.argv.pop(1)
    sys.argv[0] = f"thesis_rnn {verb}"
    importlib.import_module(f"thesis_rnn.{VERBS[verb]}").run()


if __name__ == "__main__":
    main()
