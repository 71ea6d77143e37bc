"""Measures, and writes tables: python -m benchmarks [--only=cell,training] [--repeats=20] [--quick] [--nopeers]"""

import pathlib
import tempfile

from absl import flags

from benchmarks import machine, results
from benchmarks.environments import set_up
from benchmarks.measuring import Setup, say
from benchmarks.process import ROOT
from benchmarks.sections import ON_REQUEST, SECTIONS
from benchmarks.summary import summarise
from thesis_rnn.cli import front_end
from thesis_rnn.errors import InputError
from thesis_rnn.support import files

FLAGS = flags.FLAGS

flags.DEFINE_list("only", None, f"Sections to measure, of {', '.join(SECTIONS)}; all but the last by default.")
flags.DEFINE_integer("repeats", 20, "How often each contender is timed.", lower_bound=1)
flags.DEFINE_bool("quick", False, "Tiny sizes and two repeats: shows that everything runs, and measures nothing.")
flags.DEFINE_bool("peers", True, "Compare with other libraries, whose environments are set up.")
flags.DEFINE_integer("threads", None, "Threads of every contender; all cores by default.", lower_bound=1)
flags.DEFINE_string("output", None, "Folder of the results; benchmarks/results, with --quick runs/benchmarks.")


def main(_) -> None:
    unknown = sorted(set(FLAGS.only or []) - set(SECTIONS))
    if unknown:
        raise InputError(f"--only takes {', '.join(SECTIONS)}; received {', '.join(unknown)}")
    folder = pathlib.Path(FLAGS.output or (ROOT / "runs/benchmarks" if FLAGS.quick else results.RESULTS))
    pythons, absent = set_up(FLAGS.peers)
    threads = FLAGS.threads or len(machine.usable_cores())
    machine.pin(threads)
    with tempfile.TemporaryDirectory() as scratch:
        repeats = 2 if FLAGS.quick else FLAGS.repeats
        setup = Setup(pythons, absent, threads, repeats, FLAGS.quick, folder, pathlib.Path(scratch))
        for name in FLAGS.only or [name for name in SECTIONS if name not in ON_REQUEST]:
            say(SECTIONS[name].TITLE)
            others = machine.Others()
            findings = SECTIONS[name].measure(setup)
            record = results.keep(name, findings, others.cores(), setup)
            print(f"{results.render(SECTIONS[name], record)}\n", flush=True)
    summary = summarise(folder)
    results.write_page(folder, SECTIONS, summary)
    if folder == results.RESULTS:
        files.write_text(results.SUMMARY, results.summary_page(summary))
    say(f"written to {folder / results.PAGE}")


def run() -> None:
    front_end.run(main, __name__)
