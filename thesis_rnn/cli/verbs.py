"""The verbs of the command line, each in a file of its own."""

import importlib
import os
import sys

from thesis_rnn.support.hints import did_you_mean

VERBS = {
    "train": ("training", "train an architecture on a problem, then explain, evaluate and report it"),
    "explain": ("explaining", "explain a run's test samples, or a Keras model of your own"),
    "evaluate": ("evaluating", "score a run's explanations on its test set"),
    "judge": ("judging", "say which explanation of a model can be trusted: scores, a ranking, a recommendation"),
    "analyse": ("analysing", "say what a network does inside: gates, units, states, and what imitates it"),
    "mimic": ("mimicking", "say how well simple models imitate a network, and by which rules"),
    "prototypes": ("prototyping", "find what a class or a unit looks like to a run's model, or to your own"),
    "corpus": ("corpus_of_run", "report what explanations say of a run's whole test set, or how two runs differ"),
    "report": ("reporting", "draw a run's figures and TensorBoard logs from its files"),
    "reproduce": ("reproducing", "run a plan of trainings and draw the tables and figures of the papers"),
    "list": ("listing", "list problems, architectures, methods, measures, composites, analyses, covered-layers or zoo"),
    "verify": ("verifying", "compare a run's files, or those of all runs in a folder, with their digests"),
    "adopt": ("adopting", "make a finished run of an earlier version one of this version"),
}
"""Verb -> its module in this folder, and what it does."""


def main() -> None:
    """Runs the verb of the command line; without one, or with --help, tells what there is."""
    words = sys.argv[1:]
    if not words or words[0] in ("-h", "--help", "--helpshort", "--helpfull", "help"):
        _tell(usage())
        sys.exit(0 if words else "error: expected a verb, as in thesis-rnn train --arch=convrlstm_sd; received none")
    verb = words[0]
    if verb not in VERBS:
        hint = did_you_mean(verb, VERBS)
        sys.exit(f"error: unknown verb; known ones are {', '.join(VERBS)}{hint}; received {verb[:80]!r}")
    sys.argv = [f"thesis_rnn {verb}", *words[1:]]
    importlib.import_module(f"thesis_rnn.cli.{VERBS[verb][0]}").run()


def _tell(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:  # | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def usage() -> str:
    """The verbs with a line each."""
    width = max(map(len, VERBS))
    lines = [f"  {verb:{width}s}  {text}" for verb, (_, text) in VERBS.items()]
    head = "thesis-rnn VERB --flag=value ...; the flags of a verb: thesis-rnn VERB --help"
    return "\n".join([head, "", *lines])
