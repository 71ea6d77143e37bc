"""How long the package takes to start."""

import subprocess
import sys
import time

from benchmarks.measuring import Findings, Setup
from benchmarks.process import ROOT
from benchmarks.tables import milliseconds
from benchmarks.timing import interleaved
from thesis_rnn.reporting.tables import markdown_table

TITLE = "Start-up"
COMMANDS = {
    "python -c 'pass'": ("-c", "pass"),
    "import thesis_rnn": ("-c", "import thesis_rnn"),
    "python -m thesis_rnn.train --help": ("-m", "thesis_rnn.train", "--help"),
}


def measure(setup: Setup) -> Findings:
    seconds = interleaved(
        {name: lambda command=command: _seconds(*command) for name, command in COMMANDS.items()}, setup.repeats
    )
    return Findings([{"command": name, "seconds": times.tolist()} for name, times in seconds.items()])


def _seconds(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def tables(record: dict) -> str:
    return markdown_table(
        ["command", "ms", "quartiles"], [[row["command"], *milliseconds(row)] for row in record["rows"]]
    )
