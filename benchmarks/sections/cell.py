"""Explanations of the recurrent ReLU cell, beside libraries that explain unrolled copies of it."""

from benchmarks import cases
from benchmarks.measuring import CAPTUM, INNVESTIGATE, OWN, OWN_XLA, ZENNIT, Findings, Setup, compare, passive, started
from benchmarks.tables import explaining_table

TITLE = "Explaining a ReLU cell over 12 steps, 196 -> 256"
CONTENDERS = (OWN, OWN_XLA, ZENNIT, passive(ZENNIT), CAPTUM, passive(CAPTUM), INNVESTIGATE)


def measure(setup: Setup) -> Findings:
    findings = Findings()
    with started(CONTENDERS, setup, findings) as running:
        compare(running, list(cases.RULES), job(setup), setup, findings)
    for row in findings.rows:
        row["samples"] = setup.sized(500, 8)
    return findings


def job(setup: Setup) -> dict:
    """The cell with its weights and inputs, unrolled for those who need it so."""
    arrays = cases.cell(setup.sized(500, 8), **setup.sized({}, {"steps": 3, "features": 16, "units": 24}))
    return {"case": "cell", "layout": "unrolled", "file": setup.save("cell", arrays)}


def tables(record: dict) -> str:
    samples = record["rows"][0]["samples"]
    text = f"{samples} samples at once, not negative, without biases. The ratio is to the library's own first row."
    return f"{text}\n\n{explaining_table(record['rows'], ())}"
