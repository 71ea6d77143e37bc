"""Results: a JSON file for each section, and one Markdown page made of those that are there."""

import datetime
import json
import pathlib

from benchmarks import machine
from benchmarks.measuring import Findings, Setup
from benchmarks.process import ROOT
from benchmarks.tables import missing_list
from thesis_rnn.support.files import write_json, write_text

PAGE = "results.md"
RESULTS = ROOT / "benchmarks" / "results"
SUMMARY = ROOT / "docs" / "results" / "benchmarks.md"
"""The page that shows, in short, what is measured into ``RESULTS``."""
BUSY = 0.1
"""How many cores other processes may use before a measurement is called disturbed."""


def keep(section: str, findings: Findings, others: float | None, setup: Setup) -> dict:
    """Writes what a section found, what it was measured with, and the cores that others used; returns the record."""
    record = {
        "section": section,
        "date": datetime.date.today().isoformat(),
        "machine": machine.describe(),
        "threads": setup.threads,
        "others": others,
        "repeats": setup.repeats,
        "quick": setup.quick,
        "versions": findings.versions,
        "missing": findings.missing,
        "rows": findings.rows,
    }
    write_json(setup.folder / f"{section}.json", record)
    return record


def read(folder: pathlib.Path, section: str) -> dict | None:
    """The record of a section, None if it was not measured."""
    path = folder / f"{section}.json"
    return json.loads(path.read_text()) if path.is_file() else None


def render(section, record: dict) -> str:
    """The Markdown text of one section: its tables, what is missing, and what it was measured with."""
    parts = [f"## {section.TITLE}", _warnings(record), section.tables(record), missing_list(record["missing"])]
    return "\n\n".join(part for part in [*parts, measured_with(record)] if part)


def measured_with(record: dict) -> str:
    """Date, machine, repeats and versions, in italics."""
    on = record["machine"]
    measured = (
        f"{record['date']}, {on['processor']}, {record['threads']} threads, {on['memory']}, {on['system']}, "
        f"Python {on['python']}; medians and quartiles of {record['repeats']} interleaved repeats. {_versions(record)}"
    )
    return f"*{measured.strip()}*"


def _warnings(record: dict) -> str:
    quick = "**A quick run at tiny sizes: no time means anything.** " if record["quick"] else ""
    timed = any("seconds" in row for row in record["rows"])
    disturbed = timed and record["others"] is not None and record["others"] > BUSY
    busy = f"**Other processes used {record['others']:.1f} cores meanwhile: measure again.**" if disturbed else ""
    return (quick + busy).strip()


def write_page(folder: pathlib.Path, sections: dict, summary: str) -> None:
    """Writes the page of all sections that have been measured, the ``summary`` first."""
    records = {name: read(folder, name) for name in sections}
    parts = [render(sections[name], record) for name, record in records.items() if record]
    text = "\n\n".join(["# Benchmarks", "Made by `python -m benchmarks`; see `benchmarks/README.md`.", summary, *parts])
    write_text(folder / PAGE, text + "\n")


def summary_page(summary: str) -> str:
    """The page ``SUMMARY``."""
    return f"""# Speed and correctness

How many explanations and updates a second `thesis_rnn` makes, beside libraries that compute the same on the same
machine; absolute numbers hold for that machine and hour only. Written by `./run_all.sh benchmark`, an hour or two.

{summary}

[All tables](../../benchmarks/results/results.md): also the deviation of each rule of each library from an oracle in
float64, stock LSTMs and GRUs, memory, start-up. [How it is measured, which libraries are wrong where, and what was
tried to make it faster](../../benchmarks/README.md).
"""


def _versions(record: dict) -> str:
    versions = {f"{name} {version}": None for each in record["versions"].values() for name, version in each.items()}
    return ", ".join(versions) + "." if versions else ""
